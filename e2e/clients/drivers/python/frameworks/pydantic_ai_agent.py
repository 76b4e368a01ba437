from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider

from flows import ABSENT, client_flows, holds, only, url, weather


class Person(BaseModel):
    name: str
    age: int


def agent(kind, provider):
    """Creates a client for each agent, since a connection belongs to one event loop and flows use several."""

    def maker(at, **fields):
        client = AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)
        return Agent(kind(at, provider=provider(openai_client=client)), **fields)

    return maker


def claude(at, **fields):
    client = AsyncAnthropic(base_url=url, api_key="unused", max_retries=0)
    return Agent(AnthropicModel(at, provider=AnthropicProvider(anthropic_client=client)), **fields)


def two_turns(make):
    first = make().run_sync("My name is Ann.")
    return make().run_sync("What is my name?", message_history=first.all_messages()).output


async def stream(make):
    async with make().run_stream("hi") as answer:
        return await answer.get_output()


async def leave(make):
    async with make().run_stream("Count") as answer:
        async for _ in answer.stream_text():
            break


def output(kind):
    return lambda make: holds("Ann", make(output_type=kind(Person)).run_sync("hi").output.name)


client_flows(
    {
        "chat": agent(OpenAIChatModel, OpenAIProvider),
        "responses": agent(OpenAIResponsesModel, OpenAIProvider),
        "ollama": agent(OpenAIChatModel, OllamaProvider),
        "messages": claude,
    },
    {
        "chat": lambda make: make().run_sync("hi").output,
        "stream": stream,
        "tools": lambda make: make(tools=[weather]).run_sync("How is the weather?").output,
        "multi-turn": two_turns,
        "structured": lambda make: make(output_type=Person).run_sync("hi").output.name,
        "tool": output(ToolOutput),
        # For Anthropic's API, it offers its native output only to the models that it knows, and only describes the JSON in words, which
        # the tiny model has not learned.
        "native": only(["chat", "responses", "ollama"], output(NativeOutput)),
        "prompted": only(["chat", "responses", "ollama"], output(PromptedOutput)),
        "cancel": leave,
        "errors": lambda make: make(ABSENT).run_sync("hi"),
    },
)
