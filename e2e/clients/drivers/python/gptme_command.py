import os
from pathlib import Path

from flows import flow, holds, url
from run_program import run_program

folder = Path(os.environ["HOME"]) / "work"
folder.mkdir()
# The alias, since gptme takes no folder as the name of a model.
MODEL = "local/default"
env = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "unused", "MODEL": MODEL}
# With tools, it goes on until the model calls one that ends the session, which the tiny model has not learned.
arguments = ["--non-interactive", "--no-confirm", "--model", MODEL, "--tools", "none"]

flow("chat", lambda: holds("Hello from exo.", run_program("gptme", *arguments, "hi", cwd=str(folder), **env)))
