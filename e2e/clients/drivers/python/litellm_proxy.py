import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from flows import flow, holds, model, parameters, remembered, url

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
# The proxy refuses to start without one.
KEY = "sk-unused"
proxy = f"http://127.0.0.1:{port}"
folder = Path(os.environ["HOME"])
(folder / "proxy.yaml").write_text(
    json.dumps(
        {
            "model_list": [
                {
                    "model_name": "exo",
                    "litellm_params": {"model": f"openai/{model}", "api_base": f"{url}/v1", "api_key": "unused"},
                }
            ]
        }
    )
)
START = "import sys; sys.argv[0] = 'litellm'; from litellm import run_server; run_server()"
log = open(folder / "proxy.log", "w")
server = subprocess.Popen(
    [sys.executable, "-c", START, "--config", str(folder / "proxy.yaml"), "--port", str(port), "--host", "127.0.0.1"],
    env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": KEY},
    stdout=log,
    stderr=log,
)


def post(path, body):
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}", "x-api-key": KEY}
    request = urllib.request.Request(proxy + path, json.dumps({"model": "exo", **body}).encode(), headers)
    return urllib.request.urlopen(request, timeout=60).read().decode()


def connect():
    for _ in range(560):
        try:
            return urllib.request.urlopen(f"{proxy}/health/liveliness", timeout=5)
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.5)
    raise AssertionError((folder / "proxy.log").read_text()[-1500:])


hi = {"messages": [{"role": "user", "content": "hi"}]}
flow("connect", connect)
flow("chat", lambda: holds("Hello from exo.", post("/v1/chat/completions", hi)))
flow("stream", lambda: holds("exo", post("/v1/chat/completions", {**hi, "stream": True})))
flow("messages", lambda: holds("Hello from exo.", post("/v1/messages", {**hi, "max_tokens": 100})))
flow("responses", lambda: holds("Hello from exo.", post("/v1/responses", {"input": "hi"})))
tool = {"name": "weather", "description": "The weather of a city"}
called = {**hi, "max_tokens": 100, "stream": True, "tools": [{**tool, "input_schema": parameters}]}
flow("messages with tools", lambda: holds("tool_use", post("/v1/messages", called)))
functions = {**hi, "tools": [{"type": "function", "function": {**tool, "parameters": parameters}}]}
flow("tools", lambda: holds("Oslo", post("/v1/chat/completions", functions)))
flow("multi-turn", lambda: holds("Your name is Ann.", post("/v1/chat/completions", {"messages": remembered})))


def claude():
    """It reads the model's answers in Anthropic's shape, which the proxy makes of the node's."""
    (folder / "a.txt").write_text("The word is banana.\n")
    program = Path(os.environ["EXO_BESIDE_FOLDER"]) / "node_modules/.bin/claude"
    settings = {
        "ANTHROPIC_BASE_URL": proxy,
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "ANTHROPIC_MODEL": "exo",
        "ANTHROPIC_SMALL_FAST_MODEL": "exo",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    done = subprocess.run(
        [program, "-p", "What does a.txt say?", "--model", "exo", "--allowedTools", "Bash"],
        env={**os.environ, **settings},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )
    holds("It says banana", done.stdout + done.stderr)


flow("claude-code", claude)
server.kill()
