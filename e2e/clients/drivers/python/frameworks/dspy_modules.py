import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import dspy

from flows import ABSENT, client_flows, only, remembered, url

def lm(**kind):
    return lambda at, **fields: dspy.LM(
        f"openai/{at}", api_base=f"{url}/v1", api_key="unused", cache=False, num_retries=0, **kind, **fields
    )


def predict(make):
    with dspy.context(lm=make(), adapter=dspy.JSONAdapter()):
        return dspy.Predict("question -> name: str, age: int")(question="Ann is 3")


async def leave(make):
    with dspy.context(lm=make()):
        pieces = dspy.streamify(dspy.Predict("question -> answer"))(question="Count")
        await anext(pieces)
        await pieces.aclose()


client_flows(
    {"chat": lm(), "responses": lm(model_type="responses")},
    {
        "chat": lambda make: make()("hi"),
        "multi-turn": lambda make: make()(messages=remembered),
        # For chats with models that LiteLLM does not know, DSPy only describes the JSON in words, which the tiny model has not learned.
        "structured": only(["responses"], predict),
        "cancel": only(["chat"], leave),
        "errors": lambda make: make(ABSENT)("hi"),
    },
)
