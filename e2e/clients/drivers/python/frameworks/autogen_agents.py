from autogen_agentchat.agents import AssistantAgent
from autogen_core import CancellationToken
from autogen_core.models import ModelInfo, UserMessage
from autogen_ext.models.ollama import OllamaChatCompletionClient
from autogen_ext.models.openai import OpenAIChatCompletionClient
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, only, url, weather

info = ModelInfo(vision=False, function_calling=True, json_output=True, family="unknown", structured_output=True)


class Person(BaseModel):
    name: str
    age: int


def openai(at):
    return OpenAIChatCompletionClient(model=at, base_url=f"{url}/v1", api_key="unused", model_info=info, max_retries=0)


async def answer(client, *questions, **fields):
    agent = AssistantAgent("helper", model_client=client, **fields)
    for question in questions:
        said = (await agent.run(task=question)).messages[-1].content
    return said


async def structured(make):
    return (await answer(make(), "Ann is 3", output_content_type=Person)).name


async def json_mode(make):
    asked = [UserMessage(content="Ann is 3, as JSON", source="user")]
    holds("Ann", (await make().create(asked, json_output=True)).content)


async def leave(make):
    pieces = make().create_stream([UserMessage(content="Count", source="user")], cancellation_token=CancellationToken())
    await anext(pieces)
    await pieces.aclose()


client_flows(
    {"openai": openai, "ollama": lambda at: OllamaChatCompletionClient(model=at, host=url, model_info=info)},
    {
        "chat": lambda make: answer(make(), "hi"),
        "stream": lambda make: answer(make(), "hi", model_client_stream=True),
        "tools": lambda make: answer(make(), "How is the weather?", tools=[weather], reflect_on_tool_use=True),
        "multi-turn": lambda make: answer(make(), "My name is Ann.", "What is my name?"),
        "structured": only(["openai"], structured),
        "json mode": only(["openai"], json_mode),
        "cancel": leave,
        "errors": lambda make: answer(make(ABSENT), "hi"),
    },
)
