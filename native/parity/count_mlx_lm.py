"""Counts the operations of mlx-lm's decode step, as `EXO_STEP_COUNTERS=1` counts the engine's.

    count_mlx_lm.py FOLDER ...

Prints one line of JSON for each model: {"model": "...", "primitives": 399}.
"""
import json
import re
import sys
import tempfile
from pathlib import Path

import mlx.core as mx
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import load_model

PROMPT_TOKENS = 40
NODE = re.compile(r'(\d+) \[label ?= ?"([^"]+)", shape=rectangle\]')


def count(outputs):
    with tempfile.NamedTemporaryFile("r", suffix=".dot") as file:
        mx.export_to_dot(file.name, *outputs)
        return sum(1 for line in file if NODE.search(line))


def decode_primitives(folder):
    model, _ = load_model(Path(folder))
    mx.eval(model.parameters())
    cache = make_prompt_cache(model)

    def step(tokens):
        logits = model(tokens[None], cache=cache)[:, -1, :]
        logprobs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        return mx.argmax(logprobs, axis=-1), logprobs

    token, _ = step(mx.array([(index * 7) % 200 for index in range(PROMPT_TOKENS)]))
    mx.eval(token)
    for _ in range(2):
        token, logprobs = step(token)
        primitives = count([token, logprobs])
        mx.eval(token)
    return primitives


if __name__ == "__main__":
    mx.set_default_device(mx.cpu)
    for name in sys.argv[1:]:
        print(json.dumps({"model": Path(name).name, "primitives": decode_primitives(name)}), flush=True)
