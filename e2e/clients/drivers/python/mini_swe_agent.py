import os

os.environ["MSWEA_SILENT_STARTUP"] = "1"
os.environ["MSWEA_COST_TRACKING"] = "ignore_errors"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from minisweagent.models.litellm_model import LitellmModel

from flows import flow, holds, model, url


def step():
    chat = LitellmModel(
        model_name=f"openai/{model}",
        model_kwargs={"api_base": f"{url}/v1", "api_key": "unused", "max_retries": 0},
        cost_tracking="ignore_errors",
    )
    holds("cat a.txt", chat.query([{"role": "user", "content": "What does a.txt say?"}]))


flow("tools", step)
