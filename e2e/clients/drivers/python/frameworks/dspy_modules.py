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


def ollama(at, **fields):
    return dspy.LM(f"ollama_chat/{at}", api_base=url, api_key="unused", cache=False, num_retries=0, **fields)


def signature(make):
    """The tiny model has not learned DSPy's own markers, so only that the node has answered is asked for."""
    with dspy.context(lm=make(), adapter=dspy.ChatAdapter()):
        try:
            dspy.Predict("question -> answer")(question="hi")
        except dspy.utils.exceptions.AdapterParseError as error:
            return error.lm_response
    raise AssertionError("the tiny model knows DSPy's markers")


client_flows(
    {"chat": lm(), "responses": lm(model_type="responses"), "ollama": ollama},
    {
        "chat": lambda make: make()("hi"),
        "predict": signature,
        "multi-turn": lambda make: make()(messages=remembered),
        # For chats with models that LiteLLM does not know, DSPy only describes the JSON in words, which the tiny model has not learned.
        "structured": only(["responses"], predict),
        "cancel": only(["chat"], leave),
        "errors": lambda make: make(ABSENT)("hi"),
    },
)
