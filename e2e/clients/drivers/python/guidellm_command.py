import json
import os

from pathlib import Path

from flows import flow, model, url
from run_program import run_program

folder = Path(os.environ["HOME"])
prompts = folder / "prompts.jsonl"
prompts.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in ("hi", "hello", "good day")))


def measure():
    report = folder / "report.json"
    output = run_program(
        "guidellm",
        "benchmark",
        "run",
        "--target",
        url,
        "--model",
        model,
        "--processor",
        os.environ["EXO_MODEL_FOLDER"],
        "--data",
        str(prompts),
        "--rate-type",
        "synchronous",
        "--max-requests",
        "2",
        "--disable-progress",
        "--output-path",
        str(report),
        HF_HUB_OFFLINE="1",
    )
    assert report.exists(), output
    totals = json.loads(report.read_text())["benchmarks"][0]["request_totals"]
    assert (totals["successful"], totals["errored"]) == (2, 0), totals


flow("benchmark", measure)
