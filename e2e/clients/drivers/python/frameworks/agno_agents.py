import anthropic
from agno.agent import Agent
from agno.models.anthropic import Claude
from agno.models.lmstudio import LMStudio
from agno.models.ollama import Ollama
from agno.models.openai import OpenAIResponses
from agno.models.openai.like import OpenAILike
from pydantic import BaseModel

from flows import flow, holds, model, url, weather


class Person(BaseModel):
    name: str
    age: int


def models():
    openai = {"id": model, "base_url": f"{url}/v1", "api_key": "unused"}
    return [
        OpenAILike(**openai),
        OpenAIResponses(**openai),
        LMStudio(**openai),
        Ollama(id=model, host=url),
        Claude(id=model, client=anthropic.Anthropic(base_url=url, api_key="unused", max_retries=0), max_tokens=100),
    ]


def with_each(name, attempt, kinds=None):
    def run():
        for each in models():
            if kinds is not None and not isinstance(each, kinds):
                continue
            try:
                attempt(lambda question, **fields: Agent(model=each, telemetry=False, **fields).run(question).content)
            except Exception as error:
                raise RuntimeError(type(each).__name__) from error

    flow(name, run)


with_each("chat", lambda ask: holds("Hello from exo.", ask("hi")))
with_each("tools", lambda ask: holds("It says rain.", ask("How is the weather?", tools=[weather])))
with_each("structured", lambda ask: holds("Ann", ask("Ann is 3", output_schema=Person).name))
# For Ollama and Claude, Agno only describes the JSON in the prompt, which the tiny model has not learned.
with_each(
    "json mode",
    lambda ask: holds("Ann", ask("Ann is 3", output_schema=Person, use_json_mode=True).name),
    (OpenAILike, OpenAIResponses, LMStudio),
)
