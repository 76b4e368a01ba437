from ollama import Client

from flows import cancels, fails, flow, holds, model, remembered, url, weather

client = Client(host=url)
hi = [{"role": "user", "content": "hi"}]
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


def call_tool():
    message = client.chat(model=model, messages=hi, tools=[weather]).message
    call = message.tool_calls[0].function
    holds("rain in Oslo", weather(**call.arguments))
    answer = client.chat(
        model=model,
        tools=[weather],
        messages=[*hi, message, {"role": "tool", "tool_name": call.name, "content": weather(**call.arguments)}],
    )
    holds("It says rain.", answer.message.content)


def hang_up():
    answer = client.chat(model=model, messages=[{"role": "user", "content": "Count"}], stream=True)
    next(answer)
    answer.close()


def embed():
    first, second = client.embed(model=model, input=["a text", "another text"]).embeddings
    assert len(first) == len(second) and first != second
    assert len(client.embeddings(model=model, prompt="a text").embedding) == len(first)


flow("list", lambda: holds(model, [entry.model for entry in client.list().models]))
flow("chat", lambda: holds("Hello from exo.", client.chat(model=model, messages=hi).message.content))
flow(
    "stream",
    lambda: holds(
        "Hello from exo.", "".join(part.message.content for part in client.chat(model=model, messages=hi, stream=True))
    ),
)
flow("tools", call_tool)
flow("multi-turn", lambda: holds("Your name is Ann.", client.chat(model=model, messages=remembered).message.content))
flow("structured", lambda: holds("Ann", client.chat(model=model, messages=hi, format=PERSON).message.content))
flow("embeddings", embed)
flow("cancel", lambda: cancels(hang_up))
flow("errors", lambda: fails(lambda: client.chat(model="nobody-has-this", messages=hi), "404"))
