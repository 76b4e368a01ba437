from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import Tool
from haystack.utils import Secret
from pydantic import BaseModel

from flows import ABSENT, client_flows, only, parameters, remembered, url, weather

hi = [ChatMessage.from_user("hi")]


class Person(BaseModel):
    name: str
    age: int


def generator(kind):
    return lambda at, **fields: kind(
        api_key=Secret.from_token("unused"), model=at, api_base_url=f"{url}/v1", max_retries=0, **fields
    )


def stream(make):
    pieces = []
    make(streaming_callback=lambda chunk: pieces.append(chunk.content)).run(hi)
    return "".join(pieces)


def tools(make):
    tool = Tool(name="weather", description="The weather of a city", parameters=parameters, function=weather)
    answer = Agent(chat_generator=make(), tools=[tool]).run(messages=[ChatMessage.from_user("How is the weather?")])
    return answer["last_message"].text


def turns(make):
    said = {"user": ChatMessage.from_user, "assistant": ChatMessage.from_assistant}
    return make().run([said[each["role"]](each["content"]) for each in remembered])["replies"][0].text


class Enough(Exception):
    pass


def leave(make):
    def stop(_):
        raise Enough

    try:
        make(streaming_callback=stop).run([ChatMessage.from_user("Count")])
    except Enough:
        pass


client_flows(
    {"chat": generator(OpenAIChatGenerator), "responses": generator(OpenAIResponsesChatGenerator)},
    {
        "chat": lambda make: make().run(hi)["replies"][0].text,
        "stream": stream,
        "tools": tools,
        "multi-turn": turns,
        "structured": only(
            ["chat"],
            lambda make: make(generation_kwargs={"response_format": Person}).run(hi)["replies"][0].text,
        ),
        "cancel": leave,
        "errors": lambda make: make(ABSENT).run(hi),
    },
)
