import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

from flows import flow, holds, model, parameters, url

litellm.suppress_debug_info = True
PREFIXES = {
    "openai": f"{url}/v1",
    "hosted_vllm": f"{url}/v1",
    "lm_studio": f"{url}/v1",
    "ollama_chat": url,
    "ollama": url,
    "anthropic": url,
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
    ["openai", "hosted_vllm", "ollama_chat"],
)
flow(
    "responses",
    lambda: holds(
        "Hello from exo.",
        litellm.responses(model=f"openai/{model}", input="hi", api_base=f"{url}/v1", api_key="unused").output,
    ),
)
