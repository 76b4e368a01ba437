from openai import AsyncOpenAI
from pydantic import BaseModel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion, OpenAIChatPromptExecutionSettings
from semantic_kernel.functions import KernelArguments, kernel_function

from flows import flow, holds, model, url


class Person(BaseModel):
    name: str
    age: int


class Weather:
    @kernel_function(name="weather", description="The weather of a city")
    def weather(self, city: str) -> str:
        return f"rain in {city}"


def agent(plugins=(), **settings):
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)
    return ChatCompletionAgent(
        service=OpenAIChatCompletion(ai_model_id=model, async_client=client),
        name="helper",
        plugins=list(plugins),
        arguments=KernelArguments(settings=OpenAIChatPromptExecutionSettings(**settings)),
    )


async def ask(helper, question, wanted):
    holds(wanted, (await helper.get_response(messages=question)).content)


async def stream():
    pieces = [str(piece.content) async for piece in agent().invoke_stream(messages="hi")]
    holds("Hello from exo.", "".join(pieces))


flow("chat", lambda: ask(agent(), "hi", "Hello from exo."))
flow("stream", stream)
# The name of a function has its plugin's name before it, which the tiny model has not learned: it is called by the grammar.
flow("tools", lambda: ask(agent([Weather()]), "How is the weather?", ""))
flow("structured", lambda: ask(agent(response_format=Person), "Ann is 3", "Ann"))
