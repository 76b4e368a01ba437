from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import ModelInfo, UserMessage
from autogen_ext.models.ollama import OllamaChatCompletionClient
from autogen_ext.models.openai import OpenAIChatCompletionClient
from pydantic import BaseModel

from flows import flow, holds, model, url, weather

info = ModelInfo(vision=False, function_calling=True, json_output=True, family="unknown", structured_output=True)


class Person(BaseModel):
    name: str
    age: int


def clients():
    return [
        OpenAIChatCompletionClient(model=model, base_url=f"{url}/v1", api_key="unused", model_info=info, max_retries=0),
        OllamaChatCompletionClient(model=model, host=url, model_info=info),
    ]


async def answer(client, question, **fields):
    agent = AssistantAgent("helper", model_client=client, **fields)
    return (await agent.run(task=question)).messages[-1].content


async def chat():
    for client in clients():
        holds("Hello from exo.", await answer(client, "hi"))


async def stream():
    for client in clients():
        holds("Hello from exo.", await answer(client, "hi", model_client_stream=True))


async def tools():
    for client in clients():
        holds("It says rain.", await answer(client, "How is the weather?", tools=[weather], reflect_on_tool_use=True))


async def structured():
    holds("Ann", (await answer(clients()[0], "Ann is 3", output_content_type=Person)).name)


async def json_mode():
    asked = [UserMessage(content="Ann is 3, as JSON", source="user")]
    holds("Ann", (await clients()[0].create(asked, json_output=True)).content)


for name, run in {"chat": chat, "stream": stream, "tools": tools, "structured": structured, "json mode": json_mode}.items():
    flow(name, run)
