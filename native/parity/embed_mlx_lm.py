"""Embeds prompts with mlx-lm, as the engine does by its poolings.

    embed_mlx_lm.py FOLDER ...

Prints one line of JSON for each model: {"model": "...", "prompts": [{"tokens": [...], "first": [...], "last": [...], "mean": [...]}]}.
"""

import json
import sys
from pathlib import Path

import mlx.core as mx
from mlx_lm.utils import load_model

LENGTHS = (1, 7, 90)


def direction(vector):
    vector = vector.astype(mx.float32)
    return (vector / mx.linalg.norm(vector)).tolist()


def embed(folder):
    model, config = load_model(Path(folder))
    prompts = []
    for length in LENGTHS:
        tokens = [(index * 37 + length) % config["vocab_size"] for index in range(length)]
        # After the final norm, and before the head.
        states = model.model(mx.array([tokens]))[0].astype(mx.float32)
        prompts.append(
            {
                "tokens": tokens,
                "first": direction(states[0]),
                "last": direction(states[-1]),
                "mean": direction(states.mean(axis=0)),
            }
        )
    return prompts


if __name__ == "__main__":
    mx.set_default_device(mx.cpu)
    for name in sys.argv[1:]:
        print(json.dumps({"model": Path(name).name, "prompts": embed(name)}), flush=True)
