from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider

from flows import flow, holds, model, url, weather


def client():
    return AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)


def models():
    """Creates clients for each flow, since a connection belongs to one event loop and flows use several."""
    provider = OpenAIProvider(openai_client=client())
    return [
        OpenAIChatModel(model, provider=provider),
        OpenAIResponsesModel(model, provider=provider),
        OpenAIChatModel(model, provider=OllamaProvider(openai_client=client())),
    ]


class Person(BaseModel):
    name: str
    age: int


def with_each(name, attempt):
    def run():
        for each in models():
            attempt(each)

    flow(name, run)


def two_turns(each):
    agent = Agent(each)
    first = agent.run_sync("My name is Ann.")
    holds("Your name is Ann.", agent.run_sync("What is my name?", message_history=first.all_messages()).output)


async def stream():
    for each in models():
        async with Agent(each).run_stream("hi") as answer:
            holds("Hello from exo.", await answer.get_output())


with_each("chat", lambda each: holds("Hello from exo.", Agent(each).run_sync("hi").output))
flow("stream", stream)
with_each(
    "tools", lambda each: holds("It says rain.", Agent(each, tools=[weather]).run_sync("How is the weather?").output)
)
with_each("multi-turn", two_turns)
with_each("structured", lambda each: holds("Ann", Agent(each, output_type=Person).run_sync("hi").output.name))
for name, kind in {"tool": ToolOutput, "native": NativeOutput, "prompted": PromptedOutput}.items():
    with_each(name, lambda each: holds("Ann", Agent(each, output_type=kind(Person)).run_sync("hi").output.name))
