from flows import flow, holds, model, url
from run_program import run_program

env = {"API_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "unused", "DEFAULT_MODEL": model, "OPENAI_USE_FUNCTIONS": "false"}
ask = lambda *arguments: run_program("sgpt", *arguments, "--no-cache", **env)

flow("chat", lambda: holds("Hello from exo.", ask("--no-md", "hi")))
flow("multi-turn", lambda: (ask("--no-md", "--chat", "one", "My name is Ann."), holds("Your name is Ann.", ask("--no-md", "--chat", "one", "What is my name?"))))
