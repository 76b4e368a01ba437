from anthropic import Anthropic
from pydantic import BaseModel

from flows import cancels, fails, flow, holds, model, parameters, remembered, url

client = Anthropic(base_url=url, api_key="unused", max_retries=0)
hi = [{"role": "user", "content": "hi"}]
tools = [{"name": "weather", "description": "The weather of a city", "input_schema": parameters}]


class Person(BaseModel):
    name: str
    age: int


def ask(**fields):
    return client.messages.create(**{"model": model, "max_tokens": 100, "messages": hi, **fields})


def stream():
    with client.messages.stream(model=model, max_tokens=100, messages=hi) as events:
        holds("Hello from exo.", "".join(events.text_stream))
        assert events.get_final_message().usage.output_tokens > 0


def call_tool():
    message = ask(tools=tools)
    use = next(block for block in message.content if block.type == "tool_use")
    holds("Oslo", use.input)
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "rain"}
    answer = ask(
        tools=tools,
        messages=[*hi, {"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}],
    )
    holds("It says rain.", answer.content[0].text)


def hang_up():
    with client.messages.stream(
        model=model, max_tokens=100_000, messages=[{"role": "user", "content": "Count"}]
    ) as events:
        next(iter(events.text_stream))


def errors():
    fails(lambda: ask(model="nobody-has-this"), "404")
    fails(lambda: ask(messages=[]), "400.*messages")
    fails(lambda: ask(max_tokens=-5), "400.*max_tokens")
    fails(lambda: ask(extra_body={"temperature": -1}), "400.*temperature")
    fails(lambda: ask(tools=tools, tool_choice={"type": "tool", "name": "none"}), "400.*tool_choice")
    # The SDK itself refuses a message without this field.
    fails(lambda: client.post("/v1/messages", body={"model": model, "messages": hi}, cast_to=object), "400.*max_tokens")


def count_tokens():
    count = client.messages.count_tokens(model=model, messages=hi, tools=tools).input_tokens
    usage = ask(tools=tools).usage
    assert count == usage.input_tokens + usage.cache_read_input_tokens, (count, usage)


def server_tools():
    holds("Hello from exo.", ask(tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}]).content[0].text)


def prefill():
    """The answer goes on from what the request has put into the model's mouth."""
    message = ask(messages=[*hi, {"role": "assistant", "content": "Hello"}], max_tokens=8)
    holds("assistant", message.role)
    assert message.usage.output_tokens > 0


def base_urls():
    for base in (f"{url}/", f"{url}/v1"):
        for access in ({"api_key": "unused"}, {"auth_token": "unused"}):
            other = Anthropic(base_url=base, max_retries=0, **access)
            message = other.messages.create(model="default", max_tokens=100, messages=hi)
            holds("Hello from exo.", message.content[0].text)


def described():
    entry = next(each for each in client.models.list() if each.id == model)
    assert entry.display_name and entry.created_at and entry.max_input_tokens, entry
    holds(entry.id, client.models.retrieve(entry.id).id)


flow("list", lambda: holds(model, [entry.id for entry in client.models.list()]))
flow("chat", lambda: holds("Hello from exo.", ask().content[0].text))
flow("stream", stream)
flow("tools", call_tool)
flow("forced tool", lambda: holds("Oslo", ask(tools=tools, tool_choice={"type": "any"}).content))
flow("multi-turn", lambda: holds("Your name is Ann.", ask(messages=remembered).content[0].text))
flow(
    "structured",
    lambda: holds(
        "Ann", client.messages.parse(model=model, max_tokens=100, messages=hi, output_format=Person).parsed_output.name
    ),
)
flow("list in full", described)
flow("count tokens", count_tokens)
flow("server tools", server_tools)
flow("prefill", prefill)
flow("base URLs", base_urls)
flow("cancel", lambda: cancels(hang_up))
flow("errors", errors)
