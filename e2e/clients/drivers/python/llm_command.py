import json
import os
from pathlib import Path

from flows import ABSENT, flow, holds, model, url
from run_program import run_program

home = Path(os.environ["HOME"]) / "llm"
home.mkdir()
(home / "extra-openai-models.yaml").write_text(
    json.dumps(
        [
            {
                "model_id": "exo",
                "model_name": model,
                "api_base": f"{url}/v1",
                "api_key_name": "exo",
                "supports_tools": True,
                "supports_schema": True,
            }
        ]
    )
)
env = {"LLM_USER_PATH": str(home), "OLLAMA_HOST": url}
ask = lambda *arguments: run_program("llm", *arguments, "--key", "unused", **env)
RAIN = 'def weather(city: str) -> str:\n    "The weather of a city"\n    return "rain in " + city'

flow("list", lambda: holds("exo", run_program("llm", "models", "list", **env)))
flow("chat", lambda: holds("Hello from exo.", ask("hi", "-m", "exo", "--no-stream")))
flow("stream", lambda: holds("Hello from exo.", ask("hi", "-m", "exo")))
flow("tools", lambda: holds("It says rain.", ask("How is the weather?", "-m", "exo", "--functions", RAIN)))
flow("structured", lambda: holds("Ann", ask("hi", "-m", "exo", "--schema", "name, age int")))
def turns():
    ask("My name is Ann.", "-m", "exo")
    holds("Your name is Ann.", ask("-c", "What is my name?"))


def ollama_tools():
    holds("It says rain.", run_program("llm", "How is the weather?", "-m", f"ollama/{model}", "--functions", RAIN, **env))
    holds("Ann", run_program("llm", "hi", "-m", f"ollama/{model}", "--schema", "name, age int", **env))


flow("multi-turn", turns)
flow("ollama tools", ollama_tools)
flow("errors", lambda: holds(ABSENT, run_program("llm", "hi", "-m", f"ollama/{ABSENT}", **env)))
flow("ollama", lambda: holds("Hello from exo.", run_program("llm", "hi", "-m", f"ollama/{model}", **env)))
