"""Background jobs: their states and who works on them.

queued → running → done | failed | cancelled; failed and cancelled ones may be queued again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Text, delete, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from core.errors import InputError, JobCancelled, NotFound
from core.records import Job, JobState
from indexer.columns import utc_now
from indexer.store.queries import MAX_ID, affected_rows, among
from indexer.tables import JobRow

_ACTIVE = ("queued", "running")
_FINISHED = ("done", "failed", "cancelled")
_UNTRACKED = {"synchronize_session": False}


def create_job(session: Session, kind: str, title: str, payload: dict[str, str]) -> Job:
    """Queue a job.

    Args:
        kind: Names the code that will do it.
        title: What the user sees.
        payload: What the code needs; ``sha256`` names the file of an ingestion.
    """
    now = utc_now()
    values = {
        "kind": kind,
        "title": title,
        "state": "queued",
        "payload": payload,
        "created_at": now,
        "updated_at": now,
        "done": 0,
        "total": 0,
        "message": "",
        "hint": "",
        "attempts": 0,
        "worker": "",
    }
    return get_job(session, session.scalars(insert(JobRow).values(**values).returning(JobRow.id)).one())


def get_job(session: Session, job_id: int) -> Job:
    """One job.

    Raises:
        NotFound: There is none, or it has been cleared away.
    """
    row = None
    if 0 < job_id <= MAX_ID:
        row = session.execute(select(*JobRow.__table__.columns).where(JobRow.id == job_id)).one_or_none()
    if row is None:
        raise NotFound(f"no job has the id {job_id}", hint="Finished jobs are cleared away after a while.")
    return _job(row)


def get_jobs(session: Session, job_ids: Sequence[int]) -> list[Job]:
    """The jobs of these ids; unknown ids are left out."""
    statement = select(*JobRow.__table__.columns).where(among(session, JobRow.id, job_ids)).order_by(JobRow.id)
    return [_job(row) for row in session.execute(statement)]


def list_jobs(session: Session, *, states: Sequence[JobState] | None = None, limit: int = 100) -> list[Job]:
    """Jobs, newest first; ``states`` keeps only those in one of them."""
    statement = select(*JobRow.__table__.columns).order_by(JobRow.id.desc()).limit(limit)
    if states is not None:
        statement = statement.where(JobRow.state.in_(states))
    return [_job(row) for row in session.execute(statement)]


def claim_job(session: Session, job_id: int, worker: str) -> Job | None:
    """Take a queued job; None when another worker was faster, or it is queued no more.

    Args:
        worker: Names the process, so that ``requeue_orphans`` can ask whether it lives.
    """
    values = {"state": "running", "worker": worker, "attempts": JobRow.attempts + 1, "done": 0, "total": 0}
    claimed = _change(session, job_id, ("queued",), values | {"message": "", "hint": ""})
    return get_job(session, job_id) if claimed else None


def report_progress(session: Session, job_id: int, done: int, total: int, message: str = "") -> bool:
    """Note how far a running job is; False when it has been cancelled, or taken away, and must stop."""
    return _change(session, job_id, ("running",), {"done": done, "total": total, "message": message})


def finish_job(session: Session, job_id: int, *, message: str = "", paper_id: int | None = None) -> None:
    """A running job has done its work.

    Raises:
        JobCancelled: It is running no more. Leave the transaction with this error, so that none of its work stays.
    """
    values: dict[str, Any] = {"state": "done", "message": message, "hint": "", "done": JobRow.total}
    if paper_id is not None:
        values["paper_id"] = paper_id
    if not _change(session, job_id, ("running",), values):
        raise JobCancelled(f"job {job_id} is running no more", hint="Retry it to have it done.")


def fail_job(session: Session, job_id: int, *, message: str, hint: str = "") -> None:
    """A queued or running job cannot be done; one that was cancelled meanwhile stays cancelled."""
    _change(session, job_id, _ACTIVE, {"state": "failed", "message": message, "hint": hint})


def cancel_job(session: Session, job_id: int) -> Job:
    """Stop a job: a queued one is never begun, a running one notices at its next report of progress.

    Raises:
        NotFound: No such job.
        InputError: It has finished.
    """
    if not _change(session, job_id, _ACTIVE, {"state": "cancelled", "message": "", "hint": ""}):
        job = get_job(session, job_id)
        raise InputError(f"job {job_id} is {job.state} already", hint="Only queued and running jobs can be cancelled.")
    return get_job(session, job_id)


def retry_job(session: Session, job_id: int) -> Job:
    """Queue a failed or cancelled job again, with all its attempts.

    Raises:
        NotFound: No such job.
        InputError: It is neither failed nor cancelled.
    """
    values = {"state": "queued", "message": "", "hint": "", "done": 0, "total": 0, "attempts": 0, "worker": ""}
    if not _change(session, job_id, ("failed", "cancelled"), values):
        job = get_job(session, job_id)
        raise InputError(f"job {job_id} is {job.state}", hint="Only failed and cancelled jobs can be retried.")
    return get_job(session, job_id)


def release_jobs(session: Session, worker: str) -> None:
    """Queue again what a worker that ends in order was running, as if it had never claimed it."""
    values = {"state": "queued", "worker": "", "attempts": JobRow.attempts - 1, "updated_at": utc_now()}
    statement = update(JobRow).where(JobRow.worker == worker, JobRow.state == "running").values(values)
    session.execute(statement, execution_options=_UNTRACKED)


def heartbeat(session: Session, worker: str) -> None:
    """Say that a worker's running jobs are still being worked on."""
    statement = update(JobRow).where(JobRow.worker == worker, JobRow.state == "running").values(updated_at=utc_now())
    session.execute(statement, execution_options=_UNTRACKED)


