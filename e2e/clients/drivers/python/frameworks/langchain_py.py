from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, remembered, url, weather


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def openai(at, **fields):
    return ChatOpenAI(base_url=f"{url}/v1", api_key="unused", model=at, max_retries=0, **fields)


def ask_agent(agent):
    return agent.invoke({"messages": [{"role": "user", "content": "How is the weather?"}]})


def forced_tool(make):
    calls = make().bind_tools([weather], tool_choice="any").invoke("hi").tool_calls
    holds("weather", calls[0]["name"])


def structured(make):
    holds("Ann", make().with_structured_output(Person).invoke("hi").name)
    # ChatAnthropic has no method json_mode.
    others = () if isinstance(make(), ChatAnthropic) else ("json_mode",)
    for method in ("json_schema", "function_calling", *others):
        holds("Ann", make().with_structured_output(Person, method=method).invoke("hi, as JSON").name)
    whole = make().with_structured_output(Person.model_json_schema(), include_raw=True).invoke("hi")
    assert whole["parsing_error"] is None, whole
    return whole["parsed"]["name"]


def leave(make):
    pieces = make().stream("Count")
    while not next(pieces).text:
        pass
    pieces.close()


client_flows(
    {
        "openai": openai,
        "responses": lambda at: openai(at, use_responses_api=True),
        "anthropic": lambda at: ChatAnthropic(base_url=url, api_key="unused", model=at, max_tokens=16_000, max_retries=0),
        "ollama": lambda at: ChatOllama(base_url=url, model=at, validate_model_on_init=at != ABSENT),
    },
    {
        "chat": lambda make: make().invoke("hi").text,
        "stream": lambda make: "".join(chunk.text for chunk in make().stream("hi")),
        "tools": lambda make: ask_agent(create_agent(make(), [weather]))["messages"][-1].text,
        "forced tool": forced_tool,
        "multi-turn": lambda make: make().invoke(remembered).text,
        "structured": structured,
        "cancel": leave,
        "errors": lambda make: make(ABSENT).invoke("hi"),
    },
)
