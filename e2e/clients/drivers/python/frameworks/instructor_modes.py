import instructor
from openai import OpenAI
from pydantic import BaseModel

from flows import flow, holds, model, url


class Person(BaseModel):
    name: str
    age: int


def ask(mode):
    client = instructor.from_openai(
        OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0), mode=getattr(instructor.Mode, mode)
    )
    holds(
        "Ann",
        client.chat.completions.create(
            model=model, response_model=Person, messages=[{"role": "user", "content": "Ann is 3"}]
        ).name,
    )


for each in ("TOOLS", "TOOLS_STRICT", "JSON", "JSON_SCHEMA", "RESPONSES_TOOLS"):
    flow(each, lambda: ask(each))
