import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import dspy

from flows import flow, holds, model, url


def lm(**fields):
    return dspy.LM(f"openai/{model}", api_base=f"{url}/v1", api_key="unused", cache=False, num_retries=0, **fields)


def predict(adapter, question, signature, wanted, **fields):
    with dspy.context(lm=lm(**fields), adapter=adapter):
        holds(wanted, dspy.Predict(signature)(question=question))


flow("chat", lambda: holds("Hello from exo.", lm()("hi")))
flow("responses", lambda: holds("Hello from exo.", lm(model_type="responses")("hi")))
# For chats with models that LiteLLM does not know, DSPy only describes the JSON in words, which the tiny model has not learned.
flow(
    "structured",
    lambda: predict(dspy.JSONAdapter(), "Ann is 3", "question -> name: str, age: int", "Ann", model_type="responses"),
)
