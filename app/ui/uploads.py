"""Adding papers: files go in, and each has a line with its progress until it is a paper or known not to become one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from app.services.ingestion import FileReport, report_of_job, reports_of
from app.services.library import AddOutcome
from app.ui.calm import calm
from app.ui.markup import escape_markdown
from app.ui.resources import galacite
from app.ui.routes import link_to_paper
from core.errors import GalaciteError, JobError
from core.records import Job

_log = logging.getLogger(__name__)
_POLL_S = 0.7
_RECENT = timedelta(minutes=15)
_FAILED_FOR = timedelta(days=1)
_LINES = 60
_NEWEST = 500
"""Jobs of others that are looked at; those of this visit are all asked for, however many there are."""
_ICONS = {
    "added": ":green[:material/check_circle:]",
    "already": ":blue[:material/bookmark_added:]",
    "failed": ":red[:material/error:]",
    "cancelled": ":gray[:material/cancel:]",
    "waiting": ":gray[:material/schedule:]",
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to be added, as it was handed in."""

    name: str
    source: Path | BinaryIO


class Batch:
    """Files handed in together; a thread stores them one after another, so that the page stays free.

    Args:
        add: Stores one file and queues it.
    """

    def __init__(self, files: Sequence[Incoming], add: Callable[[Incoming], AddOutcome]) -> None:
        self.started_at = datetime.now(UTC)
        self._waiting = list(files)
        self._outcomes: list[AddOutcome] = []
        self._guard = threading.Lock()
        self._add = add
        threading.Thread(target=self._run, name="uploads", daemon=True).start()

    @property
    def over(self) -> bool:
        """True when every file has been handed on."""
        with self._guard:
            return not self._waiting

    def waiting(self) -> list[str]:
        """Names of the files that are not stored yet."""
        with self._guard:
            return [file.name for file in self._waiting]

    def without_job(self) -> list[AddOutcome]:
        """What became of the files that needed no work: known already, or no usable PDF."""
        with self._guard:
            return [outcome for outcome in self._outcomes if outcome.job_id is None]

    def job_ids(self) -> frozenset[int]:
        """The jobs of the files that are on their way."""
        with self._guard:
            return frozenset(outcome.job_id for outcome in self._outcomes if outcome.job_id is not None)

    def _run(self) -> None:
        while self._waiting:
            outcome = self._handled(self._waiting[0])
            with self._guard:
                self._waiting.pop(0)  # drops the uploaded bytes as well
                self._outcomes.append(outcome)

    def _handled(self, file: Incoming) -> AddOutcome:
        try:
            return self._add(file)
        except GalaciteError as error:
            return AddOutcome(name=file.name, status="failed", message=error.message, hint=error.hint)
        except Exception:
            _log.exception("taking in a file")
            message = "could not be taken in: see the log of the app"
            return AddOutcome(name=file.name, status="failed", message=message)


def add_files(files: Sequence[Incoming]) -> None:
    """Take files in, in the background; ``show_progress`` tells how it goes."""
    library = galacite().library
    batches: list[Batch] = st.session_state.setdefault("batches", [])
    batches.append(Batch(files, lambda file: library.add(file.source, name=file.name)))


def show_uploader() -> None:
    """The place to drop PDFs. It is emptied once its files are handed on, so that their bytes can go."""
    turn: int = st.session_state.setdefault("uploader_turn", 0)
    limit = galacite().settings.max_file_mb
    uploaded = st.file_uploader(
        "Add PDFs",
        type=["pdf"],
        accept_multiple_files=True,
        key=f"uploader-{turn}",
        help=f"Many at once; up to {limit} MB each. They stay on this machine.",
    )
    if uploaded:
        add_files([Incoming(file.name, file) for file in uploaded])
        st.session_state["uploader_turn"] = turn + 1
        st.rerun()


def show_progress() -> None:
    """A line for each file on its way and each that has just arrived; nothing when there is none."""
    jobs, batches = _jobs(), _batches()
    if not jobs and not any(batch.waiting() or batch.without_job() for batch in batches):
        return
    busy = any(not job.finished for job in jobs) or any(not batch.over for batch in batches)
    with _fold(len(jobs)) if not busy and not batches else st.container(border=True, key="uploads"):
        st.fragment(_lines, run_every=_POLL_S if busy else None)(busy=busy)


def _fold(failed: int) -> AbstractContextManager[object]:
    """What went wrong before this visit stays within reach, out of the way."""
    files = f"{failed} files" if failed > 1 else "1 file"
    return st.expander(f"{files} could not be added", icon=":material/error:", key="uploads-failed")


