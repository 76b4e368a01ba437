import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

from flows import ABSENT, REFUSAL, MISSING, cancels, fails, flow, holds, model, parameters, remembered, url

litellm.suppress_debug_info = True
PREFIXES = {
    "openai": f"{url}/v1",
    "hosted_vllm": f"{url}/v1",
    "lm_studio": f"{url}/v1",
    "ollama_chat": url,
    "ollama": url,
    "anthropic": url,
    "llamafile": f"{url}/v1",
}
FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "Person",
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
            "required": ["name", "age"],
        },
    },
}
tools = [
    {
        "type": "function",
        "function": {"name": "weather", "description": "The weather of a city", "parameters": parameters},
    }
]


def with_each(name, attempt, prefixes=PREFIXES):
    def run():
        for prefix in prefixes:
            try:
                attempt(
                    {
                        "model": f"{prefix}/{model}",
                        "api_base": PREFIXES[prefix],
                        "api_key": "unused",
                        "max_retries": 0,
                        "messages": [{"role": "user", "content": "hi"}],
                    }
                )
            except Exception as error:
                raise RuntimeError(prefix) from error

    flow(name, run)


def stream(options):
    text = "".join(chunk.choices[0].delta.content or "" for chunk in litellm.completion(stream=True, **options))
    holds("Hello from exo.", text)


with_each("chat", lambda options: holds("Hello from exo.", litellm.completion(**options).choices[0].message.content))
with_each("stream", stream)
# For Ollama's older API, LiteLLM requests JSON instead of tools.
with_each(
    "tools",
    lambda options: holds(
        "Oslo", litellm.completion(tools=tools, **options).choices[0].message.tool_calls[0].function.arguments
    ),
    [prefix for prefix in PREFIXES if prefix != "ollama"],
)
with_each(
    "structured",
    lambda options: holds("Ann", litellm.completion(response_format=FORMAT, **options).choices[0].message),
    ["openai", "hosted_vllm", "lm_studio", "ollama_chat", "ollama", "anthropic"],
)
with_each(
    "multi-turn",
    lambda options: holds("Your name is Ann.", litellm.completion(**{**options, "messages": remembered}).choices[0].message.content),
    # Ollama's older API gets the turns as one text.
    [prefix for prefix in PREFIXES if prefix != "ollama"],
)


def leave(options):
    def hang_up():
        pieces = litellm.completion(**{**options, "messages": [{"role": "user", "content": "Count"}]}, stream=True)
        next(pieces)
        pieces.completion_stream.close()

    cancels(hang_up)


with_each("cancel", leave, ["openai"])
with_each("errors", lambda options: fails(lambda: litellm.completion(**{**options, "model": f"openai/{ABSENT}"}), REFUSAL), ["openai"])
with_each(
    "errors over Ollama",
    lambda options: fails(lambda: litellm.completion(**{**options, "model": f"ollama_chat/{ABSENT}"}), f"{REFUSAL}|{MISSING}"),
    ["ollama_chat"],
)
at = {"api_base": f"{url}/v1", "api_key": "unused"}
flow("text", lambda: holds("text", litellm.text_completion(model=f"text-completion-openai/{model}", prompt="hi", max_tokens=4, **at)))
flow("embeddings", lambda: holds("embedding", litellm.embedding(model=f"openai/{model}", input=["hi"], **at).data[0]))
flow(
    "responses",
    lambda: holds(
        "Hello from exo.",
        litellm.responses(model=f"openai/{model}", input="hi", api_base=f"{url}/v1", api_key="unused").output,
    ),
)
