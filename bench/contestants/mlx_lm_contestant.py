"""mlx-lm as a contestant: mlx_lm_contestant.py MODEL_DIR.

Prints {"ready": true}, then answers each line {"promptTokenIds", "maxTokens"} of standard input with {"tokenSeconds"}:
for each token, the seconds since the line was read.
"""
import json
import sys
import time

from mlx_lm import load, stream_generate

model, tokenizer = load(sys.argv[1])
tokenizer._eos_token_ids = set()  # like mlx_lm.benchmark: no token ends a run


def run(prompt_token_ids, max_tokens):
    start = time.perf_counter()
    times = []
    for _ in stream_generate(model, tokenizer, prompt_token_ids, max_tokens=max_tokens):
        times.append(time.perf_counter() - start)
    return times


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"tokenSeconds": run(request["promptTokenIds"], request["maxTokens"])}), flush=True)
