"""The whole benchmark of reading papers: which sets, which tools, in one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.bench.parse.jose import find_jose, read_jose
from app.bench.parse.others import read_predictions, run_peer
from app.bench.parse.runner import OURS, Progress, SetReport, run_own, score
from app.bench.parse.strings import measure_strings
from app.bench.parse.styles import find_styles, read_style
from app.bench.parse.truth import Truth
from app.settings import Settings
from core.errors import InputError

_READERS: dict[str, tuple[Callable[[Path], list[Path]], Callable[[Path], Truth]]] = {
    "latex_styles": (find_styles, read_style),
    "jose": (find_jose, read_jose),
}
STRINGS = "refstrings"
SETS = (*_READERS, STRINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseBenchPlan:
    """What to run: named sets in the data folder, further folders of styles, and with how many workers each.

    ``peers`` are other tools with the interpreters that have them, ``predictions`` their output in files.
    """

    data: Path | None
    sets: tuple[str, ...] = SETS
    folders: tuple[Path, ...] = ()
    workers: tuple[int, ...] = (1, 2)
    peers: tuple[tuple[str, Path], ...] = ()
    predictions: tuple[tuple[str, Path], ...] = ()
    own: bool = True


def bench_parse(
    plan: ParseBenchPlan, settings: Settings, *, on_progress: Callable[[str, int, int], None] | None = None
) -> list[SetReport]:
    """Read each set with each tool and measure.

    Args:
        plan: What to run.
        settings: Limits of the parser.
        on_progress: Told what is being read, how many papers are done, and of how many.

    Raises:
        InputError: A set is not there, or its truth is malformed.
    """
    reports: list[SetReport] = []
    for name, truths in _sets(plan):

        def tell(tool: str, name: str = name, truths: Sequence[Truth] = truths) -> Progress:
            total = len(truths) * (len(plan.workers) if tool == OURS else 1)
            return lambda done, _: on_progress(f"{name}, {tool}", done, total) if on_progress is not None else None

        if plan.own:
            output = run_own(truths, limits=settings.parser_limits, workers=plan.workers, on_progress=tell(OURS))
            reports.append(score(name, OURS, truths, output))
        for tool, python in plan.peers:
            reports.append(score(name, tool, truths, run_peer(tool, python, truths, on_progress=tell(tool))))
        for tool, path in plan.predictions:
            reports.append(score(name, tool, truths, read_predictions(path, truths)))
    if plan.own and STRINGS in plan.sets:
        reports.extend(measure_strings(_data(plan), on_progress=on_progress))
    return reports


def _sets(plan: ParseBenchPlan) -> list[tuple[str, list[Truth]]]:
    unknown = [name for name in plan.sets if name not in SETS]
    if unknown:
        raise InputError(f"no set {unknown[0]}", hint=f"The sets are {', '.join(SETS)}.")
    found = [(name, _read_set(name, _data(plan) / "pdf" / name)) for name in plan.sets if name != STRINGS]
    return found + [(folder.name, _read_set("latex_styles", folder)) for folder in plan.folders]


def _data(plan: ParseBenchPlan) -> Path:
    if plan.data is None:
        raise InputError("no folder of benchmark data", hint="Name it: --data FOLDER, or GALACITE_DATA.")
    return plan.data


def _read_set(kind: str, folder: Path) -> list[Truth]:
    find, read = _READERS[kind]
    folders = find(folder)
    if not folders:
        raise InputError(
            f"{folder}: no papers of the set {kind}", hint="docs/benchmarks.md says how a set is laid out."
        )
    return [read(each) for each in folders]
