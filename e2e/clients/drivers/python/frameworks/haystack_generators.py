from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import Tool
from haystack.utils import Secret
from pydantic import BaseModel

from flows import flow, holds, model, parameters, remembered, url, weather

hi = [ChatMessage.from_user("hi")]


class Person(BaseModel):
    name: str
    age: int


def chat(kind=OpenAIChatGenerator, **fields):
    return kind(api_key=Secret.from_token("unused"), model=model, api_base_url=f"{url}/v1", max_retries=0, **fields)


def stream():
    pieces = []
    chat(streaming_callback=lambda chunk: pieces.append(chunk.content)).run(hi)
    holds("Hello from exo.", "".join(pieces))


def tools():
    tool = Tool(name="weather", description="The weather of a city", parameters=parameters, function=weather)
    answer = Agent(chat_generator=chat(), tools=[tool]).run(messages=[ChatMessage.from_user("How is the weather?")])
    holds("It says rain.", answer["last_message"].text)


def turns():
    said = {"user": ChatMessage.from_user, "assistant": ChatMessage.from_assistant}
    answer = chat().run([said[each["role"]](each["content"]) for each in remembered])
    holds("Your name is Ann.", answer["replies"][0].text)


flow("chat", lambda: holds("Hello from exo.", chat().run(hi)["replies"][0].text))
flow("stream", stream)
flow("tools", tools)
flow("multi-turn", turns)
flow(
    "structured",
    lambda: holds("Ann", chat(generation_kwargs={"response_format": Person}).run(hi)["replies"][0].text),
)
flow("responses", lambda: holds("Hello from exo.", chat(OpenAIResponsesChatGenerator).run(hi)["replies"][0].text))
