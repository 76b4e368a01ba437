import os

os.environ.update(CREWAI_TELEMETRY_OPT_OUT="true", OTEL_SDK_DISABLED="true", CREWAI_TRACING_ENABLED="false")

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, remembered, url


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@tool("weather")
def weather(city: str) -> str:
    """The weather of a city."""
    return f"rain in {city}"


def llm(at, **fields):
    return LLM(model=f"openai/{at}", base_url=f"{url}/v1", api_key="unused", **fields)


def crew(chat, question, tools=(), **fields):
    agent = Agent(role="helper", goal="help", backstory="none", llm=chat, max_iter=2, tools=list(tools))
    task = Task(description=question, expected_output="an answer", agent=agent, **fields)
    return Crew(agents=[agent], tasks=[task]).kickoff()


client_flows(
    llm,
    {
        "chat": lambda make: make().call("hi"),
        "stream": lambda make: make(stream=True).call("hi"),
        "agent": lambda make: holds("Hello from exo.", crew(make(), "hi").raw),
        "tools": lambda make: crew(make(), "How is the weather?", [weather]).raw,
        "multi-turn": lambda make: make().call(remembered),
        "structured": lambda make: crew(make(), "Ann is 3", output_pydantic=Person).pydantic.name,
        "errors": lambda make: make(ABSENT).call("hi"),
    },
)
