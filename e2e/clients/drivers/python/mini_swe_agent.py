import os

os.environ["MSWEA_SILENT_STARTUP"] = "1"
os.environ["MSWEA_COST_TRACKING"] = "ignore_errors"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from minisweagent.models.litellm_model import LitellmModel

from flows import ABSENT, REFUSAL, fails, flow, holds, model, url


def chat(at=model):
    return LitellmModel(
        model_name=f"openai/{at}",
        model_kwargs={"api_base": f"{url}/v1", "api_key": "unused", "max_retries": 0},
        cost_tracking="ignore_errors",
    )


def turns():
    question = {"role": "user", "content": "What does a.txt say?"}
    message = chat().query([question])
    holds("cat a.txt", message)
    said = {key: value for key, value in message.items() if key != "extra"}
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "The word is banana."}
    # It takes an answer without a command for a mistake, whose message has the answer's words.
    try:
        holds("It says banana.", chat().query([question, said, result]))
    except Exception as error:
        assert "tool" in str(error).lower() or "It says banana." in repr(vars(error)), error


def refused():
    os.environ["MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT"] = "1"
    fails(lambda: chat(ABSENT).query([{"role": "user", "content": "hi"}]), REFUSAL)


flow("tools", lambda: holds("cat a.txt", chat().query([{"role": "user", "content": "What does a.txt say?"}])))
flow("multi-turn", turns)
flow("errors", refused)
