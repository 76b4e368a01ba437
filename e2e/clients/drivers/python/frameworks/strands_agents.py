from pydantic import BaseModel
from strands import Agent, tool
from strands.models.anthropic import AnthropicModel
from strands.models.ollama import OllamaModel
from strands.models.openai import OpenAIModel

from flows import ABSENT, client_flows, only, url


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


once = {"api_key": "unused", "max_retries": 0}


def agent(make_model):
    return lambda at, **fields: Agent(model=make_model(at), callback_handler=None, **fields)


def two_turns(make):
    helper = make()
    helper("My name is Ann.")
    return helper("What is my name?")


async def stream(make):
    return "".join([event.get("data", "") async for event in make().stream_async("hi")])


async def leave(make):
    events = make().stream_async("Count")
    async for event in events:
        if "data" in event:
            break
    await events.aclose()


client_flows(
    {
        "openai": agent(lambda at: OpenAIModel(client_args={"base_url": f"{url}/v1", **once}, model_id=at)),
        "ollama": agent(lambda at: OllamaModel(host=url, model_id=at)),
        "anthropic": agent(lambda at: AnthropicModel(client_args={"base_url": url, **once}, model_id=at, max_tokens=100)),
    },
    {
        "chat": lambda make: make()("hi"),
        "stream": stream,
        "tools": lambda make: make(tools=[weather])("How is the weather?"),
        # Its Anthropic model keeps connections of the first turn's event loop.
        "multi-turn": only(["openai", "ollama"], two_turns),
        "structured": lambda make: make()("Ann is 3", structured_output_model=Person).structured_output.name,
        # Its Anthropic model asks for 100 tokens at most, which end at once.
        "cancel": only(["openai", "ollama"], leave),
        "errors": lambda make: make(ABSENT)("hi"),
    },
)
