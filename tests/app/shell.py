"""The command line as a shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from app.settings import Settings


def run(settings: Settings, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, with these settings."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={**os.environ, **settings.as_environment()},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def data(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command that succeeded printed as JSON."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
