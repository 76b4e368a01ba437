from pydantic import BaseModel
from strands import Agent, tool
from strands.models.anthropic import AnthropicModel
from strands.models.ollama import OllamaModel
from strands.models.openai import OpenAIModel

from flows import flow, holds, model, url


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@tool
def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: its name
    """
    return f"rain in {city}"


def models():
    once = {"api_key": "unused", "max_retries": 0}
    return [
        OpenAIModel(client_args={"base_url": f"{url}/v1", **once}, model_id=model),
        OllamaModel(host=url, model_id=model),
        AnthropicModel(client_args={"base_url": url, **once}, model_id=model, max_tokens=100),
    ]


def with_each(name, attempt, kinds=(OpenAIModel, OllamaModel, AnthropicModel)):
    def run():
        for each in (one for one in models() if isinstance(one, kinds)):
            try:
                attempt(lambda **fields: Agent(model=each, callback_handler=None, **fields))
            except Exception as error:
                raise RuntimeError(type(each).__name__) from error

    flow(name, run)


def two_turns(agent):
    helper = agent()
    helper("My name is Ann.")
    holds("Your name is Ann.", helper("What is my name?"))


with_each("chat", lambda agent: holds("Hello from exo.", agent()("hi")))
with_each("tools", lambda agent: holds("It says rain.", agent(tools=[weather])("How is the weather?")))
# Its Anthropic model keeps connections of the first turn's event loop.
with_each("multi-turn", two_turns, (OpenAIModel, OllamaModel))
with_each(
    "structured", lambda agent: holds("Ann", agent()("Ann is 3", structured_output_model=Person).structured_output.name)
)
