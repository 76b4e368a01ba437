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


def choices():
    answer = client.chat.completions.create(model=model, messages=hi, n=2, seed=7, logprobs=True, top_logprobs=2)
    assert [choice.message.content for choice in answer.choices] == ["Hello from exo."] * 2
    assert all(len(token.top_logprobs) == 2 for choice in answer.choices for token in choice.logprobs.content)


def completions():
    answer = client.completions.create(model=model, prompt="Once upon", max_tokens=4, echo=True, logprobs=1)
    assert answer.choices[0].text.startswith("Once upon")
    logprobs = answer.choices[0].logprobs
    assert len(logprobs.tokens) == len(logprobs.token_logprobs) == answer.usage.total_tokens
    ids = client.completions.create(model=model, prompt=[[1, 2, 3], [4, 5]], max_tokens=2)
    assert [choice.index for choice in ids.choices] == [0, 1]
    pieces = list(client.completions.create(model=model, prompt="Once", max_tokens=4, stream=True))
    assert pieces[-1].choices[0].finish_reason == "length"


def kept_responses():
    """The node keeps answers, so a next one can refer to them."""
    first = client.responses.create(model=model, input="My name is Ann.")
    again = client.responses.create(model=model, input="What is my name?", previous_response_id=first.id)
    holds("Your name is Ann.", again.output_text)
    holds(first.output_text, client.responses.retrieve(first.id).output_text)
    reference = {"type": "item_reference", "id": first.output[0].id}
    turns = [{"role": "user", "content": "My name is Ann."}, reference, {"role": "user", "content": "What is my name?"}]
    holds("Your name is Ann.", client.responses.create(model=model, input=turns).output_text)
    holds("user", client.responses.input_items.list(first.id).data[0].role)
    client.responses.delete(first.id)
    fails(lambda: client.responses.retrieve(first.id), "404")


def hosted_tools():
    kinds = [{"type": "web_search"}, {"type": "file_search", "vector_store_ids": ["none"]}, {"type": "custom", "name": "patch"}]
    for kind in kinds:
        answer = client.responses.create(model=model, input="hi", tools=[kind])
        holds("completed", answer.status)


def parsed_responses():
    holds("Ann", client.responses.parse(model=model, input="hi", text_format=Person).output_parsed.name)


def count_tokens():
    count = client.responses.input_tokens.count(model=model, input="hi").input_tokens
    assert count == client.responses.create(model=model, input="hi").usage.input_tokens


def base_urls():
    for base in (url, f"{url}/", f"{url}/v1/", f"{url}//v1"):
        other = OpenAI(base_url=base, api_key="unused", max_retries=0)
        holds(model, [entry.id for entry in other.models.list()])
        holds("Hello from exo.", other.chat.completions.create(model="default", messages=hi).choices[0].message.content)


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
flow("choices", choices)
flow("completions", completions)
flow("kept responses", kept_responses)
flow("hosted tools", hosted_tools)
flow("parsed responses", parsed_responses)
flow("count tokens", count_tokens)
flow("base URLs", base_urls)
flow("embeddings", embed)
flow("cancel", lambda: cancels(hang_up))
flow("errors", errors)
