from flows import ABSENT, REFUSAL, flow, holds, model, url
from run_program import run_program

env = {"API_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "unused", "DEFAULT_MODEL": model, "OPENAI_USE_FUNCTIONS": "false"}


def ask(*arguments):
    return run_program("sgpt", "--no-md", *arguments, "--no-cache", **env)


def two_turns():
    ask("--chat", "one", "My name is Ann.")
    holds("Your name is Ann.", ask("--chat", "one", "What is my name?"))


flow("chat", lambda: holds("Hello from exo.", ask("hi")))
flow("multi-turn", two_turns)
flow("shell", lambda: holds("Hello from exo.", ask("--describe-shell", "hi")))
flow("errors", lambda: holds(REFUSAL, " ".join(ask("--model", ABSENT, "hi").replace("│", " ").split())))
