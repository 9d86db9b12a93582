"""How reference strings are read into fields, as a set of the benchmark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.bench.parse.measures import Result
from app.bench.parse.runner import OURS, PaperScores, SetReport
from app.bench.parse.scores import Score

if TYPE_CHECKING:
    from training.references.evaluate import Counts, FieldScores


def measure_strings(data: Path, *, on_progress: Callable[[str, int, int], None] | None = None) -> list[SetReport]:
    """Read the annotated references of held-out files: compared by letters and digits, and by every character.

    Raises:
        InputError: The folder holds no annotated references.
    """
    from training.references.evaluate import evaluate

    def tell(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress("reference strings", done, total)

    scores = evaluate(data, on_progress=tell)
    return [
        _report("refstrings, letters and digits", scores.soft),
        _report("refstrings, every character", scores.strict),
    ]


def _report(name: str, scores: FieldScores) -> SetReport:
    results = {field: _score(counts) for field, counts in sorted(scores.fields.items())}
    results["all fields"] = _score(scores.micro)
    results["whole entry"] = Score(right=scores.whole, found=scores.entries, expected=scores.entries)
    paper = PaperScores(
        name="held-out files", group="all", results={name: Result(score=score) for name, score in results.items()}
    )
    return SetReport(set_name=name, tool=OURS, papers=(paper,))


def _score(counts: Counts) -> Score:
    return Score(right=counts.right, found=counts.right + counts.wrong, expected=counts.right + counts.missed)
