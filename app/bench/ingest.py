"""How fast PDFs become papers, on one's own files: parsing alone, and the whole path through the worker."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.paths import expand_paths
from app.services.ingestion import FileReport, progress
from app.settings import Settings
from app.wiring import open_library
from core.errors import InputError, UnreadablePdf
from indexer.config import ParserLimits
from indexer.pdf.isolated import IsolatedParser

_SAMPLE_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A file that did not come through, and why."""

    name: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestBench:
    """What ``bench_ingest`` measured. Times in seconds; memory in MiB, resident, worker and its children together."""

    files: int
    pages: int
    parsed: int
    parse_one_process_s: float
    parse_all_processes_s: float
    processes: int
    ingested: int
    whole_path_s: float
    peak_memory_mib: float
    failures: tuple[Failure, ...]

    @property
    def parse_pages_per_s(self) -> float:
        """Pages a second of parsing, one process."""
        return self.pages / self.parse_one_process_s

    @property
    def parallel_pages_per_s(self) -> float:
        """Pages a second of parsing, all processes."""
        return self.pages / self.parse_all_processes_s

    @property
    def whole_pages_per_s(self) -> float:
        """Pages a second from file to searchable paper."""
        return self.pages / self.whole_path_s


def bench_ingest(
    paths: Sequence[str], settings: Settings, *, on_progress: Callable[[int, int], None] | None = None
) -> IngestBench:
    """Parse the PDFs alone, then ingest them into a library of their own in a temporary folder.

    Raises:
        InputError: There are no PDFs.
    """
    files = expand_paths(paths)
    if not files:
        raise InputError("no PDF files there", hint="Name a folder that holds some.")
    one_s, pages, failures = _parse(files, settings.parser_limits, processes=1)
    all_s, _, _ = _parse(files, settings.parser_limits, processes=settings.worker_threads)
    with tempfile.TemporaryDirectory(prefix="galacite-bench-") as folder:
        own = settings.elsewhere(Path(folder))
        whole_s, reports, peak = _ingest(files, own, on_progress)
    lost = [
        Failure(name=each.name, message=each.message) for each in reports if each.status not in ("added", "already")
    ]
    return IngestBench(
        files=len(files),
        pages=pages,
        parsed=len(files) - len(failures),
        parse_one_process_s=one_s,
        parse_all_processes_s=all_s,
        processes=settings.worker_threads,
        ingested=len(reports) - len(lost),
        whole_path_s=whole_s,
        peak_memory_mib=peak,
        failures=tuple(failures + lost),
    )


def _parse(files: Sequence[Path], limits: ParserLimits, *, processes: int) -> tuple[float, int, list[Failure]]:
    failures: list[Failure] = []
    local = threading.local()
    parsers: list[IsolatedParser] = []

    def parse(path: Path) -> int:
        if not hasattr(local, "parser"):
            local.parser = IsolatedParser(limits)
            parsers.append(local.parser)
        try:
            return int(local.parser.parse(path).page_count)
        except UnreadablePdf as error:
            failures.append(Failure(name=path.name, message=error.message))
            return 0

    started = time.perf_counter()
    with ThreadPoolExecutor(processes) as pool:
        pages = sum(pool.map(parse, files))
    elapsed = time.perf_counter() - started
    for parser in parsers:
        parser.close()
    return elapsed, pages, failures


def _ingest(
    files: Sequence[Path], settings: Settings, on_progress: Callable[[int, int], None] | None
) -> tuple[float, list[FileReport], float]:
    galacite = open_library(settings)
    memory = _PeakMemory()
    reports: list[FileReport] = []
    try:
        started = time.perf_counter()
        outcomes = [galacite.library.add(path, name=path.name) for path in files]
        for reports in progress(galacite, outcomes):
            memory.look()
            if on_progress is not None:
                on_progress(sum(report.status != "waiting" for report in reports), len(reports))
            time.sleep(_SAMPLE_S)
        return time.perf_counter() - started, reports, memory.peak_mib
    finally:
        galacite.supervisor.stop()
        galacite.close()


class _PeakMemory:
    """The most memory that this process's children have held together, looked at now and then."""

    def __init__(self) -> None:
        self.peak_mib = 0.0

    def look(self) -> None:
        total = 0
        for child in psutil.Process().children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.peak_mib = max(self.peak_mib, total / 2**20)
