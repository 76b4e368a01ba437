import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import dspy
import litellm

from flows import flow, holds, model, url

# DSPy asks LiteLLM's table of models whether one can answer in JSON.
litellm.register_model(
    {f"openai/{model}": {"litellm_provider": "openai", "mode": "chat", "supports_response_schema": True}}
)


def lm(**fields):
    return dspy.LM(f"openai/{model}", api_base=f"{url}/v1", api_key="unused", cache=False, num_retries=0, **fields)


def predict(adapter, question, signature, wanted, **fields):
    with dspy.context(lm=lm(**fields), adapter=adapter):
        holds(wanted, dspy.Predict(signature)(question=question))


flow("chat", lambda: holds("Hello from exo.", lm()("hi")))
flow("responses", lambda: holds("Hello from exo.", lm(model_type="responses")("hi")))
# The adapter demands JSON with these fields.
flow("structured", lambda: predict(dspy.JSONAdapter(), "Ann is 3", "question -> name: str, age: int", "Ann"))
flow(
    "structured responses",
    lambda: predict(dspy.JSONAdapter(), "Ann is 3", "question -> name: str, age: int", "Ann", model_type="responses"),
)
