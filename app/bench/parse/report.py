"""Reports of the benchmark as tables for reading, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from app.bench.parse.measures import MEASURES
from app.bench.parse.runner import SetReport
from app.bench.parse.scores import Score
from core.text import clean

if TYPE_CHECKING:
    from rich.table import Table

_MOST_CHARS = 300
TITLES = {
    "usable": "usable refs",
    "references": "refs by DOI/title",
}
"""What tables call a measure, where that is not its name."""


def tables(report: SetReport) -> Iterator[Table]:
    """Precision, recall and F1."""
    from rich.table import Table

    table = Table(
        title=f"{report.set_name} · {report.tool}: precision, recall, F1", title_justify="left", header_style="bold"
    )
    for number, cell in enumerate(header(report)):
        table.add_column(cell, justify="left" if number == 0 else "right", no_wrap=True)
    for row in rows(report):
        table.add_row(*row)
    yield table


def cost(report: SetReport) -> str:
    """Pages a second and memory, in a line; "" when not measured."""
    parts = [
        f"{timing.pages_per_s:.1f} pages/s with {timing.workers} worker{'s' * (timing.workers > 1)}"
        f" ({timing.pages} pages in {timing.elapsed_s:.1f} s)"
        for timing in report.timings
    ]
    if report.peak_memory_mib is not None:
        parts.append(f"largest process {report.peak_memory_mib:.0f} MiB")
    return "; ".join(parts)


def misses(report: SetReport) -> Iterator[str]:
    """A line for each thing that was missed (-) or wrongly found (+), and for each paper that failed."""
    for paper in report.papers:
        if paper.error:
            yield f"{paper.name} failed: {paper.error}"
        for name, result in paper.results.items():
            yield from (f"{paper.name} {name} - {clean(text)[:_MOST_CHARS]}" for text in result.missed)
            yield from (f"{paper.name} {name} + {clean(text)[:_MOST_CHARS]}" for text in result.wrong)


def data(report: SetReport) -> dict[str, Any]:
    """All there is to know, as plain data."""
    return {
        "set": report.set_name,
        "tool": report.tool,
        "micro": _scores(report.micro),
        "groups": {name: _scores(scores) for name, scores in report.groups.items()},
        "minimum": {
            name: {"group": group, "f1": scores.f1}
            for name in measures_of(report)
            for group, scores in [minimum(report, name)]
        },
        "papers": [
            {
                "name": paper.name,
                "group": paper.group,
                "error": paper.error,
                "scores": _scores({name: result.score for name, result in paper.results.items()}),
                "missed": {name: list(result.missed) for name, result in paper.results.items() if result.missed},
                "wrong": {name: list(result.wrong) for name, result in paper.results.items() if result.wrong},
            }
            for paper in report.papers
        ],
        "timings": [
            {
                "workers": timing.workers,
                "pages": timing.pages,
                "elapsed_s": timing.elapsed_s,
                "pages_per_s": timing.pages_per_s,
            }
            for timing in report.timings
        ],
        "peak_memory_mib": report.peak_memory_mib,
    }


def minimum(report: SetReport, name: str) -> tuple[str, Score]:
    """The group with the lowest F1 of a measure, and its score."""
    groups = {group: scores[name] for group, scores in report.groups.items() if name in scores}
    return min(groups.items(), key=lambda item: item[1].f1)


def measures_of(report: SetReport) -> list[str]:
    """The measures of a report in the order of the table."""
    micro = report.micro
    return [name for name in MEASURES if name in micro] + [name for name in micro if name not in MEASURES]


def header(report: SetReport) -> list[str]:
    """The columns of a report's table."""
    if len(report.groups) > 1:
        return ["", *(TITLES.get(name, name) for name in measures_of(report))]
    return ["", "precision", "recall", "F1", "right", "found", "expected"]


def rows(report: SetReport) -> Iterator[list[str]]:
    """With groups, a row for each of them and one for all; else a row for each measure."""
    names, groups, micro = measures_of(report), report.groups, report.micro
    if len(groups) == 1:
        for name in names:
            score = micro[name]
            figures = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
            yield [TITLES.get(name, name), *figures, f"{score.right:g}", f"{score.found:g}", f"{score.expected:g}"]
        return
    for group, scores in groups.items():
        yield [group, *(cell(scores.get(name)) for name in names)]
    yield ["minimum F1", *(f"{minimum(report, name)[1].f1:.3f}" for name in names)]
    yield ["all", *(cell(micro[name]) for name in names)]


def cell(score: Score | None) -> str:
    """Precision, recall and F1; F1 alone when all three are the same."""
    if score is None:
        return "–"
    figures = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
    return figures[0] if len(set(figures)) == 1 else " ".join(figures)


def _scores(scores: Mapping[str, Score]) -> dict[str, Any]:
    return {
        name: {
            "precision": score.precision,
            "recall": score.recall,
            "f1": score.f1,
            "right": score.right,
            "found": score.found,
            "expected": score.expected,
        }
        for name, score in scores.items()
    }
