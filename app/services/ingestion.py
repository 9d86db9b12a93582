"""Following files from the moment they are handed in until they are papers, or are known not to become any."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.services.library import AddOutcome
from core.errors import StorageError
from core.records import Job

if TYPE_CHECKING:
    from app.wiring import Galacite

FileStatus = Literal["waiting", "added", "already", "failed", "cancelled"]
_POLL_S = 0.2
_LEAST_SPACE_BYTES = 4 * 2**20
_WORKER_CHECK_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """Where one file stands, for people; ``done`` of ``total`` steps while it is waiting."""

    name: str
    status: FileStatus
    message: str
    hint: str = ""
    paper_id: int | None = None
    job_id: int | None = None
    done: int = 0
    total: int = 0


def reports_of(outcomes: Sequence[AddOutcome]) -> list[FileReport]:
    """Reports of files that have just been handed in."""
    return [_handed_in(outcome) for outcome in outcomes]


def follow(
    galacite: Galacite,
    outcomes: Sequence[AddOutcome],
    *,
    on_report: Callable[[FileReport], None] | None = None,
    on_progress: Callable[[list[FileReport]], None] | None = None,
) -> list[FileReport]:
    """Wait until every file has come to its end; a worker that dies meanwhile is started again.

    Args:
        on_report: Called once a file, when it has come to its end.
        on_progress: Called again and again with how all the files stand.

    Returns:
        One report an outcome, in the same order.
    """
    reports: list[FileReport] = []
    for current in progress(galacite, outcomes, on_report=on_report):
        reports = current
        if on_progress is not None:
            on_progress(reports)
        time.sleep(_POLL_S)
    return reports


def progress(
    galacite: Galacite, outcomes: Sequence[AddOutcome], *, on_report: Callable[[FileReport], None] | None = None
) -> Iterator[list[FileReport]]:
    """The reports as they stand, again and again until all files have come to their end."""
    told: set[int] = set()
    checked = time.monotonic()
    while True:
        reports = current_reports(galacite, outcomes)
        for index, report in enumerate(reports):
            if report.status != "waiting" and index not in told:
                told.add(index)
                if on_report is not None:
                    on_report(report)
        yield reports
        if len(told) == len(reports):
            return
        check_space(galacite.settings.home, waiting=len(reports) - len(told))
        if time.monotonic() - checked > _WORKER_CHECK_S:
            galacite.supervisor.ensure_worker()
            checked = time.monotonic()


def check_space(home: Path, *, waiting: int) -> None:
    """Stop waiting for a worker that cannot write: on a full disk it can record neither work nor failure.

    Raises:
        StorageError: There is next to no space left in the data folder.
    """
    free = shutil.disk_usage(home).free
    if free < _LEAST_SPACE_BYTES:
        raise StorageError(
            f"no space left in {home} ({free // 1024:,} KB); {waiting} files stay queued",
            hint="Free some space: the files go on by themselves, or run the command again.",
        )


def current_reports(galacite: Galacite, outcomes: Sequence[AddOutcome]) -> list[FileReport]:
    """Where the files stand now."""
    jobs = {
        job.id: job for job in galacite.jobs.get_many([each.job_id for each in outcomes if each.job_id is not None])
    }
    return [
        report_of_job(jobs[outcome.job_id]) if outcome.job_id in jobs else _handed_in(outcome) for outcome in outcomes
    ]


def report_of_job(job: Job) -> FileReport:
    """A job of ingestion as the report of its file."""
    status: dict[str, FileStatus] = {"done": "added", "failed": "failed", "cancelled": "cancelled"}
    return FileReport(
        name=job.title,
        status=status.get(job.state, "waiting"),
        message=job.message or ("waiting" if job.state == "queued" else job.state),
        hint=job.hint,
        paper_id=job.paper_id,
        job_id=job.id,
        done=job.done,
        total=job.total,
    )


def _handed_in(outcome: AddOutcome) -> FileReport:
    status: FileStatus = "waiting" if outcome.status == "queued" else outcome.status
    return FileReport(
        name=outcome.name,
        status=status,
        message=outcome.message,
        hint=outcome.hint,
        paper_id=outcome.paper_id,
        job_id=outcome.job_id,
    )
