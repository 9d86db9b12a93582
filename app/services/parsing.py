"""Papers to records, many at once: what ``galacite parse``, the benchmark and the fuzzer share.

A file is opened in a process of its own (``indexer.pdf.isolated``), several of them side by side; results come in the
order of the files, and only a few are held at a time.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from app.paths import expand_paths
from core.errors import InputError, JobCancelled
from core.records import Document
from indexer.config import OcrConfig, ParserLimits
from indexer.pdf.isolated import IsolatedParser
from indexer.xml.grobid import FileReader

_AHEAD = 4
"""Files handed out for each worker: enough that none waits for a slow file, few enough to bound memory."""
_NUDGE_S = 0.05
STDIN = "-"
_SNIFFED = 1_024
_LONGEST_LIST = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What became of one file: a document, or the reason why there is none."""

    path: Path
    file: str
    """The path as text, whatever bytes it holds; ``-`` for standard input."""
    elapsed_s: float
    document: Document | None = None
    error: InputError | None = None


def default_workers() -> int:
    """As many as there are processor cores for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limits_with(limits: ParserLimits, *, timeout_s: float | None) -> ParserLimits:
    """The limits with another time for a file, when one is given."""
    return limits if timeout_s is None else replace(limits, timeout_s=timeout_s)


@contextmanager
def given_files(names: Sequence[str], standard_input: BinaryIO) -> Iterator[list[Path]]:
    """The files behind names, each once; as long as the context lasts, since one may be temporary.

    Args:
        names: Files, folders (the PDFs below them) and patterns. ``-`` is what standard input holds: a PDF, or the
            paths of files, one a line or, as ``find -print0`` gives them, ended by null characters.
        standard_input: Read only for ``-``.

    Raises:
        InputError: There are no files, or a name is empty.
    """
    with tempfile.TemporaryDirectory(prefix="galacite-stdin-") as folder:
        found: list[str] = []
        for name in names:
            found.extend(_from_stream(standard_input, Path(folder)) if name == STDIN else [name])
        paths = expand_paths(found)
        if not paths:
            raise InputError("no PDF files there", hint="Name files, or a folder that holds some.")
        yield paths


def _from_stream(stream: BinaryIO, folder: Path) -> list[str]:
    start = stream.read(_SNIFFED)
    if b"%PDF-" in start:
        path = folder / STDIN
        with path.open("wb") as file:
            file.write(start)
            shutil.copyfileobj(stream, file)
        return [str(path)]
    listed = start + stream.read(_LONGEST_LIST)
    lines = listed.split(b"\0") if b"\0" in listed else listed.splitlines()
    return [os.fsdecode(line) for line in lines if line.strip()]


def parse_files(
    files: Iterable[Path],
    *,
    limits: ParserLimits,
    workers: int,
    make_parser: Callable[[ParserLimits], FileReader] = IsolatedParser,
    ocr: OcrConfig | None = None,
) -> Generator[Parsed, None, None]:
    """Parse files side by side; results in the order of ``files``.

    Each worker has a parser of its own within ``limits``: by default, a process. ``files`` is read as far ahead as the
    workers need, and closing the generator ends the processes at once. With ``ocr``, scanned pages are recognised.

    Raises:
        JobError: The parsing process does not come up at all, or the server that parses cannot be reached.
    """
    crew = _Crew(lambda: make_parser(limits), ocr=ocr)
    pending: deque[Future[Parsed]] = deque()
    queue = iter(files)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="parse")
    try:
        for path in itertools.islice(queue, _AHEAD * workers):
            pending.append(pool.submit(crew.parse, path))
        while pending:
            result = pending.popleft().result()
            for path in itertools.islice(queue, 1):
                pending.append(pool.submit(crew.parse, path))
            yield result
    finally:
        for future in pending:
            future.cancel()
        crew.dismiss(pending)
        pool.shutdown()


class _Crew:
    """The parsers of the threads of a pool, one each."""

    def __init__(self, make_parser: Callable[[], FileReader], *, ocr: OcrConfig | None) -> None:
        self._make_parser = make_parser
        self._ocr = ocr
        self._local = threading.local()
        self._parsers: list[FileReader] = []
        self._dismissed = False

    def parse(self, path: Path) -> Parsed:
        """Parse in this thread's process; a file that cannot be read is a result like any other."""
        started = time.perf_counter()
        if self._dismissed:
            raise JobCancelled(f"{path.name}: cancelled")
        try:
            document = self._parser().parse(path, ocr=self._ocr)
        except InputError as error:
            return Parsed(path=path, file=_shown(path), elapsed_s=time.perf_counter() - started, error=error)
        return Parsed(path=path, file=_shown(path), elapsed_s=time.perf_counter() - started, document=document)

    def dismiss(self, running: Iterable[Future[Parsed]]) -> None:
        """End all processes; parses in progress are cancelled."""
        self._dismissed = True
        busy = {future for future in running if not future.done()}
        while busy:
            # A parse may begin just after it was told to end, so it is told until it has.
            for parser in tuple(self._parsers):
                parser.cancel()
            busy = wait(busy, timeout=_NUDGE_S).not_done
        for parser in self._parsers:
            parser.close()

    def _parser(self) -> FileReader:
        parser: FileReader | None = getattr(self._local, "parser", None)
        if parser is None:
            parser = self._local.parser = self._make_parser()
            self._parsers.append(parser)
        return parser


def _shown(path: Path) -> str:
    return STDIN if path.name == STDIN else os.fsencode(path).decode("utf-8", "backslashreplace")
