import json
import os
from pathlib import Path

from flows import flow, holds, model, url
from run_program import run_program

folder = Path(os.environ["HOME"])
(folder / "questions.jsonl").write_text(
    "".join(json.dumps({"question": text, "answer": "Hello"}) + "\n" for text in ("hi", "hello", "good day"))
)
TASK = """task: greeting
dataset_path: json
dataset_kwargs: {data_files: {test: %s}}
test_split: test
output_type: %s
doc_to_text: "{{question}}"
doc_to_target: %s
%smetric_list: [{metric: %s}]
"""


def evaluate(kind, path, arguments, *task):
    (folder / "greeting.yaml").write_text(TASK % (folder / "questions.jsonl", *task))
    server = f"model={model},base_url={url}{path},num_concurrent=1,max_retries=1"
    arguments = f"{server},tokenized_requests=False,tokenizer_backend=none{arguments}"
    output = run_program(
        "lm_eval",
        "--model",
        kind,
        "--model_args",
        arguments,
        "--tasks",
        "greeting",
        "--include_path",
        str(folder),
        *(["--apply_chat_template"] if "chat" in kind else []),
        cwd=str(folder),
        HF_HUB_OFFLINE="1",
        OPENAI_API_KEY="unused",
    )
    holds("|greeting|", output)


until = "generation_kwargs: {until: ['.'], max_gen_toks: 16}\n"
# Log likelihoods need a tokenizer from transformers on the client, which this environment does not install.
flow(
    "chat",
    lambda: evaluate(
        "local-chat-completions", "/v1/chat/completions", "", "generate_until", '"{{answer}}"', until, "exact_match"
    ),
)
flow(
    "completions",
    lambda: evaluate(
        "local-completions", "/v1/completions", "", "generate_until", '"{{answer}}"', until, "exact_match"
    ),
)
