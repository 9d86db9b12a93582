"""The report of an evaluation of rankers: one JSON document, one table in Markdown, one list of ranks."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.json import to_json
from training.corpus.shards import write_atomically
from training.evaluate.bootstrap import Estimate
from training.evaluate.measures import BUCKETS, MEASURES
from training.evaluate.questions import Exam
from training.evaluate.rows import Marker, Row, with_differences

REPORT_NAME, TABLE_NAME, RANKS_NAME = "citations.json", "citations.md", "ranks.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationReport:
    """All that was measured. ``complete`` is False while rows are still to come.

    ``pairs`` of place and target were asked, ``unseen_pairs`` of them for works that no training paper cites, and
    ``missing_pairs`` for works that are no candidates. ``most_hit1`` is what hit@1 comes to when a work cited at the
    place is always first. ``alpha`` maps each language model to the strength of its prior.
    """

    train: tuple[str, ...]
    test: tuple[str, ...]
    dev: tuple[str, ...]
    seed: int
    resamples: int
    candidates: int
    train_papers: int
    train_places: int
    papers: int
    places: int
    pairs: int
    unseen_pairs: int
    missing_pairs: int
    most_hit1: float
    rows: tuple[Row, ...]
    alpha: dict[str, float]
    notices: tuple[str, ...]
    seconds: float
    complete: bool


def compared(report: CitationReport, marker: Marker) -> CitationReport:
    """The report with each row's differences to the best baselines that are in it."""
    found = with_differences(report.rows, marker)
    rows = tuple(replace(row, differences=found.get(row.about.name)) for row in report.rows)
    return replace(report, rows=rows)


def write_report(folder: Path, report: CitationReport) -> None:
    """Write JSON and Markdown, each at once: a reader never sees half a file.

    Raises:
        StorageError: The folder cannot be written.
    """
    write_atomically(folder / REPORT_NAME, to_json(report) + "\n")
    write_atomically(folder / TABLE_NAME, markdown(report))


def write_ranks(folder: Path, exam: Exam, marker: Marker) -> None:
    """Write the rank of each pair's target by each row, for analyses of one's own; empty where it was not found.

    Raises:
        StorageError: The folder cannot be written.
    """
    questions = exam.test
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["paper", "target", "cited_by", *marker.ranks])
    columns = list(marker.ranks.values())
    for pair, (place, target) in enumerate(zip(questions.place, questions.target, strict=True)):
        key = exam.candidates[target].key if target >= 0 else ""
        found = (column[pair] for column in columns)
        ranks = ["" if np.isinf(rank) else int(rank) for rank in found]
        rows.writerow([questions.places[place].paper, key, int(marker.cited[pair]), *ranks])
    write_atomically(folder / RANKS_NAME, text.getvalue())


def markdown(report: CitationReport) -> str:
    """The report as tables."""
    parts = [_introduction(report), _main_table(report), _parts_table(report)]
    parts += [_bucket_table(report, measure) for measure in ("hit@1", "recall@10")]
    parts += [_invented_table(report), _difference_table(report), _calibration_table(report), _wordings(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def percent(estimate: Estimate) -> str:
    """A share with its interval, in percent."""
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f}–{100 * estimate.high:.1f})"


