import json
import os

from pathlib import Path

from flows import flow, model, url
from run_program import run_program

folder = Path(os.environ["HOME"])
prompts = folder / "prompts.jsonl"
prompts.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in ("hi", "hello", "good day")))


def measure(route):
    report = folder / f"{Path(route).name}.json"
    output = run_program(
        "guidellm",
        "run",
        "--backend",
        f"kind=openai_http,target={url},model={model},request_format={route}",
        "--tokenizer",
        f"kind=huggingface_auto,model={os.environ['EXO_MODEL_FOLDER']}",
        "--data",
        f"kind=json_file,path={prompts}",
        "--profile",
        "kind=synchronous",
        "--constraint",
        "kind=max_requests,count=2",
        "--disable-progress",
        "--output",
        f"kind=json,path={report}",
        HF_HUB_OFFLINE="1",
    )
    assert report.exists(), output
    totals = json.loads(report.read_text())["benchmarks"][0]["metrics"]["request_totals"]
    assert (totals["successful"], totals["errored"]) == (2, 0), totals


flow("chat", lambda: measure("/v1/chat/completions"))
flow("completions", lambda: measure("/v1/completions"))
