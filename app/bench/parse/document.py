"""The figures of the benchmark in a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.bench.parse.measures import MEASURES
from app.bench.parse.report import TITLES, cost, header, measures_of, minimum, rows
from app.bench.parse.runner import SetReport
from core.errors import InputError

BEGIN = "<!-- figures of galacite bench parse -->"
END = "<!-- end of figures -->"


def write_figures(path: Path, reports: Sequence[SetReport]) -> None:
    """Write the tables between the marks of a document; a document that is not there is made.

    Raises:
        InputError: The document has no marks, so that its text would be lost, or it cannot be written.
    """
    try:
        text = path.read_text("utf-8") if path.exists() else f"{BEGIN}\n{END}\n"
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise InputError(f"{path}: no place for the figures", hint=f"Put in the lines {BEGIN} and {END}.")
        path.write_text(f"{before}{BEGIN}\n\n{markdown(reports)}\n{END}{after}", "utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="Choose a file that can be written.") from error


def markdown(reports: Sequence[SetReport]) -> str:
    """For a document: the tools side by side for each set, then a table for each set and tool."""
    sets = dict.fromkeys(report.set_name for report in reports)
    parts = [_side_by_side(name, [report for report in reports if report.set_name == name]) for name in sets]
    for report in reports:
        cells = header(report)
        parts.append(f"**{report.set_name}, {report.tool}** (precision, recall, F1)\n")
        parts.append(f"| {' | '.join(cells)} |\n|{'---|' * len(cells)}")
        parts.extend(f"| {' | '.join(row)} |" for row in rows(report))
        parts.append(f"\n{cost(report)}\n")
    return "\n".join(parts) + "\n"


def _side_by_side(name: str, reports: Sequence[SetReport]) -> str:
    measures = [measure for measure in MEASURES if any(measure in report.micro for report in reports)]
    measures += [measure for measure in measures_of(reports[0]) if measure not in measures]
    workers = sorted({timing.workers for report in reports for timing in report.timings})
    by_group = any(len(report.groups) > 1 for report in reports)
    cells = [f"{name}: F1{' (of the worst style)' * by_group}", *(TITLES.get(measure, measure) for measure in measures)]
    cells += [f"pages/s, {count} worker{'s' * (count > 1)}" for count in workers] + ["largest process"] * bool(workers)
    lines = [f"| {' | '.join(cells)} |", f"|{'---|' * len(cells)}"]
    for report in reports:
        speeds = {timing.workers: f"{timing.pages_per_s:.1f}" for timing in report.timings}
        row = [report.tool, *(_lowest(report, measure) for measure in measures)]
        row += [speeds.get(count, "–") for count in workers]
        row += ["–" if report.peak_memory_mib is None else f"{report.peak_memory_mib:.0f} MiB"] * bool(workers)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _lowest(report: SetReport, name: str) -> str:
    if name not in report.micro:
        return "–"
    f1 = f"{report.micro[name].f1:.3f}"
    return f"{f1} ({minimum(report, name)[1].f1:.3f})" if len(report.groups) > 1 else f1
