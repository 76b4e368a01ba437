import os

from flows import ABSENT, client_flows, holds, only, remembered, url

os.environ.update(OPENAI_BASE_URL=f"{url}/v1", OPENAI_API_KEY="unused", OLLAMA_BASE_URL=f"{url}/v1")

from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ResponseSchema,
    get_model,
)
from inspect_ai.tool import tool
from inspect_ai.util import json_schema
from pydantic import BaseModel

KINDS = {"user": ChatMessageUser, "assistant": ChatMessageAssistant}


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


def at_provider(provider):
    return lambda at, **fields: get_model(
        f"{provider}/{at}", config=GenerateConfig(max_retries=0), memoize=False, **fields
    )


async def ask(chat, *messages, **fields):
    return await chat.generate(list(messages) or [ChatMessageUser(content="hi")], **fields)


async def says(answer):
    return (await answer).completion


async def call_tool(make):
    question = ChatMessageUser(content="How is the weather?")
    message = (await ask(make(), question, tools=[weather()])).message
    call = message.tool_calls[0]
    holds("Oslo", call.arguments)
    result = ChatMessageTool(content="rain in Oslo", tool_call_id=call.id, function=call.function)
    return (await ask(make(), question, message, result, tools=[weather()])).completion


async def structured(make):
    schema = ResponseSchema(name="Person", json_schema=json_schema(Person))
    return (await ask(make(), config=GenerateConfig(response_schema=schema))).completion


async def logprobs(make):
    # Several choices are a matter of chats; the API of responses has one.
    answer = await ask(make(responses_api=False), config=GenerateConfig(logprobs=True, top_logprobs=2, num_choices=2))
    assert len(answer.choices) == 2 and all(choice.logprobs.content for choice in answer.choices), answer


client_flows(
    {provider: at_provider(provider) for provider in ("openai", "ollama")},
    {
        "chat": lambda make: says(ask(make())),
        "tools": call_tool,
        "multi-turn": lambda make: says(ask(make(), *[KINDS[turn["role"]](content=turn["content"]) for turn in remembered])),
        "structured": structured,
        "logprobs": only(["openai"], logprobs),
        "errors": lambda make: ask(make(ABSENT)),
    },
)
