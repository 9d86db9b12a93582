"""Citation prediction measured: all rankers on the same places and candidates in one run.

Source: Galactica, arXiv:2211.09085, section 5.4 (citation prediction) and its Table 11.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.evaluate.bootstrap import RESAMPLES
from training.evaluate.lineup import Stage, Tell
from training.evaluate.measures import BUCKETS
from training.evaluate.plots import can_draw, draw_all
from training.evaluate.questions import Exam
from training.evaluate.ranking import NOBODY
from training.evaluate.report import CitationReport, compared, write_ranks, write_report
from training.evaluate.rows import Marker, Row

DEV_SAMPLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the parts are called in the report."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    dev: tuple[str, ...] = ()


def evaluate_citations(
    exam: Exam,
    stages: Sequence[Stage],
    *,
    names: Names,
    seed: int,
    out: Path | None,
    on_progress: Tell,
    resamples: int = RESAMPLES,
) -> CitationReport:
    """Let every stage answer, and measure.

    Args:
        exam: Places and candidates.
        stages: The rankers, in the order of the report.
        names: For the report.
        seed: Of the resampling.
        out: Folder for the report, its tables and pictures. It is written after every row, so that a run that is broken
            off leaves what it had; None writes nothing.
        on_progress: Told (what, done, total).
        resamples: How often papers are drawn.

    Raises:
        ModelError: A model is damaged, or gives scores that are not numbers.
        StorageError: The folder cannot be written.
    """
    started = time.perf_counter()
    marker = Marker(exam.test, exam.learned.counts, seed=seed, resamples=resamples)
    rows: list[Row] = []
    report = _opening(exam, marker, names, seed=seed, resamples=resamples)
    for stage in stages:
        began = time.perf_counter()
        for about, answers in stage(exam, on_progress):
            spent = time.perf_counter() - began
            on_progress("resampling", len(rows), 0)
            rows.append(marker.row(about, answers, spent))
            alpha = report.alpha | ({about.name: answers.alpha} if answers.alpha is not None else {})
            seconds = time.perf_counter() - started
            report = compared(replace(report, rows=tuple(rows), alpha=alpha, seconds=seconds), marker)
            if out is not None:
                write_report(out, report)
            began = time.perf_counter()
    report = replace(report, complete=True, seconds=time.perf_counter() - started)
    if out is not None:
        write_report(out, report)
        write_ranks(out, exam, marker)
        if can_draw():
            draw_all(out, report)
    return report


def _opening(exam: Exam, marker: Marker, names: Names, *, seed: int, resamples: int) -> CitationReport:
    """The report before its first row."""
    return CitationReport(
        train=names.train,
        test=names.test,
        dev=names.dev,
        seed=seed,
        resamples=resamples,
        candidates=len(exam.candidates),
        train_papers=exam.learned.papers,
        train_places=exam.learned.places,
        papers=exam.test.papers,
        places=len(exam.test.places),
        pairs=len(exam.test.target),
        unseen_pairs=int((marker.cited < BUCKETS[1][1]).sum()),
        missing_pairs=int((exam.test.target == NOBODY).sum()),
        most_hit1=exam.test.most_hit1,
        rows=(),
        alpha={},
        notices=exam.notices,
        seconds=0.0,
        complete=False,
    )
