from openai import OpenAI
from pydantic import BaseModel

from flows import cancels, fails, flow, holds, model, parameters, remembered, url

client = OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0)
hi = [{"role": "user", "content": "hi"}]
tools = [{"type": "function", "function": {"name": "weather", "parameters": parameters}}]


class Person(BaseModel):
    name: str
    age: int


def stream():
    with client.chat.completions.stream(model=model, messages=hi) as events:
        for _ in events:
            pass
        holds("Hello from exo.", events.get_final_completion().choices[0].message.content)


def call_tool():
    message = client.chat.completions.create(model=model, messages=hi, tools=tools).choices[0].message
    holds("Oslo", message.tool_calls[0].function.arguments)
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "rain"}
    answer = client.chat.completions.create(model=model, messages=[*hi, message, result], tools=tools)
    holds("It says rain.", answer.choices[0].message.content)


def responses():
    holds("Hello from exo.", client.responses.create(model=model, input="hi").output_text)
    with client.responses.stream(model=model, input="hi") as events:
        for _ in events:
            pass
        holds("completed", events.get_final_response().status)


def hang_up():
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Count"}], stream=True)
    next(iter(answer))
    answer.close()


def errors():
    fails(lambda: client.chat.completions.create(model="nobody-has-this", messages=hi), "404")
    fails(lambda: client.chat.completions.create(model=model, messages=hi, temperature="warm"), "400.*temperature")


def embed():
    answer = client.embeddings.create(model=model, input=["a text", "another text"])
    first, second = (entry.embedding for entry in answer.data)
    assert len(first) == len(second) and first != second
    assert abs(sum(value * value for value in first) - 1) < 1e-3
    assert answer.usage.prompt_tokens > 0


flow("list", lambda: holds(model, [entry.id for entry in client.models.list()]))
flow(
    "chat",
    lambda: holds(
        "Hello from exo.", client.chat.completions.create(model=model, messages=hi).choices[0].message.content
    ),
)
flow("stream", stream)
flow("tools", call_tool)
flow(
    "forced tool",
    lambda: holds(
        "Oslo",
        client.chat.completions.create(model=model, messages=hi, tools=tools, tool_choice="required")
        .choices[0]
        .message.tool_calls,
    ),
)
flow(
    "multi-turn",
    lambda: holds(
        "Your name is Ann.", client.chat.completions.create(model=model, messages=remembered).choices[0].message.content
    ),
)
flow("responses", responses)
flow(
    "structured",
    lambda: holds(
        "Ann",
        client.chat.completions.parse(model=model, messages=hi, response_format=Person).choices[0].message.parsed.name,
    ),
)
flow("embeddings", embed)
flow("cancel", lambda: cancels(hang_up))
flow("errors", errors)
