from llama_index.core import PromptTemplate
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.llms.ollama import Ollama
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, model, only, remembered, url, weather

hi = [ChatMessage(role="user", content="hi")]


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def openai_like(at):
    return OpenAILike(
        model=at,
        api_base=f"{url}/v1",
        api_key="unused",
        is_chat_model=True,
        is_function_calling_model=True,
        context_window=32768,
        max_retries=0,
    )


async def tools(make):
    return await FunctionAgent(tools=[weather], llm=make()).run("How is the weather?")


def structured(make):
    holds("Ann", make().as_structured_llm(Person).complete("Ann is 3").raw)
    return make().structured_predict(Person, PromptTemplate("{who} is 3"), who="Ann").name


def leave(make):
    pieces = make().stream_chat([ChatMessage(role="user", content="Count")])
    next(pieces)
    pieces.close()


client_flows(
    {"openai-like": openai_like, "ollama": lambda at: Ollama(model=at, base_url=url, request_timeout=60)},
    {
        "list": only(["ollama"], lambda make: make().client.list().models),
        "context": only(["ollama"], lambda make: holds("131072", make().metadata.context_window)),
        "chat": lambda make: make().chat(hi).message.content,
        "stream": lambda make: list(make().stream_chat(hi))[-1].message.content,
        "multi-turn": lambda make: make().chat([ChatMessage(**message) for message in remembered]).message.content,
        "tools": tools,
        "structured": structured,
        "cancel": leave,
        "errors": lambda make: make(ABSENT).chat(hi),
    },
)


def completion(at):
    return OpenAILike(model=at, api_base=f"{url}/v1", api_key="unused", is_chat_model=False, max_tokens=8, max_retries=0)


client_flows(completion, {"completions": lambda make: make().complete("Once").text})