def requeue_orphans(session: Session, *, is_alive: Callable[[str], bool], max_attempts: int = 3) -> list[Job]:
    """Queue the running jobs whose worker has died; those that killed ``max_attempts`` workers fail instead.

    Args:
        is_alive: Tells whether a worker, by the name it claimed with, still runs; asked once a worker.

    Returns:
        All jobs concerned, as they are now, oldest first.
    """
    rows = session.execute(
        select(JobRow.id, JobRow.worker, JobRow.attempts).where(JobRow.state == "running").order_by(JobRow.id)
    ).all()
    alive = {worker: is_alive(worker) for worker in {row.worker for row in rows}}
    changed: list[Job] = []
    for row in rows:
        if alive[row.worker]:
            continue
        again: dict[str, Any] = {"state": "queued", "worker": "", "done": 0, "total": 0}
        over = {
            "state": "failed",
            "message": f"The worker stopped unexpectedly {row.attempts} times while doing this.",
            "hint": "The file may need more memory than there is: see the worker's log, then retry.",
        }
        if _change(session, row.id, ("running",), again if row.attempts < max_attempts else over):
            changed.append(get_job(session, row.id))
    return changed


def clear_finished(session: Session, *, keep: int) -> None:
    """Forget finished jobs except for the newest ``keep``."""
    finished = select(JobRow.id).where(JobRow.state.in_(_FINISHED)).order_by(JobRow.id.desc())
    oldest = list(session.scalars(finished))[keep:]
    session.execute(delete(JobRow).where(among(session, JobRow.id, oldest)), execution_options=_UNTRACKED)


def find_active(session: Session, sha256: str) -> Job | None:
    """The job that waits or runs for the file of that content."""
    statement = (
        select(*JobRow.__table__.columns)
        .where(JobRow.state.in_(_ACTIVE), type_coerce(JobRow.payload, Text()).contains(sha256))
        .limit(1)
    )
    row = session.execute(statement).first()
    return _job(row) if row is not None else None


def kept_hashes(session: Session) -> frozenset[str]:
    """The ``sha256`` of all jobs that wait, run or may be tried again: files that must stay."""
    payloads = session.scalars(select(JobRow.payload).where(JobRow.state != "done"))
    return frozenset(payload["sha256"] for payload in payloads if "sha256" in payload)


def _change(session: Session, job_id: int, states: Sequence[str], values: dict[str, Any]) -> bool:
    """Change a job if it is in one of the states, in one statement: two workers cannot both succeed."""
    if not 0 < job_id <= MAX_ID:
        return False
    statement = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state.in_(states))
        .values(**values, updated_at=utc_now())
        .execution_options(**_UNTRACKED)
    )
    return affected_rows(session, statement) == 1


def _job(row: Any) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        payload=row.payload,
        created_at=row.created_at,
        updated_at=row.updated_at,
        done=row.done,
        total=row.total,
        message=row.message,
        hint=row.hint,
        attempts=row.attempts,
        paper_id=row.paper_id,
        worker=row.worker,
    )
