"""Pictures of a report, drawn without a display."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StorageError
from training.evaluate.rows import CURVE, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.evaluate.report import CitationReport

_SIZE_INCHES = (8.0, 5.0)
_DOTS_PER_INCH = 120


def draw_all(folder: Path, report: CitationReport) -> list[Path]:
    """Draw what the report has figures for: buckets.png, ranks.png, reliability.png, scale.png; needs matplotlib.

    Raises:
        StorageError: The folder cannot be written.
    """
    drawn: list[Path] = []
    pictures: tuple[tuple[str, Callable[[Any, CitationReport], bool]], ...] = (
        ("buckets.png", _buckets), ("ranks.png", _ranks), ("reliability.png", _reliability), ("scale.png", _scale),
    )  # fmt: skip
    for name, draw in pictures:
        with _figure() as (figure, axes):
            if not draw(axes, report):
                continue
            path = folder / name
            try:
                figure.savefig(path, dpi=_DOTS_PER_INCH)
            except OSError as error:
                raise StorageError(
                    f"{path}: cannot be written ({error.strerror})", hint="Name another folder: --out FOLDER"
                ) from error
            drawn.append(path)
    return drawn


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


@contextmanager
def _figure() -> Iterator[tuple[Any, Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(visible=True, alpha=0.3)
    yield figure, axes


def _buckets(axes: Any, report: CitationReport) -> bool:
    """recall@10 of each ranker over how often the work is cited in training."""
    names = list(dict.fromkeys(bucket.name for row in report.rows for bucket in row.buckets))
    shown = [row for row in report.rows if any("recall@10" in bucket.measures for bucket in row.buckets)]
    for row in shown:
        values = {bucket.name: 100 * bucket.measures["recall@10"] for bucket in row.buckets}
        axes.plot(names, [values.get(name) for name in names], marker="o", label=row.about.title, **_style(row))
    axes.set(xlabel="training papers that cite the work", ylabel="recall@10, %", title="By citation count")
    if shown:
        axes.legend(fontsize=7)
    return bool(shown)


def _ranks(axes: Any, report: CitationReport) -> bool:
    """Share of works found among the first k of each ranker."""
    shown = [row for row in report.rows if len(row.curve) == len(CURVE)]
    for row in shown:
        axes.plot(CURVE, [100 * value for value in row.curve], marker=".", label=row.about.title, **_style(row))
    axes.set(xscale="log", xlabel="rank k", ylabel="works found by rank k, %", title="Found over ranks")
    if shown:
        axes.legend(fontsize=7)
    return bool(shown)


def _style(row: Row) -> dict[str, Any]:
    dashes = {"baseline": ":", "retrieval": "--", "model": "-"}
    return {"linestyle": dashes[row.about.kind], "linewidth": 1.5}


def _reliability(axes: Any, report: CitationReport) -> bool:
    """How often the first candidate is right over how sure the model is."""
    shown = [(row, each) for row in report.rows for each in row.calibration]
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, label="calibrated")
    for row, found in shown:
        filled = [each for each in found.bins if each.questions]
        label = f"{row.about.title}, T {found.temperature:.2f}: ECE {found.ece:.3f}"
        axes.plot([each.confidence for each in filled], [each.accuracy for each in filled], marker="o", label=label)
    axes.set(xlabel="probability of the first candidate", ylabel="share that is right", title="Reliability")
    axes.legend(fontsize=7)
    return bool(shown)


def _scale(axes: Any, report: CitationReport) -> bool:
    """hit@1 over the size of the language models, when there are several."""
    families: dict[str, list[Row]] = {}
    for row in report.rows:
        if row.about.parameters:
            families.setdefault(row.about.name.partition("@")[0], []).append(row)
    if len({row.about.model for rows in families.values() for row in rows}) < 2:
        return False
    for name, rows in families.items():
        rows.sort(key=lambda row: (row.about.parameters, row.about.model))
        sizes = [row.about.parameters / 1e6 for row in rows]
        estimates = [row.measures["hit@1"] for row in rows]
        below = [100 * (each.value - each.low) for each in estimates]
        above = [100 * (each.high - each.value) for each in estimates]
        axes.errorbar(sizes, [100 * each.value for each in estimates], yerr=[below, above], marker="o", label=name)
    axes.set(xscale="log", xlabel="parameters, millions", ylabel="hit@1, %", title="Size of the language model")
    axes.legend(fontsize=7)
    return True
