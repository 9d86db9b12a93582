"""Records of other tools: from a file, or by running the tool with its own interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.bench.parse.runner import Output, Progress, Timing, cores, pages_of, peak_memory
from app.bench.parse.truth import Found, Truth, read_found
from core.errors import InputError

PEERS = ("refextract", "citation-checker", "paper-preflight", "pymupdf4llm", "opendataloader-pdf")
_HARNESS = Path(__file__).parent / "peers" / "harness.py"
_LONGEST_FILE_S = 600.0
_LONGEST_LINE = 64 * 2**20


def read_predictions(path: Path, truths: Sequence[Truth]) -> Output:
    """Records from lines of JSON, each with the ``file`` that it tells of.

    Raises:
        InputError: The file cannot be read, or a line is no JSON object.
    """
    found: dict[str, Found] = {}
    errors: dict[str, str] = {}
    names = _names(truths)
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                record = json.loads(line) if line.strip() else {}
                if not isinstance(record, dict):
                    raise InputError(f"{path}, line {number}: no JSON object", hint="One object a line, with a file.")
                name = names.get(_key(str(record.get("file", ""))))
                if name is not None:
                    _take(record, name, found, errors)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}", hint="Give lines of JSON as galacite parse --json prints them.") from error
    return Output(found=found, errors=errors)


def run_peer(name: str, python: Path, truths: Sequence[Truth], *, on_progress: Progress | None = None) -> Output:
    """Run a tool over a set, one file after another on one core; a file on which it dies or hangs is left out.

    Raises:
        InputError: There is no adapter for the tool, or it cannot be started.
    """
    if name not in PEERS:
        raise InputError(f"no adapter for {name}", hint=f"There are {', '.join(PEERS)}; or score its output in a file.")
    run = _Run(name, python, on_progress)
    started = time.perf_counter()
    with peak_memory() as peak, cores(1):
        left = list(truths)
        while left:
            left = left[run.over(left) :]
    timing = Timing(workers=1, pages=pages_of(truths), elapsed_s=time.perf_counter() - started)
    return Output(found=run.found, errors=run.errors, timings=(timing,), peak_memory_mib=peak(), provides=run.provides)


class _Run:
    """A tool's process, started again when it died of a file."""

    def __init__(self, name: str, python: Path, on_progress: Progress | None) -> None:
        self._name = name
        self._python = python
        self._on_progress = on_progress
        self.found: dict[str, Found] = {}
        self.errors: dict[str, str] = {}
        self.provides: frozenset[str] | None = None

    def over(self, truths: Sequence[Truth]) -> int:
        """Read papers until all are done or the process ends; returns how many are behind it."""
        with tempfile.TemporaryDirectory(prefix="galacite-peer-") as folder:
            process = self._start(truths, Path(folder))
            try:
                return self._take_answers(process, truths)
            finally:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()

    def _start(self, truths: Sequence[Truth], folder: Path) -> subprocess.Popen[bytes]:
        others = {name: value for name, value in os.environ.items() if not name.startswith(("GALACITE_", "PYTHON"))}
        files = [str(truth.path.absolute()) for truth in truths]
        try:
            return subprocess.Popen(
                [str(self._python), "-P", str(_HARNESS), self._name, *files],
                cwd=folder,
                env={**others, "HOME": str(folder), "TMPDIR": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise InputError(
                f"{self._python}: {error.strerror}", hint=f"Name the interpreter that has {self._name}."
            ) from error

    def _take_answers(self, process: subprocess.Popen[bytes], truths: Sequence[Truth]) -> int:
        provides = _answer(process)
        if provides is None or not isinstance(provides.get("provides"), list):
            raise InputError(
                f"{self._name} cannot be run by {self._python}",
                hint=f"Is it installed there? {self._python} -m pip install {self._name}",
            )
        self.provides = frozenset(provides["provides"])
        for number, truth in enumerate(truths):
            record = _answer(process)
            if record is None:
                self.errors[truth.name] = "the tool died or took too long"
                return number + 1
            _take(record, truth.name, self.found, self.errors)
            if self._on_progress is not None:
                self._on_progress(len(self.found) + len(self.errors), 0)
        return len(truths)


def _answer(process: subprocess.Popen[bytes]) -> Mapping[str, Any] | None:
    """The next line of a tool's answers; None when it ended, took too long or wrote something else."""
    if process.stdout is None:
        return None
    timer = threading.Timer(_LONGEST_FILE_S, process.kill)
    timer.start()
    try:
        answer = json.loads(process.stdout.readline(_LONGEST_LINE))
    except ValueError:
        return None
    finally:
        timer.cancel()
    return answer if isinstance(answer, dict) else None


def _take(record: Mapping[str, Any], name: str, found: dict[str, Found], errors: dict[str, str]) -> None:
    if "error" in record:
        errors[name] = str(record["error"])
    else:
        found[name] = read_found(record)


def _names(truths: Sequence[Truth]) -> dict[str, str]:
    return {_key(str(truth.path)): truth.name for truth in truths}


def _key(file: str) -> str:
    """A paper's file by its name and the folder that holds it, so that moved data are recognised."""
    return "/".join(Path(file).parts[-2:])
