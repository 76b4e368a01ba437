"""Runs two ranks of MLX's ring alone: mlx_group.py VALUES ROUNDS, with MLX_HOSTFILE and MLX_RANK set.

Rank 0 prints {"pingPongSeconds", "allSumSeconds"}: the median times of a round trip and of a sum over both ranks,
for a vector of VALUES float32.
"""

import json
import statistics
import sys
import time

import mlx.core as mx

values, rounds = map(int, sys.argv[1:])
group = mx.distributed.init(strict=True, backend="ring")
vector = mx.zeros((1, values))
mx.eval(vector)
send = lambda: mx.eval(mx.distributed.send(vector, 1 - group.rank(), group=group, stream=mx.cpu))
receive = lambda: mx.eval(mx.distributed.recv_like(vector, 1 - group.rank(), group=group, stream=mx.cpu))


def ping_pong():
    for step in (send, receive) if group.rank() == 0 else (receive, send):
        step()


def all_sum():
    mx.eval(mx.distributed.all_sum(vector, group=group, stream=mx.cpu))


def median_seconds(action):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times[rounds // 10 :])


figures = {"pingPongSeconds": median_seconds(ping_pong), "allSumSeconds": median_seconds(all_sum)}
if group.rank() == 0:
    print(json.dumps(figures), flush=True)
