from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from flows import flow, holds, model, remembered, url, weather

chats = {
    "openai": ChatOpenAI(base_url=f"{url}/v1", api_key="unused", model=model, max_retries=0),
    "responses": ChatOpenAI(base_url=f"{url}/v1", api_key="unused", model=model, max_retries=0, use_responses_api=True),
    "anthropic": ChatAnthropic(base_url=url, api_key="unused", model=model, max_tokens=100, max_retries=0),
    "ollama": ChatOllama(base_url=url, model=model, validate_model_on_init=True),
}


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def with_each(name, attempt):
    def run():
        for provider, chat in chats.items():
            try:
                attempt(chat)
            except Exception as error:
                raise RuntimeError(provider) from error

    flow(name, run)


def agent(chat):
    answer = create_agent(chat, [weather]).invoke({"messages": [{"role": "user", "content": "How is the weather?"}]})
    holds("It says rain.", answer["messages"][-1].text)


with_each("chat", lambda chat: holds("Hello from exo.", chat.invoke("hi").text))
with_each("stream", lambda chat: holds("Hello from exo.", "".join(chunk.text for chunk in chat.stream("hi"))))
with_each("tools", agent)
with_each("multi-turn", lambda chat: holds("Your name is Ann.", chat.invoke(remembered).text))


def structured(chat):
    holds("Ann", chat.with_structured_output(Person).invoke("hi").name)
    methods = ("json_schema", "function_calling") if chat is chats["anthropic"] else ("json_schema", "function_calling", "json_mode")
    for method in methods:
        holds("Ann", chat.with_structured_output(Person, method=method).invoke("hi, as JSON").name)
    whole = chat.with_structured_output(Person.model_json_schema(), include_raw=True).invoke("hi")
    assert whole["parsing_error"] is None, whole
    holds("Ann", whole["parsed"]["name"])


with_each("structured", structured)
