import os
from pathlib import Path

from flows import flow, holds, url
from run_program import run_program

folder = Path(os.environ["HOME"]) / "work"
folder.mkdir()
# The alias, since gptme takes no folder as the name of a model.
MODEL = "local/default"
env = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "unused", "MODEL": MODEL}
arguments = ["--non-interactive", "--no-confirm", "--model", MODEL]
(folder / "a.txt").write_text("The word is banana.\n")


def ask(question, *tools, **more):
    return run_program("gptme", *arguments, *tools, question, cwd=str(folder), **env, **more)


def calls():
    """It goes on until the model calls a tool that ends the session, so the limit of its steps ends it here."""
    said = ask("What does the file say?", "--tools", "shell,complete", "--tool-format", "tool", GPTME_MAX_STEPS="2")
    holds("@shell", said)

flow("chat", lambda: holds("Hello from exo.", ask("hi", "--tools", "none")))
flow("tools", calls)
