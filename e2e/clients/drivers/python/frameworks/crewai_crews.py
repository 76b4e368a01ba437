import os

os.environ.update(CREWAI_TELEMETRY_OPT_OUT="true", OTEL_SDK_DISABLED="true", CREWAI_TRACING_ENABLED="false")

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from pydantic import BaseModel

from flows import flow, holds, model, url


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@tool("weather")
def weather(city: str) -> str:
    """The weather of a city."""
    return f"rain in {city}"


def llm(**fields):
    return LLM(model=f"openai/{model}", base_url=f"{url}/v1", api_key="unused", **fields)


def crew(question, tools=(), **fields):
    agent = Agent(role="helper", goal="help", backstory="none", llm=llm(), max_iter=2, tools=list(tools))
    task = Task(description=question, expected_output="an answer", agent=agent, **fields)
    return Crew(agents=[agent], tasks=[task]).kickoff()


flow("chat", lambda: holds("Hello from exo.", llm().call("hi")))
flow("stream", lambda: holds("Hello from exo.", llm(stream=True).call("hi")))
flow("agent", lambda: holds("Hello from exo.", crew("hi").raw))
flow("tools", lambda: holds("It says rain.", crew("How is the weather?", [weather]).raw))
flow("structured", lambda: holds("Ann", crew("Ann is 3", output_pydantic=Person).pydantic.name))
