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
    output = run_program(
        "lm_eval",
        "--model",
        kind,
        "--model_args",
        f"{server}{arguments}",
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
    return output


until = "generation_kwargs: {until: ['.'], max_gen_toks: 16}\n"
UNTOKENIZED = ",tokenized_requests=False,tokenizer_backend=none"
flow(
    "chat",
    lambda: evaluate(
        "local-chat-completions", "/v1/chat/completions", UNTOKENIZED, "generate_until", '"{{answer}}"', until, "exact_match"
    ),
)
flow(
    "completions",
    lambda: evaluate(
        "local-completions", "/v1/completions", UNTOKENIZED, "generate_until", '"{{answer}}"', until, "exact_match"
    ),
)


def likelihoods(arguments):
    """The texts of the questions are compared as token ids, with the node's own tokenizer, as lm-eval does by default."""
    output = evaluate("local-completions", "/v1/completions", arguments, "loglikelihood", '" Hello"', "", "perplexity")
    row = next(line for line in output.splitlines() if line.startswith("|greeting|"))
    assert float(row.split("|")[7]) > 1, row


flow("log likelihoods", lambda: likelihoods(""))
flow("log likelihoods of texts", lambda: likelihoods(",tokenized_requests=False"))
flow(
    "multiple choice",
    lambda: evaluate(
        "local-completions",
        "/v1/completions",
        "",
        "multiple_choice",
        "0",
        'doc_to_choice: ["Hello", "Goodbye", "No"]\n',
        "acc",
    ),
)
