import os

from flows import flow, holds, model, url
from run_program import run_program

PLAIN = [
    "--message",
    "hi",
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

flow(
    "chat",
    lambda: holds(
        "Hello from exo.",
        run_program(
            "aider",
            "--model",
            f"openai/{model}",
            "--no-stream",
            *PLAIN,
            cwd=folder,
            OPENAI_API_BASE=f"{url}/v1",
            OPENAI_API_KEY="unused",
        ),
    ),
)
flow(
    "stream",
    lambda: holds(
        "Hello from exo.",
        run_program(
            "aider",
            "--model",
            f"openai/{model}",
            "--no-pretty",
            *PLAIN,
            cwd=folder,
            OPENAI_API_BASE=f"{url}/v1",
            OPENAI_API_KEY="unused",
        ),
    ),
)
flow(
    "ollama",
    lambda: holds(
        "Hello from exo.",
        run_program("aider", "--model", f"ollama_chat/{model}", "--no-stream", *PLAIN, cwd=folder, OLLAMA_API_BASE=url),
    ),
)
