from collections.abc import Iterable
from typing import Literal

import anthropic
import instructor
from instructor import Mode
from openai import OpenAI
from pydantic import BaseModel

from flows import ABSENT, client_flows, flow, holds, model, url

question = [{"role": "user", "content": "Ann is 3"}]


class Person(BaseModel):
    name: str
    age: int


class Weather(BaseModel):
    city: str
    sky: Literal["clear", "rain"] = "rain"


def openai(mode):
    return instructor.from_openai(OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0), mode=mode)


def claude(mode):
    return instructor.from_anthropic(anthropic.Anthropic(base_url=url, api_key="unused", max_retries=0), mode=mode)


def ask(client, **fields):
    holds("Ann", client.create(model=model, response_model=Person, messages=question, **fields).name)


def ask_parallel(client, words="Ann is 3", **fields):
    asked = [{"role": "user", "content": words}]
    made = list(client.create(model=model, response_model=Iterable[Person | Weather], messages=asked, **fields))
    assert made and all(isinstance(each, (Person, Weather)) for each in made), made


def partly():
    """Streams the object while it grows. The tiny model does not know its tool's name, so the grammar alone makes it a person."""
    last = None
    for last in openai(Mode.TOOLS).create_partial(model=model, response_model=Person, messages=question):
        pass
    assert isinstance(last.name, str) and isinstance(last.age, int), last


for each in ("TOOLS", "TOOLS_STRICT", "JSON", "JSON_SCHEMA", "JSON_O1", "FUNCTIONS", "RESPONSES_TOOLS"):
    flow(each, lambda: ask(openai(getattr(Mode, each))))
flow("RESPONSES_TOOLS_WITH_INBUILT_TOOLS", lambda: ask(openai(Mode.RESPONSES_TOOLS_WITH_INBUILT_TOOLS)))
flow("PARALLEL_TOOLS", lambda: ask_parallel(openai(Mode.PARALLEL_TOOLS)))
flow("partial", partly)
# MD_JSON and ANTHROPIC_JSON only describe the JSON in words, which the tiny model has not learned.
flow("ANTHROPIC_TOOLS", lambda: ask(claude(Mode.ANTHROPIC_TOOLS), max_tokens=200))
flow(
    "ANTHROPIC_REASONING_TOOLS",
    lambda: ask(claude(Mode.ANTHROPIC_REASONING_TOOLS), max_tokens=2000, thinking={"type": "enabled", "budget_tokens": 1024}),
)
flow("ANTHROPIC_PARALLEL_TOOLS", lambda: ask_parallel(claude(Mode.ANTHROPIC_PARALLEL_TOOLS), "hi", max_tokens=200))
client_flows(
    {"openai": lambda _: openai(Mode.TOOLS), "anthropic": lambda _: claude(Mode.ANTHROPIC_TOOLS)},
    {
        "errors": lambda make: make().create(
            model=ABSENT, response_model=Person, messages=question, max_tokens=100, max_retries=0
        )
    },
)
