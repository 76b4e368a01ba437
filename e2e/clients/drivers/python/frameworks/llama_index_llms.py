from llama_index.core import PromptTemplate
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.llms.ollama import Ollama
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from flows import flow, holds, model, remembered, url, weather

llms = [
    OpenAILike(
        model=model,
        api_base=f"{url}/v1",
        api_key="unused",
        is_chat_model=True,
        is_function_calling_model=True,
        context_window=32768,
        max_retries=0,
    ),
    Ollama(model=model, base_url=url, request_timeout=60),
]
hi = [ChatMessage(role="user", content="hi")]


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def with_each(name, attempt):
    def run():
        for llm in llms:
            attempt(llm)

    flow(name, run)


async def tools():
    for llm in llms:
        holds("It says rain.", await FunctionAgent(tools=[weather], llm=llm).run("How is the weather?"))


with_each("chat", lambda llm: holds("Hello from exo.", llm.chat(hi).message.content))
with_each("stream", lambda llm: holds("Hello from exo.", list(llm.stream_chat(hi))[-1].message.content))
with_each(
    "multi-turn",
    lambda llm: holds(
        "Your name is Ann.", llm.chat([ChatMessage(**message) for message in remembered]).message.content
    ),
)
flow("tools", tools)


def structured(llm):
    holds("Ann", llm.as_structured_llm(Person).complete("Ann is 3").raw)
    holds("Ann", llm.structured_predict(Person, PromptTemplate("{who} is 3"), who="Ann").name)


with_each("structured", structured)
