import anthropic
from agno.agent import Agent
from agno.models.anthropic import Claude
from agno.models.lmstudio import LMStudio
from agno.models.ollama import Ollama
from agno.models.openai import OpenAIResponses
from agno.models.openai.like import OpenAILike
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, only, url, weather


class Person(BaseModel):
    name: str
    age: int


def agent(make_model):
    return lambda at, **fields: Agent(model=make_model(at), telemetry=False, **fields)


def openai(kind):
    return agent(lambda at: kind(id=at, base_url=f"{url}/v1", api_key="unused"))


def claude(at):
    return Claude(id=at, client=anthropic.Anthropic(base_url=url, api_key="unused", max_retries=0), max_tokens=16_000)


def stream(make):
    return "".join(event.content or "" for event in make().run("hi", stream=True) if event.event == "RunContent")


def turns(make):
    from agno.db.in_memory import InMemoryDb

    helper = make(db=InMemoryDb(), add_history_to_context=True)
    helper.run("My name is Ann.", session_id="one")
    return helper.run("What is my name?", session_id="one").content


def leave(make):
    events = make().run("Count", stream=True)
    for event in events:
        if event.event == "RunContent":
            break
    events.close()


def json_mode(make):
    holds("Ann", make(output_schema=Person, use_json_mode=True).run("Ann is 3").content.name)


client_flows(
    {
        "OpenAILike": openai(OpenAILike),
        "OpenAIResponses": openai(OpenAIResponses),
        "LMStudio": openai(LMStudio),
        "Ollama": agent(lambda at: Ollama(id=at, host=url)),
        "Claude": agent(claude),
    },
    {
        "chat": lambda make: make().run("hi").content,
        "stream": stream,
        "tools": lambda make: make(tools=[weather]).run("How is the weather?").content,
        "multi-turn": turns,
        "structured": lambda make: make(output_schema=Person).run("Ann is 3").content.name,
        # For Ollama and Claude, Agno only describes the JSON in the prompt, which the tiny model has not learned.
        "json mode": only(["OpenAILike", "OpenAIResponses", "LMStudio"], json_mode),
        "cancel": leave,
        "errors": lambda make: make(ABSENT).run("hi").content,
    },
)
