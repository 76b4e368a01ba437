"""Runs the command of a Python package like its own entry point."""

import os
import subprocess
import sys

LIMIT_S = 280


def run_program(module, *arguments, cwd=None, **env):
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    return done.stdout + done.stderr
