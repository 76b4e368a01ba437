from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, WebSearchTool, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from pydantic import BaseModel

from flows import flow, holds, model, url, weather

set_tracing_disabled(True)


class Person(BaseModel):
    name: str
    age: int


def models():
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)
    return [OpenAIChatCompletionsModel(model, client), OpenAIResponsesModel(model, client)]


async def ask(question, **fields):
    return [(await Runner.run(Agent(name="helper", model=each, **fields), question)).final_output for each in models()]


async def chat():
    for answer in await ask("hi"):
        holds("Hello from exo.", answer)


async def tools():
    for answer in await ask("How is the weather?", tools=[function_tool(weather)]):
        holds("It says rain.", answer)


async def structured():
    for answer in await ask("hi", output_type=Person):
        holds("Ann", answer.name)


async def stream():
    for each in models():
        answer = Runner.run_streamed(Agent(name="helper", model=each), "hi")
        async for _ in answer.stream_events():
            pass
        holds("Hello from exo.", answer.final_output)


async def hosted():
    helper = Agent(name="helper", model=models()[1], tools=[WebSearchTool()])
    holds("Hello from exo.", (await Runner.run(helper, "hi")).final_output)


for name, run in {"chat": chat, "stream": stream, "tools": tools, "structured": structured, "hosted tools": hosted}.items():
    flow(name, run)
