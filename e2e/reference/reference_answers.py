"""What mlx-lm answers, greedily, on a model folder.

Standard input: {"modelDir", "maxTokens", "prompts": [{"messages": [...]} | {"text": "..."} | {"tokenIds": [...]}]}.
Standard output: [{"promptTokenIds", "tokenIds", "text", "smallestGap"}], where the gap is between the logits of the two
likeliest tokens of a step: where it is tiny, float rounding decides.
"""
import json
import sys

import mlx.core as mx
from mlx_lm import load, stream_generate


def prompt_token_ids(tokenizer, prompt):
    if "messages" in prompt:
        return tokenizer.apply_chat_template(prompt["messages"], add_generation_prompt=True, tokenize=True, return_dict=False)
    if "text" in prompt:
        return tokenizer.encode(prompt["text"])
    return prompt["tokenIds"]


def answer(model, tokenizer, prompt, max_tokens):
    ids = list(prompt_token_ids(tokenizer, prompt))
    token_ids, smallest_gap = [], float("inf")
    for response in stream_generate(model, tokenizer, ids, max_tokens=max_tokens):
        token_ids.append(response.token)
        likeliest = mx.sort(mx.topk(response.logprobs.reshape(-1), 2))
        smallest_gap = min(smallest_gap, (likeliest[1] - likeliest[0]).item())
    # Decoded as a whole: mlx-lm's streaming decoder drops a leading blank.
    text = tokenizer.decode([token for token in token_ids if token not in tokenizer.eos_token_ids])
    return {"promptTokenIds": ids, "tokenIds": token_ids, "text": text, "smallestGap": smallest_gap}


def main():
    request = json.load(sys.stdin)
    model, tokenizer = load(request["modelDir"])
    json.dump([answer(model, tokenizer, prompt, request["maxTokens"]) for prompt in request["prompts"]], sys.stdout)


main()
