"""Shared by the drivers of Python clients: each flow prints one line of JSON."""
import asyncio
import json
import os
import re
import time
import traceback
import urllib.request

from threading import Thread

url = os.environ["EXO_URL"]
model = os.environ["EXO_MODEL"]
parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
remembered = [
    {"role": "user", "content": "My name is Ann."},
    {"role": "assistant", "content": "Hello from exo."},
    {"role": "user", "content": "What is my name?"},
]
LIMIT_S = 170


def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: its name
    """
    return f"rain in {city}"


def flow(name, run):
    failures = [f"no end after {LIMIT_S} s"]

    def attempt():
        try:
            result = run()
            if asyncio.iscoroutine(result):
                asyncio.run(result)
            failures[0] = None
        except BaseException:
            failures[0] = traceback.format_exc()[-2000:]

    thread = Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    # On a line of its own, whatever the client has printed.
    print("\n" + json.dumps({"flow": name, "failure": failures[0]}), flush=True)


def holds(what, text):
    assert what in str(text), f"expected {what!r} in {str(text)[:500]!r}"


def cancelled_count():
    text = urllib.request.urlopen(f"{url}/metrics").read().decode()
    return sum(float(line.split(" ")[-1]) for line in text.splitlines() if re.match(r"exo_\w+\{[^}]*cancelled[^}]*\} ", line))


def cancels(hang_up):
    """Runs `hang_up`, which abandons an endless answer, and waits until the node has cancelled it."""
    before = cancelled_count()
    hang_up()
    for _ in range(300):
        if cancelled_count() > before:
            return
        time.sleep(0.2)
    raise AssertionError("the node did not end the answer that its client left")


def fails(run, pattern):
    try:
        run()
    except Exception as error:
        assert re.search(pattern, str(error)), error
        return
    raise AssertionError("expected a failure")
