import os
from pathlib import Path

from flows import flow, holds, url
from run_program import run_program

folder = Path(os.environ["HOME"]) / "work"
folder.mkdir()
(folder / "a.txt").write_text("The word is banana.\n")
# The alias, since a folder is no name of a model for gptme.
MODEL = "local/default"
env = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "unused", "MODEL": MODEL}


def ask(question, *arguments):
    return run_program("gptme", "--non-interactive", "--no-confirm", "--model", MODEL, *arguments, question, cwd=str(folder), **env)


flow("chat", lambda: holds("Hello from exo.", ask("hi", "--tools", "none")))
flow("tools", lambda: holds("It says banana.", ask("What does a.txt say?", "--tools", "shell", "--tool-format", "tool")))
