from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    WebSearchTool,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, only, url, weather

set_tracing_disabled(True)


class Person(BaseModel):
    name: str
    age: int


def agent(kind):
    def maker(at, **fields):
        client = AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)
        return Agent(name="helper", model=kind(at, client), **fields)

    return maker


async def ask(helper, question):
    return (await Runner.run(helper, question)).final_output


async def stream(make):
    answer = Runner.run_streamed(make(), "hi")
    async for _ in answer.stream_events():
        pass
    return answer.final_output


async def turns(make):
    first = await Runner.run(make(), "My name is Ann.")
    return await ask(make(), [*first.to_input_list(), {"role": "user", "content": "What is my name?"}])


async def hand_off(make):
    """An agent that may hand the question to another one answers it itself."""
    holds("Hello from exo.", await ask(make(handoffs=[make()]), "hi"))


async def hosted(make):
    holds("Hello from exo.", await ask(make(tools=[WebSearchTool()]), "hi"))


async def leave(make):
    answer = Runner.run_streamed(make(), "Count")
    async for event in answer.stream_events():
        if event.type == "raw_response_event" and "delta" in event.data.type:
            break
    answer.cancel()
    async for _ in answer.stream_events():
        pass


async def structured(make):
    return (await ask(make(output_type=Person), "hi")).name


client_flows(
    {"chat": agent(OpenAIChatCompletionsModel), "responses": agent(OpenAIResponsesModel)},
    {
        "chat": lambda make: ask(make(), "hi"),
        "stream": stream,
        "tools": lambda make: ask(make(tools=[function_tool(weather)]), "How is the weather?"),
        "multi-turn": turns,
        "structured": structured,
        "handoff": hand_off,
        "hosted tools": only(["responses"], hosted),
        "cancel": leave,
        "errors": lambda make: ask(make(ABSENT), "hi"),
    },
)
