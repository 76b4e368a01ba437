import os

from flows import flow, holds, model, url

os.environ.update(OPENAI_BASE_URL=f"{url}/v1", OPENAI_API_KEY="unused", OLLAMA_BASE_URL=f"{url}/v1")

from inspect_ai.model import ChatMessageUser, GenerateConfig, ResponseSchema, get_model
from inspect_ai.tool import tool
from inspect_ai.util import json_schema
from pydantic import BaseModel

once = GenerateConfig(max_retries=0)


class Person(BaseModel):
    name: str
    age: int


@tool
def weather():
    async def execute(city: str):
        """The weather of a city.

        Args:
            city: its name
        """
        return f"rain in {city}"

    return execute


def ask(provider, **fields):
    return get_model(f"{provider}/{model}", config=once, memoize=False).generate([ChatMessageUser(content="hi")], **fields)


async def chat():
    for provider in ("openai", "ollama"):
        holds("Hello from exo.", (await ask(provider)).completion)


async def tools():
    holds("Oslo", (await ask("openai", tools=[weather()])).message.tool_calls[0].arguments)


async def structured():
    schema = ResponseSchema(name="Person", json_schema=json_schema(Person))
    holds("Ann", (await ask("openai", config=GenerateConfig(response_schema=schema))).completion)


async def logprobs():
    answer = await ask("openai", config=GenerateConfig(logprobs=True, top_logprobs=2, num_choices=1))
    holds("Hello from exo.", answer.completion)


for name, run in {"chat": chat, "tools": tools, "structured": structured, "logprobs": logprobs}.items():
    flow(name, run)
