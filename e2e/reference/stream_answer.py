"""Streams an answer with the official openai client: stream_answer.py BASE_URL MODEL PROMPT; prints one JSON object."""
import json
import sys

from openai import OpenAI

base_url, model, prompt = sys.argv[1:]
client = OpenAI(base_url=base_url, api_key="unused")
text, deltas, finish_reason, usage = "", 0, None, None
for chunk in client.chat.completions.create(
    model=model,
    messages=[{"role": "user", "content": prompt}],
    temperature=0,
    max_tokens=64,
    stream=True,
    stream_options={"include_usage": True},
):
    for choice in chunk.choices:
        if choice.delta.content:
            text += choice.delta.content
            deltas += 1
        finish_reason = choice.finish_reason or finish_reason
    if chunk.usage:
        usage = chunk.usage.model_dump()
json.dump({"text": text, "deltas": deltas, "finishReason": finish_reason, "usage": usage}, sys.stdout)
