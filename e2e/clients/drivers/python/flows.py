"""Shared by the drivers of Python clients: each flow prints one line of JSON."""
import asyncio
import gc
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
LIMIT_S = 300
# What the model says in the flows that all clients share. Other flows check their answers themselves.
WANTED = {
    "list": model,
    "chat": "Hello from exo.",
    "stream": "Hello from exo.",
    "tools": "It says rain.",
    "multi-turn": "Your name is Ann.",
    "structured": "Ann",
}
ABSENT = "nobody-has-this"
# The node's own words, and Ollama's where a client first looks the model up.
MISSING = f"model '{ABSENT}' not found"
REFUSAL = f"The model {ABSENT} is not on this machine"


def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: its name
    """
    return f"rain in {city}"


def client_flows(makers, ways):
    """Runs each flow over each variant of a client, such as one per API.

    `makers` has a function per variant, or is the only one. It makes what the client uses for a model, by default the one
    that the node has. `ways` has a function per flow: it takes such a maker and returns what the client has said. The way of `cancel`
    abandons an endless answer, and that of `errors` asks for a model that the node does not have.
    """

    def over_all(name, way):
        for variant, maker in (makers if isinstance(makers, dict) else {"": makers}).items():
            if variant not in getattr(way, "variants", [variant]):
                continue
            try:
                wanted = getattr(way, "wanted", WANTED.get(name))
                run_way(name, lambda: settle(way(lambda at=model, **fields: maker(at, **fields))), wanted)
            except Exception as error:
                raise RuntimeError(f"over {variant or 'its only API'}") from error

    for name, way in ways.items():
        flow(name, lambda name=name, way=way: over_all(name, way))


def only(variants, way):
    """Leaves a flow to those variants of a client that have it."""
    way.variants = variants
    return way


def wanting(text, way):
    """Demands another text than the other clients' flow of this name."""
    way.wanted = text
    return way


def run_way(name, run, wanted):
    if name == "cancel":
        cancels(run)
    elif name == "errors":
        refuses(run)
    else:
        said = run()
        if wanted is not None:
            holds(wanted, said)


def refuses(run):
    """Runs what asks for an absent model, and demands the node's own words in the error or in the output."""
    try:
        said = run()
    except Exception as error:
        said = "".join(traceback.format_exception(error))
    if MISSING not in str(said):
        holds(REFUSAL, said)


def settle(result):
    return asyncio.run(result) if asyncio.iscoroutine(result) else result


def flow(name, run):
    failures = [f"no end after {LIMIT_S} s"]

    def attempt():
        try:
            settle(run())
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
    # Some clients only drop the answer, and Python closes the connection when it collects what refers to it.
    gc.collect()
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
