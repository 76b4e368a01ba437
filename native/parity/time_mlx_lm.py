"""Measures the processor time that mlx-lm's host thread takes for a decode step, and counts the step's operations.

    time_mlx_lm.py FOLDER SEQUENCES

Prints one line of JSON: {"hostMs": 9.7, "primitives": 3700}. The time is the median of the steps.
"""
import importlib
import json
import statistics
import sys
import time
from pathlib import Path

import mlx.core as mx
from count_mlx_lm import count
from mlx_lm.utils import load_model

PROMPT_TOKENS = 40
STEPS = 40
COUNTED_STEP = 30

generate = importlib.import_module("mlx_lm.generate")


def arrays_of(values):
    for value in values:
        if isinstance(value, mx.array):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from arrays_of(value)


def measure(folder, sequences):
    model, _ = load_model(Path(folder))
    mx.eval(model.parameters())
    generator = generate.BatchGenerator(model, max_tokens=STEPS)
    prompts = [[(index * 7 + salt * 13) % 200 for index in range(PROMPT_TOKENS)] for salt in range(sequences)]
    generator.insert(prompts, [STEPS] * sequences)
    launch, counted, launches = mx.async_eval, [], 0

    def counting(*outputs):
        nonlocal launches
        launches += 1
        if launches == COUNTED_STEP:
            counted.append(count(list(arrays_of(outputs))))
        return launch(*outputs)

    times = []
    generate.mx.async_eval = counting
    for _ in range(STEPS):
        before = time.thread_time()
        generator.next()
        times.append(1000 * (time.thread_time() - before))
    generate.mx.async_eval = launch
    # The first steps read the prompts, and the last ones end the sequences.
    return {"hostMs": statistics.median(times[10:-5]), "primitives": counted[0]}


if __name__ == "__main__":
    mx.set_default_device(mx.cpu)
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))), flush=True)
