"""Runs readers over sets of papers and measures them: quality, pages a second, memory."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from app.bench.parse.measures import Result, measure
from app.bench.parse.scores import Score, total
from app.bench.parse.truth import NOTHING, Found, Truth, read_found
from app.services.paper_record import paper_record
from app.services.parsing import parse_files
from indexer.config import ParserLimits

OURS = "galacite"
Progress = Callable[[int, int], None]
_SAMPLE_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Wall time of reading all papers of a set, the start of processes included."""

    workers: int
    pages: int
    elapsed_s: float

    @property
    def pages_per_s(self) -> float:
        """Pages a second."""
        return self.pages / self.elapsed_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a tool made of a set: records by the papers' names, and why the others are missing.

    ``provides`` names the measures that the tool has anything for; None: all.
    """

    found: Mapping[str, Found]
    errors: Mapping[str, str]
    timings: tuple[Timing, ...] = ()
    peak_memory_mib: float | None = None
    provides: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperScores:
    """The measures of one paper; ``error`` says why a tool failed on it."""

    name: str
    group: str
    results: Mapping[str, Result]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReport:
    """A tool on a set. ``peak_memory_mib`` is resident memory of the largest process that it started."""

    set_name: str
    tool: str
    papers: tuple[PaperScores, ...]
    timings: tuple[Timing, ...] = ()
    peak_memory_mib: float | None = None

    @property
    def micro(self) -> dict[str, Score]:
        """All papers together, by measure."""
        return _summed(self.papers)

    @property
    def groups(self) -> dict[str, dict[str, Score]]:
        """By group (style), then by measure."""
        names = dict.fromkeys(paper.group for paper in self.papers)
        return {name: _summed([paper for paper in self.papers if paper.group == name]) for name in names}


def _summed(papers: Sequence[PaperScores]) -> dict[str, Score]:
    names = dict.fromkeys(name for paper in papers for name in paper.results)
    return {name: total(paper.results[name].score for paper in papers if name in paper.results) for name in names}


def score(set_name: str, tool: str, truths: Sequence[Truth], output: Output) -> SetReport:
    """Measure what a tool made of a set; a paper without a record scores as one in which nothing was found."""
    return SetReport(
        set_name=set_name,
        tool=tool,
        papers=tuple(
            PaperScores(
                name=truth.name,
                group=truth.group,
                results=_provided(measure(truth, output.found.get(truth.name, NOTHING)), output.provides),
                error=output.errors.get(truth.name, "" if truth.name in output.found else "not in the output"),
            )
            for truth in truths
        ),
        timings=output.timings,
        peak_memory_mib=output.peak_memory_mib,
    )


def _provided(results: dict[str, Result], provides: frozenset[str] | None) -> dict[str, Result]:
    return {name: result for name, result in results.items() if provides is None or name in provides}


def run_own(
    truths: Sequence[Truth], *, limits: ParserLimits, workers: Sequence[int], on_progress: Progress | None = None
) -> Output:
    """Read a set with this project's parser, once for each number of workers; the records are those of the first pass.

    Each pass has as many processor cores as workers.
    """
    first: Output | None = None
    timings: list[Timing] = []
    with peak_memory() as peak:
        for round_number, count in enumerate(workers):
            with cores(count):
                output = _read_all(truths, limits, count, on_progress, done=round_number * len(truths))
            first = first or output
            timings.append(Timing(workers=count, pages=pages_of(truths), elapsed_s=output.timings[0].elapsed_s))
    if first is None:
        return Output(found={}, errors={})
    return replace(first, timings=tuple(timings), peak_memory_mib=peak())


def _read_all(
    truths: Sequence[Truth], limits: ParserLimits, workers: int, on_progress: Progress | None, *, done: int
) -> Output:
    found: dict[str, Found] = {}
    errors: dict[str, str] = {}
    started = time.perf_counter()
    results = parse_files([truth.path for truth in truths], limits=limits, workers=workers)
    for number, (truth, parsed) in enumerate(zip(truths, results, strict=True), start=1):
        if parsed.document is not None:
            found[truth.name] = read_found(paper_record(parsed.document, file=parsed.file))
        elif parsed.error is not None:
            errors[truth.name] = parsed.error.message
        if on_progress is not None:
            on_progress(done + number, 0)
    elapsed = time.perf_counter() - started
    return Output(found=found, errors=errors, timings=(Timing(workers=workers, pages=0, elapsed_s=elapsed),))


def pages_of(truths: Sequence[Truth]) -> int:
    """Pages of all papers, counted in one way for all tools."""
    import pymupdf

    pages = 0
    for truth in truths:
        with pymupdf.open(truth.path) as document:
            pages += int(document.page_count)
    return pages


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Keep this thread, and the threads and processes it starts, to so many processor cores where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[: max(1, count)]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def peak_memory() -> Iterator[Callable[[], float]]:
    """Watch the processes below this one; gives a function that tells the largest one's peak, in MiB."""
    ended = threading.Event()
    peaks: dict[int, float] = {}

    def watch() -> None:
        while not ended.wait(_SAMPLE_S):
            for child in psutil.Process().children(recursive=True):
                peaks[child.pid] = max(peaks.get(child.pid, 0.0), _peak_mib(child))

    thread = threading.Thread(target=watch, name="memory", daemon=True)
    thread.start()
    try:
        yield lambda: max(peaks.values(), default=0.0)
    finally:
        ended.set()
        thread.join()


def _peak_mib(process: psutil.Process) -> float:
    """The kernel's own mark of the most memory a process held, where it keeps one; else what it holds now."""
    try:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return float(process.memory_info().rss) / 2**20
    except (OSError, psutil.Error):
        return 0.0
