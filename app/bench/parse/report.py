"""Reports of the benchmark as tables for reading, as Markdown and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.bench.parse.measures import MEASURES
from app.bench.parse.runner import SetReport
from app.bench.parse.scores import Score
from core.text import clean

if TYPE_CHECKING:
    from rich.table import Table

_MOST_CHARS = 300
_TITLES = {
    "segmentation": "segmentation",
    "usable": "usable refs",
    "references": "refs by DOI/title",
}


def tables(report: SetReport) -> Iterator[Table]:
    """Precision, recall and F1."""
    from rich.table import Table

    table = Table(
        title=f"{report.set_name} · {report.tool}: precision, recall, F1", title_justify="left", header_style="bold"
    )
    for number, cell in enumerate(_header(report)):
        table.add_column(cell, justify="left" if number == 0 else "right", no_wrap=True)
    for row in _rows(report):
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


def markdown(reports: Sequence[SetReport]) -> str:
    """For a document: the tools side by side for each set, then a table for each set and tool."""
    sets = dict.fromkeys(report.set_name for report in reports)
    parts = [_side_by_side(name, [report for report in reports if report.set_name == name]) for name in sets]
    for report in reports:
        header = _header(report)
        parts.append(f"**{report.set_name}, {report.tool}** (precision, recall, F1)\n")
        parts.append(f"| {' | '.join(header)} |\n|{'---|' * len(header)}")
        parts.extend(f"| {' | '.join(row)} |" for row in _rows(report))
        parts.append(f"\n{cost(report)}\n")
    return "\n".join(parts) + "\n"


def _side_by_side(name: str, reports: Sequence[SetReport]) -> str:
    names = [measure for measure in MEASURES if any(measure in report.micro for report in reports)]
    names += [measure for measure in _names(reports[0]) if measure not in names]
    workers = sorted({timing.workers for report in reports for timing in report.timings})
    header = [f"{name}: F1 (lowest)", *(_TITLES.get(measure, measure) for measure in names)]
    header += [f"pages/s, {count} worker{'s' * (count > 1)}" for count in workers] + ["largest process"] * bool(workers)
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for report in reports:
        speeds = {timing.workers: f"{timing.pages_per_s:.1f}" for timing in report.timings}
        row = [report.tool, *(_lowest(report, measure) for measure in names)]
        row += [speeds.get(count, "–") for count in workers]
        row += ["–" if report.peak_memory_mib is None else f"{report.peak_memory_mib:.0f} MiB"] * bool(workers)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _lowest(report: SetReport, name: str) -> str:
    if name not in report.micro:
        return "–"
    f1 = f"{report.micro[name].f1:.3f}"
    return f"{f1} ({minimum(report, name)[1].f1:.3f})" if len(report.groups) > 1 else f1


def data(report: SetReport) -> dict[str, Any]:
    """All there is to know, as plain data."""
    return {
        "set": report.set_name,
        "tool": report.tool,
        "micro": _scores(report.micro),
        "groups": {name: _scores(scores) for name, scores in report.groups.items()},
        "minimum": {
            name: {"group": group, "f1": scores.f1}
            for name in _names(report)
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


def _names(report: SetReport) -> list[str]:
    """The measures of a report in the order of the table."""
    micro = report.micro
    return [name for name in MEASURES if name in micro] + [name for name in micro if name not in MEASURES]


def _header(report: SetReport) -> list[str]:
    if len(report.groups) > 1:
        return ["", *(_TITLES.get(name, name) for name in _names(report))]
    return ["", "precision", "recall", "F1", "right", "found", "expected"]


def _rows(report: SetReport) -> Iterator[list[str]]:
    """With groups, a row for each of them and one for all; else a row for each measure."""
    names, groups, micro = _names(report), report.groups, report.micro
    if len(groups) == 1:
        for name in names:
            score = micro[name]
            figures = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
            yield [_TITLES.get(name, name), *figures, f"{score.right:g}", f"{score.found:g}", f"{score.expected:g}"]
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