def _introduction(report: CitationReport) -> str:
    state = "" if report.complete else " **Not complete: rows are missing.**"
    names = " + ".join(report.test)
    asked = (
        f"{report.pairs:,} pairs of place and cited work out of {report.papers:,} papers, {report.places:,} places, "
        f"{report.candidates:,} candidates; {report.unseen_pairs:,} pairs ask for a work that none of the "
        f"{report.train_papers:,} training papers ({' + '.join(report.train)}, {report.train_places:,} places) cites. "
        f"In percent, with 95% intervals of {report.resamples:,} resamples of papers; "
        "ranks beyond 100 count as not found. Each pair counts for itself: of several works cited at one place only "
        f"one can be first, so that hit@1 is {100 * report.most_hit1:.1f} when the first is always right; "
        "“right first” is how often the first is any of them."
    )
    return "\n\n".join([f"# Predicted citations: {names}{state}", asked, *(f"- {notice}" for notice in report.notices)])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first column is text, the others figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _main_table(report: CitationReport) -> str:
    rows = [
        [
            row.about.title,
            *(percent(row.measures[name]) if name in row.measures else "–" for name in MEASURES),
            "–" if row.ks is None else f"{row.ks:.3f}",
            f"{row.seconds:.0f}",
        ]
        for row in report.rows
    ]
    return "## All pairs\n\n" + table(["ranker", *MEASURES, "KS", "s"], rows)


def _parts_table(report: CitationReport) -> str:
    shown = ("hit@1", "recall@10")
    head = ["ranker", *(f"{name}, {part}" for part in ("seen", "unseen") for name in shown)]
    rows = []
    for row in report.rows:
        cells = [percent(part[name]) if name in part else "–" for part in (row.seen, row.unseen) for name in shown]
        rows.append([row.about.title, *cells])
    return "## Works cited in training, and works never cited there\n\n" + table(head, rows)


def _bucket_table(report: CitationReport, measure: str) -> str:
    present = [name for name, _, _ in BUCKETS if any(name == b.name for row in report.rows for b in row.buckets)]
    sizes = {bucket.name: bucket.pairs for row in report.rows for bucket in row.buckets}
    rows = []
    for row in report.rows:
        cells = {bucket.name: bucket.measures.get(measure) for bucket in row.buckets}
        if all(value is None for value in cells.values()):
            continue
        rows.append([row.about.title, *(_share(cells.get(name)) for name in present)])
    head = ["ranker", *(f"{name} ({sizes[name]:,})" for name in present)]
    return f"## {measure} by training papers that cite the work (pairs)\n\n" + table(head, rows) if rows else ""


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _invented_table(report: CitationReport) -> str:
    rows = []
    for row in report.rows:
        if row.invented:
            cells = [f"{_share(each.measures['hit@1'])} / {_share(each.invented)}" for each in row.buckets]
            rows.append([row.about.title, percent(row.invented), *cells])
    if not rows:
        return ""
    names = next([bucket.name for bucket in row.buckets] for row in report.rows if row.invented)
    return "## Right / invented titles by training papers that cite the work\n\n" + table(
        ["ranker", "invented", *names], rows
    )


def _difference_table(report: CitationReport) -> str:
    rows = [[row.about.title, *(_difference(row, name) for name in MEASURES)] for row in report.rows if row.differences]
    title = "## Difference to the best baseline in each measure, in points, and its p-value"
    return f"{title}\n\n" + table(["ranker", *MEASURES], rows) if rows else ""


def _difference(row: Row, name: str) -> str:
    if not row.differences or name not in row.differences:
        return "–"
    found = row.differences[name]
    low, high = 100 * found.estimate.low, 100 * found.estimate.high
    return f"{100 * found.estimate.value:+.1f} ({low:+.1f} to {high:+.1f}; p {found.p:.4f})"


def _calibration_table(report: CitationReport) -> str:
    rows = []
    for row in report.rows:
        if row.calibration:
            cells = [f"{each.ece:.3f} (T {each.temperature:.2f})" for each in row.calibration]
            rows.append([row.about.title, *cells, *["–"] * (2 - len(cells))])
    head = ["ranker", "ECE as it is", "ECE at the temperature of dev"]
    return "## Calibration of the first candidate's probability\n\n" + table(head, rows) if rows else ""


def _wordings(report: CitationReport) -> str:
    told = [f"- {row.about.title}: {row.about.wording}" for row in report.rows if row.about.wording]
    alphas = [f"- α of {name}: {value:.2f}" for name, value in report.alpha.items()]
    return "## What each was given\n\n" + "\n".join([*told, *alphas]) if told else ""
