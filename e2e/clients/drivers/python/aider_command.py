import os

from flows import ABSENT, REFUSAL, flow, holds, model, url
from run_program import run_program

PLAIN = [
    "--no-git",
    "--yes-always",
    "--no-check-update",
    "--no-show-model-warnings",
    "--no-analytics",
    "--no-show-release-notes",
    "--map-tokens",
    "0",
    "--no-browser",
]
folder = os.environ["HOME"]


def ask(chat, *arguments, message="hi", base=f"{url}/v1"):
    env = {"OPENAI_API_BASE": base, "OPENAI_API_KEY": "unused", "OLLAMA_API_BASE": url}
    return run_program("aider", "--model", chat, "--message", message, *arguments, *PLAIN, cwd=folder, **env)


def turns():
    ask(f"openai/{model}", "--no-stream", message="My name is Ann.")
    holds("Your name is Ann.", ask(f"openai/{model}", "--no-stream", "--restore-chat-history", message="What is my name?"))


flow("chat", lambda: holds("Hello from exo.", ask(f"openai/{model}", "--no-stream")))
flow("stream", lambda: holds("Hello from exo.", ask(f"openai/{model}", "--no-pretty")))
flow("base URL", lambda: holds("Hello from exo.", ask(f"openai/{model}", "--no-stream", base=f"{url}/v1/")))
flow("multi-turn", turns)
flow("errors", lambda: holds(REFUSAL, " ".join(ask(f"openai/{ABSENT}", "--no-stream", "--timeout", "20").split())))
flow("ollama", lambda: holds("Hello from exo.", ask(f"ollama_chat/{model}", "--no-stream")))
