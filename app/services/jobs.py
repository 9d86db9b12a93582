"""Background jobs as the user sees them: asked for, followed, cancelled, retried."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.jobs.kinds import SYNC
from app.jobs.supervisor import Supervisor
from core.records import Job, JobState
from indexer.database import Database
from indexer.store import jobs as store

_KEPT_FINISHED = 100_000


class JobService:
    """Jobs of one library.

    Args:
        enqueue: Hands a job id to the queue.
        supervisor: Sees to it that somebody works.
        is_synced: Whether the search indexes match the database.
    """

    def __init__(
        self,
        database: Database,
        *,
        enqueue: Callable[[int], None],
        supervisor: Supervisor,
        is_synced: Callable[[], bool],
    ) -> None:
        self._database = database
        self._enqueue = enqueue
        self._supervisor = supervisor
        self._is_synced = is_synced

    def start(self, kind: str, title: str, payload: dict[str, str]) -> Job:
        """Record a job, queue it, and make sure that a worker runs."""
        with self._database.session(write=True) as session:
            job = store.create_job(session, kind, title, payload)
        self.deliver(job)
        return job

    def deliver(self, job: Job) -> None:
        """Queue a recorded job, and make sure that a worker runs. Once too often does no harm.

        Raises:
            JobError: The queue cannot be reached, or no worker starts.
        """
        self._enqueue(job.id)
        self._supervisor.ensure_worker()

    def ensure_synced(self) -> Job | None:
        """Bring the indexes up to date in the background when they are not; None when they are, or are being."""
        if self._is_synced():
            return None
        with self._database.session() as session:
            waiting = [job for job in store.list_jobs(session, states=("queued",)) if job.kind == SYNC]
        return waiting[0] if waiting else self.start(SYNC, "Update the search indexes", {})

    def get(self, job_id: int) -> Job:
        """One job.

        Raises:
            NotFound: There is none of that id.
        """
        with self._database.session() as session:
            return store.get_job(session, job_id)

    def get_many(self, job_ids: Sequence[int]) -> list[Job]:
        """The jobs of these ids, in no particular order; unknown ids are left out."""
        with self._database.session() as session:
            return store.get_jobs(session, job_ids)

    def list(self, *, states: Sequence[JobState] | None = None, limit: int = 100) -> list[Job]:
        """Jobs, newest first."""
        with self._database.session() as session:
            return store.list_jobs(session, states=tuple(states) if states else None, limit=limit)

    def cancel(self, job_id: int) -> Job:
        """Stop a job. A paper that it has stored already stays."""
        with self._database.session(write=True) as session:
            return store.cancel_job(session, job_id)

    def retry(self, job_id: int) -> Job:
        """Queue a failed or cancelled job again."""
        with self._database.session(write=True) as session:
            job = store.retry_job(session, job_id)
        self._enqueue(job.id)
        self._supervisor.ensure_worker()
        return job

    def clear_finished(self) -> None:
        """Forget old finished jobs."""
        with self._database.session(write=True) as session:
            store.clear_finished(session, keep=_KEPT_FINISHED)
