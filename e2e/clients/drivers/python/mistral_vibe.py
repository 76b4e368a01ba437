import json
import os
import subprocess
import sys
from pathlib import Path

from flows import ABSENT, client_flows, url, wanting

home = Path(os.environ["HOME"])
(home / "a.txt").write_text("The word is banana.\n")
(home / ".vibe").mkdir()
CONFIG = """active_model = "exo"
enable_telemetry = false
enable_update_checks = false
[[providers]]
name = "exo"
api_base = "%s/v1"
[[models]]
name = %s
provider = "exo"
alias = "exo"
"""
# Its launcher starts a binary, which looks for the server beside it.
VIBE = Path(os.environ["PYTHONPATH"].split(os.pathsep)[0]) / "bin" / "vibe"


def ask(at):
    (home / ".vibe" / "config.toml").write_text(CONFIG % (url, json.dumps(at)))

    def run(question, *arguments):
        command = [sys.executable, str(VIBE), "-p", question, "--agent", "auto-approve", *arguments]
        done = subprocess.run(command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=160)
        return done.stdout + done.stderr

    return run


def turns(make):
    make()("My name is Ann.")
    return make()("What is my name?", "--continue")


client_flows(
    ask,
    {
        # The tiny model describes its command, which the shell of vibe refuses: the model reads an error and says so.
        "tools": wanting("The tool has answered.", lambda make: make()("What does a.txt say?")),
        "multi-turn": turns,
        "errors": lambda make: make(ABSENT)("hi"),
    },
)