@calm
def _lines(*, busy: bool) -> None:
    jobs, batches = _jobs(), _batches()
    still_busy = any(not job.finished for job in jobs) or any(not batch.over for batch in batches)
    arrived = sum(job.state == "done" for job in jobs)
    if busy and (not still_busy or arrived != st.session_state.get("arrived", arrived)):
        st.session_state["arrived"] = arrived
        st.rerun()
    st.session_state["arrived"] = arrived
    if still_busy:
        _keep_working()
    _headline(jobs, batches, busy=still_busy)
    for name in [name for batch in batches for name in batch.waiting()]:
        st.progress(0.0, text=f"{escape_markdown(name)} — :gray[taking it in]")
    reports = [report for batch in batches for report in reports_of(batch.without_job())]
    reports += [report_of_job(job) for job in jobs]
    plain = [] if still_busy else [each for each in reports if each.status == "added" and each.message == "added"]
    _show_lines([each for each in reports if each not in plain], key="line")
    if plain:
        with st.expander("Show the added files" if len(plain) > 1 else "Show the added file", type="compact"):
            _show_lines(plain, key="added")


def _show_lines(reports: Sequence[FileReport], *, key: str) -> None:
    for index, report in enumerate(reports[:_LINES]):
        _line(report, key=f"{key}-{report.job_id or 'file'}-{index}")
    if len(reports) > _LINES:
        st.caption(f"and {len(reports) - _LINES} more")


def _headline(jobs: Sequence[Job], batches: Sequence[Batch], *, busy: bool) -> None:
    added = sum(job.state == "done" for job in jobs)
    failed = sum(job.state == "failed" for job in jobs)
    failed += sum(outcome.status == "failed" for batch in batches for outcome in batch.without_job())
    left = sum(not job.finished for job in jobs) + sum(len(batch.waiting()) for batch in batches)
    counted = ((left, "on the way"), (added, "added"), (failed, "failed"))
    facts = " · ".join(f"{count} {what}" for count, what in counted if count)
    title = "Adding papers" if busy else "Files handed in"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{title}** :gray[{facts}]")
        if not busy and st.button("Clear this list", type="tertiary", icon=":material/close:", key="clear-uploads"):
            st.session_state["batches"] = []
            st.session_state["cleared_at"] = datetime.now(UTC)
            st.rerun()


def _line(report: FileReport, *, key: str) -> None:
    name = escape_markdown(report.name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"line-{key}"):
        if report.status == "waiting":
            share = report.done / report.total if report.total else 0.0
            st.progress(min(1.0, share), text=f"{name} — :gray[{escape_markdown(report.message)}]")
            if report.job_id is not None and st.button("Cancel", key=f"cancel-{key}", type="tertiary"):
                galacite().jobs.cancel(report.job_id)
                st.rerun()
            return
        hint = f"  \n:gray[{escape_markdown(report.hint)}]" if report.hint else ""
        told = escape_markdown(report.message.removeprefix(f"{report.name}: "))
        st.markdown(f"{_ICONS[report.status]} {name} — {told}{hint}", width="stretch")
        if report.paper_id is not None:
            link_to_paper(report.paper_id, "Open", icon=None)
            return
        again = report.job_id is not None and report.status in ("failed", "cancelled")
        if again and st.button("Retry", key=f"retry-{key}", type="tertiary", icon=":material/refresh:"):
            galacite().jobs.retry(report.job_id or 0)
            st.rerun()


def _batches() -> list[Batch]:
    batches: list[Batch] = st.session_state.setdefault("batches", [])
    return batches


def _jobs() -> list[Job]:
    """Ingestions worth a line, oldest first: unfinished ones, those of this visit, and what ended a short while ago."""
    now = datetime.now(UTC)
    cleared = st.session_state.get("cleared_at", datetime.min.replace(tzinfo=UTC))
    mine = frozenset[int]().union(*(batch.job_ids() for batch in _batches()))
    jobs = galacite().jobs
    known = {job.id: job for job in (*jobs.list(limit=_NEWEST), *jobs.get_many(list(mine))) if job.kind == "ingest"}
    busy = any(not job.finished for job in known.values())
    return [
        known[job_id]
        for job_id in sorted(known)
        if not known[job_id].finished or job_id in mine or _is_news(known[job_id], now, cleared, busy=busy)
    ]


def _is_news(job: Job, now: datetime, cleared: datetime, *, busy: bool) -> bool:
    """Whether a job that ended before this visit is worth a line: failures are, successes while others go on."""
    if job.updated_at <= cleared:
        return False
    if job.state == "failed":
        return now - job.updated_at < _FAILED_FOR
    return busy and now - job.updated_at < _RECENT


def _keep_working() -> None:
    """See that a worker runs, now and then: one that died is started again."""
    if time.monotonic() - st.session_state.get("worker_checked", 0.0) < 2.0:
        return
    st.session_state["worker_checked"] = time.monotonic()
    try:
        galacite().supervisor.ensure_worker()
    except JobError as error:
        st.error(f"{escape_markdown(error.message)}  \n{escape_markdown(error.hint)}")
