from openai import AsyncOpenAI
from pydantic import BaseModel
from semantic_kernel.agents import ChatCompletionAgent, ChatHistoryAgentThread
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion, OpenAIChatPromptExecutionSettings
from semantic_kernel.functions import KernelArguments, kernel_function

from flows import ABSENT, client_flows, url


class Person(BaseModel):
    name: str
    age: int


class Weather:
    @kernel_function(name="weather", description="The weather of a city")
    def weather(self, city: str) -> str:
        return f"rain in {city}"


def agent(at, plugins=(), **settings):
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)
    choice = {"function_choice_behavior": FunctionChoiceBehavior.Required()} if plugins else {}
    return ChatCompletionAgent(
        service=OpenAIChatCompletion(ai_model_id=at, async_client=client),
        name="helper",
        plugins=list(plugins),
        arguments=KernelArguments(settings=OpenAIChatPromptExecutionSettings(**settings)),
        **choice,
    )


async def ask(helper, question):
    return (await helper.get_response(messages=question)).content


async def stream(make):
    return "".join([str(piece.content) async for piece in make().invoke_stream(messages="hi")])


async def turns(make):
    thread = ChatHistoryAgentThread()
    for question in ("My name is Ann.", "What is my name?"):
        answer = await make().get_response(messages=question, thread=thread)
    return answer.content


async def leave(make):
    pieces = make().invoke_stream(messages="Count")
    await anext(pieces)
    await pieces.aclose()


client_flows(
    agent,
    {
        "chat": lambda make: ask(make(), "hi"),
        "stream": stream,
        # A function's name has its plugin's name before it, which the tiny model has not learned, so the call is demanded.
        "tools": lambda make: ask(make(plugins=[Weather()]), "How is the weather?"),
        "multi-turn": turns,
        "structured": lambda make: ask(make(response_format=Person), "Ann is 3"),
        "cancel": leave,
        "errors": lambda make: ask(make(ABSENT), "hi"),
    },
)
