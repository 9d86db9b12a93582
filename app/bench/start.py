"""How long one waits for Galacite: the command line, the first page of the app, the first word of an answer."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.services.answers import EvidenceFound, Finished, FirstToken, SentenceReady
from app.services.ingestion import follow
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import InputError

_HELP_RUNS = 7
_ANSWER_TIMEOUT_S = 60.0
CHROMIUM_NAMES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTiming:
    """Seconds from the question on; None for what did not come."""

    evidence_s: float
    first_token_s: float | None
    first_sentence_s: float | None
    whole_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBench:
    """What ``bench_start`` measured, in seconds. Cold: in a process that has loaded nothing yet."""

    help_s: float
    first_page_s: float | None
    cold_answer: AnswerTiming
    warm_answer: AnswerTiming


def bench_start(settings: Settings) -> StartBench:
    """Measure the waits on the sample library, in a data folder of their own.

    The first page needs Chromium and the package ``playwright``; without them it is None.
    """
    with tempfile.TemporaryDirectory(prefix="galacite-bench-") as folder:
        own = settings.elsewhere(Path(folder))
        question = _load_samples(own)
        cold = _answer_in_fresh_process(own, question)
        galacite = open_library(own)
        try:
            time_answer(galacite, question)
            warm = time_answer(galacite, question)
        finally:
            galacite.close()
        return StartBench(help_s=_time_help(), first_page_s=_time_first_page(own), cold_answer=cold, warm_answer=warm)


def time_answer(galacite: Galacite, question: str) -> AnswerTiming:
    """Ask once and note when each part of the answer came."""
    started = time.perf_counter()
    seen: dict[str, float] = {}
    for event in galacite.answers.stream(question):
        names: dict[type[object], str] = {
            EvidenceFound: "evidence", FirstToken: "token", SentenceReady: "sentence", Finished: "whole"
        }  # fmt: skip
        seen.setdefault(names[type(event)], time.perf_counter() - started)
    return AnswerTiming(
        evidence_s=seen["evidence"],
        first_token_s=seen.get("token"),
        first_sentence_s=seen.get("sentence"),
        whole_s=seen["whole"],
    )


def _load_samples(settings: Settings) -> str:
    from app.samples import sample_pdfs, sample_questions

    galacite = open_library(settings)
    try:
        follow(galacite, [galacite.library.add(path, name=path.name) for path in sample_pdfs()])
    finally:
        galacite.supervisor.stop()
        galacite.close()
    return sample_questions()[0].question


def _answer_in_fresh_process(settings: Settings, question: str) -> AnswerTiming:
    code = (
        "import json, sys, dataclasses\n"
        "from app.bench.start import time_answer\n"
        "from app.settings import load_settings\n"
        "from app.wiring import open_library\n"
        "timing = time_answer(open_library(load_settings()), sys.argv[1])\n"
        "print(json.dumps(dataclasses.asdict(timing)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, question],
        env=settings.process_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return AnswerTiming(**json.loads(done.stdout))


def _time_help() -> float:
    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "app.cli", "--help"], capture_output=True, check=True)
        return time.perf_counter() - started

    return statistics.median(once() for _ in range(_HELP_RUNS))


def _time_first_page(settings: Settings) -> float | None:
    chromium = find_chromium()
    if chromium is None:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = settings.model_copy(update={"port": port})
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve"],
        env=own.process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until(lambda: _answers(url), server)
        return _first_view(url, chromium)
    finally:
        server.terminate()
        server.wait()


def find_chromium() -> str | None:
    """Where Chromium is, when it is installed together with playwright."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return None
    return next((name for name in CHROMIUM_NAMES if Path(name).exists()), None)


def _first_view(url: str, chromium: str) -> float:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        page = browser.new_page()
        started = time.perf_counter()
        page.goto(url)
        page.get_by_role("heading", name="Library").first.wait_for(timeout=_ANSWER_TIMEOUT_S * 1_000)
        elapsed = time.perf_counter() - started
        browser.close()
    return elapsed


def _wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _ANSWER_TIMEOUT_S
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise InputError("the app did not start", hint="Run: galacite serve")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1.0) as response:  # noqa: S310
            return bool(response.status == 200)
    except OSError:
        return False
