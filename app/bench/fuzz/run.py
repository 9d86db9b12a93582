"""Mutated PDFs through the parser that ``galacite parse`` uses, and a record of what came of each."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.bench.fuzz.invariants import violations
from app.bench.fuzz.mutations import KINDS, Mutation, mutate
from app.bench.fuzz.watch import Watch
from app.paths import expand_paths
from core.errors import InputError, UnreadablePdf
from indexer.config import ParserLimits
from indexer.pdf.isolated import IsolatedParser

_MARGIN_S = 5.0
_START_S = 20.0
"""A process that has to be started first may take this much longer."""
_BUG = "ended with status"
"""How the parser tells of a child that a fault of the program has ended, and not a signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What came of one file. ``outcome`` is ``parsed`` or the reason of the refusal; ``faults`` must be empty."""

    index: int
    kind: str
    source: str
    outcome: str
    elapsed_s: float
    peak_bytes: int
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzReport:
    """All cases in their order, and what was left behind at the end."""

    seed: int
    timeout_s: float
    cases: tuple[Case, ...]
    left_behind: tuple[str, ...]

    @property
    def faults(self) -> tuple[Case, ...]:
        """The cases in which something did not hold."""
        return tuple(case for case in self.cases if case.faults)

    @property
    def clean(self) -> bool:
        """Nothing went wrong."""
        return not self.faults and not self.left_behind

    @property
    def peak_bytes(self) -> int:
        """The most memory that one parsing process held."""
        return max((case.peak_bytes for case in self.cases), default=0)

    def outcomes(self) -> dict[str, Counter[str]]:
        """How often each kind of mutation had each outcome."""
        table: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        for case in self.cases:
            table[case.kind][case.outcome] += 1
        return {kind: counts for kind, counts in table.items() if counts}


def fuzz(
    paths: Sequence[str],
    *,
    limits: ParserLimits,
    count: int,
    seed: int,
    workers: int,
    first: int = 0,
    keep: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> FuzzReport:
    """Parse ``count`` mutations of good PDFs.

    Args:
        paths: Files, folders and patterns; each mutation is of one of these files.
        limits: Of each parse.
        seed, first: The mutations are those of this seed, from this number on.
        workers: Parsing processes side by side.
        keep: A folder for the files that make something go wrong.
        on_progress: Called with cases done and cases to do.

    Raises:
        InputError: There are no PDFs.
    """
    files = sorted(expand_paths(paths))
    if not files:
        raise InputError("no PDF files there", hint="Name good PDFs, or a folder that holds some.")
    told = threading.Lock()
    done = 0

    def run(index: int) -> Case:
        nonlocal done
        case = crew.run(mutate(files, seed=seed, index=index))
        with told:
            done += 1
            if on_progress is not None:
                on_progress(done, count)
        return case

    with tempfile.TemporaryDirectory(prefix="galacite-fuzz-") as folder:
        crew = _Crew(limits, folder=Path(folder), keep=keep)
        try:
            with ThreadPoolExecutor(workers, thread_name_prefix="fuzz") as pool:
                cases = tuple(pool.map(run, range(first, first + count)))
        finally:
            left = crew.dismiss()
    return FuzzReport(seed=seed, timeout_s=limits.timeout_s, cases=cases, left_behind=tuple(left))


class _Crew:
    """The parsers of the threads of a pool, one each, and a watch on each."""

    def __init__(self, limits: ParserLimits, *, folder: Path, keep: Path | None) -> None:
        self._limits = limits
        self._folder = folder
        self._keep = keep
        self._local = threading.local()
        self._made: list[tuple[IsolatedParser, Watch]] = []

    def run(self, mutation: Mutation) -> Case:
        """Parse one file in this thread's process."""
        parser, watch = self._own()
        path = self._folder / f"{mutation.index}.pdf"
        path.write_bytes(mutation.data)
        warm = parser.child_pid is not None
        outcome, faults = "parsed", []
        started = time.perf_counter()
        with watch.watching():
            try:
                faults = violations(parser.parse(path))
            except UnreadablePdf as error:
                outcome = error.reason
                if _BUG in error.message:
                    faults.append(f"a fault of the program: {error.message}")
            except Exception as error:  # anything else would end ``galacite parse``: it is what is looked for
                outcome = "error"
                faults.append(f"{type(error).__name__}: {error}")
        elapsed = time.perf_counter() - started
        faults += self._beyond_limits(elapsed, watch.peak_bytes, warm=warm)
        if faults and self._keep is not None:
            self._keep.mkdir(parents=True, exist_ok=True)
            (self._keep / path.name).write_bytes(mutation.data)
        path.unlink()
        return Case(
            index=mutation.index,
            kind=mutation.kind,
            source=mutation.source.name,
            outcome=outcome,
            elapsed_s=elapsed,
            peak_bytes=watch.peak_bytes,
            faults=tuple(faults),
        )

    def dismiss(self) -> list[str]:
        """Close all parsers; returns what they leave behind."""
        for parser, _ in self._made:
            parser.close()
        return [thing for _, watch in self._made for thing in watch.left_behind()]

    def _own(self) -> tuple[IsolatedParser, Watch]:
        if not hasattr(self._local, "made"):
            parser = IsolatedParser(self._limits)
            self._local.made = (parser, Watch(lambda: parser.child_pid))
            self._made.append(self._local.made)
        made: tuple[IsolatedParser, Watch] = self._local.made
        return made

    def _beyond_limits(self, elapsed_s: float, peak_bytes: int, *, warm: bool) -> list[str]:
        found: list[str] = []
        allowed = self._limits.timeout_s + _MARGIN_S + (0.0 if warm else _START_S)
        if elapsed_s > allowed:
            found.append(f"took {elapsed_s:.1f} s")
        if peak_bytes > self._limits.max_memory_bytes:
            found.append(f"held {peak_bytes / 2**20:,.0f} MiB")
        return found
