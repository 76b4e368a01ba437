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


def generate():
    holds("Hello from exo.", client.generate(model=model, prompt="hi").response)
    pieces = list(client.generate(model=model, prompt="hi", stream=True, options={"num_predict": 2}))
    assert pieces[-1].done and pieces[-1].done_reason == "length" and pieces[-1].eval_count == 2, pieces[-1]
    # The tiny model has no tokens for filling in.
    fails(lambda: client.generate(model=model, prompt="def f(", suffix="return 1"), "suffix")


def logprobs():
    answer = client.chat(model=model, messages=hi, logprobs=True, top_logprobs=2)
    assert answer.logprobs and all(len(entry.top_logprobs) == 2 for entry in answer.logprobs), answer


def models():
    shown = client.show(model)
    holds("tools", shown.capabilities)
    client.create(model="parrot", from_=model, system="You are a parrot.", parameters={"temperature": 0})
    holds("Hello from exo.", client.chat(model="parrot", messages=hi).message.content)
    client.copy("parrot", "crow")
    holds("crow", [entry.model for entry in client.list().models])
    for name in ("parrot", "crow"):
        holds("success", client.delete(name).status)
    fails(lambda: client.chat(model="parrot", messages=hi), "404")


def pull():
    holds("success", client.pull(model).status)
    holds("success", [part.status for part in client.pull(model, stream=True)])
    fails(lambda: client.push(model), "does not upload")


def load_and_unload():
    """One copy, however often it is loaded; and none once it is unloaded, until the next request."""
    for _ in range(3):
        holds("load", client.generate(model=model).done_reason)
    assert len([entry for entry in client.ps().models if entry.model == model]) == 1
    holds("unload", client.generate(model=model, keep_alive=0).done_reason)
    assert all(entry.model != model for entry in client.ps().models)
    holds("Hello from exo.", client.chat(model=model, messages=hi).message.content)


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
flow("generate", generate)
flow("logprobs", logprobs)
flow("models", models)
flow("pull", pull)
flow("load and unload", load_and_unload)
flow("cancel", lambda: cancels(hang_up))
flow("errors", lambda: fails(lambda: client.chat(model="nobody-has-this", messages=hi), "404"))
