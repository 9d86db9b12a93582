"""The worker process: runs jobs, a few at a time, and survives being killed at any point.

A job belongs to a worker from the moment it is claimed. A worker says every few seconds that it lives; jobs of one that
does not are queued again by the next worker that starts or looks.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psutil
from filelock import FileLock, Timeout
from sqlalchemy.orm import Session

from app.jobs.queue import HueyQueue
from app.jobs.supervisor import LOCK_NAME
from app.jobs.tasks import Handlers, JobContext, Outcome
from app.settings import Settings
from app.wiring import open_library
from core.errors import GalaciteError, JobCancelled, ModelError, StorageError, UnreadablePdf
from core.records import Job
from indexer.store import jobs as job_store

HEARTBEAT_S = 5.0
DEAD_AFTER_S = 60.0
_ORPHAN_BEATS = 3
_ALL = 1_000_000
_LOCK_WAIT_S = 1.0
"""A supervisor that looks whether somebody works holds the lock for a moment."""
_log = logging.getLogger(__name__)


def worker_name() -> str:
    """Names this process among all workers: host, process id and a random part (process ids are used again)."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def lives(worker: str, *, updated_at: datetime, own: str) -> bool:
    """Whether the worker of a running job can still be at work.

    On this host the process is looked up; elsewhere the last sign of life decides.
    """
    if worker == own:
        return True
    host, process, _ = worker.rsplit(":", 2)
    # A process id is used again, above all in containers: under another name, this process's own is a dead worker's.
    if host == socket.gethostname() and (int(process) == os.getpid() or not psutil.pid_exists(int(process))):
        return False
    return (datetime.now(UTC) - updated_at).total_seconds() < DEAD_AFTER_S


class Worker:
    """Runs jobs until stopped.

    Args:
        settings: Read by the entry point.
        idle_s: Stop after this long without work; None: only on a signal.
    """

    def __init__(self, settings: Settings, *, idle_s: float | None = None) -> None:
        self._settings = settings
        self._idle_s = idle_s
        self._name = worker_name()
        self._galacite = open_library(settings)
        self._queue = HueyQueue(settings, run=self.run_job)
        self._handlers = Handlers(self._galacite)
        self._stopping = threading.Event()
        self._active: set[int] = set()
        self._unsettled: deque[Callable[[Session], None]] = deque()
        self._last_work = time.monotonic()

    def run(self) -> bool:
        """Work until told to stop.

        Returns:
            False when another worker already serves this data folder.
        """
        with self._only_worker() as alone:
            if not alone:
                return False
            self.recover()
            consumer = self._queue.huey.create_consumer(
                workers=self._settings.worker_threads, periodic=False, initial_delay=0.1, max_delay=0.5
            )
            beat = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
            beat.start()
            try:
                consumer.run()
            finally:
                self.close()
        return True

    def close(self) -> None:
        """Stop what is going on, give it back to the queue, and release everything."""
        self._stopping.set()
        self._handlers.close()
        self._give_back()
        self._queue.close()
        self._galacite.close()

    def recover(self) -> None:
        """Queue again what a dead worker left, and what the queue has lost; repair the indexes; sweep stray files."""
        self.take_up_orphans()
        # Cleared before the jobs are read: one that is queued in between is delivered twice, which is harmless; in the
        # other order it would never be.
        if not self._settings.queue_url:
            self._queue.clear()
        self._deliver_queued()
        self._galacite.library.sweep_files()
        self._galacite.jobs.clear_finished()
        try:
            self._galacite.jobs.ensure_synced()
        except ModelError as error:  # a damaged encoder must not keep papers from being added
            _log.warning("search indexes: %s", error)

    def deliver_lost(self) -> None:
        """Deliver queued jobs again when the queue is empty: a delivery failed, or ended before the job was claimed."""
        if self._queue.pending() == 0:
            self._deliver_queued()

    def _deliver_queued(self) -> None:
        with self._galacite.database.session() as session:
            queued = job_store.list_jobs(session, states=("queued",), limit=_ALL)
        for job in reversed(queued):
            self._queue.enqueue(job.id)

    def take_up_orphans(self) -> None:
        """Queue the jobs of workers that have died; a job that has killed several workers fails instead."""
        with self._galacite.database.session() as session:
            running = job_store.list_jobs(session, states=("running",), limit=_ALL)
        newest: dict[str, datetime] = {}
        for job in running:
            newest[job.worker] = max(job.updated_at, newest.get(job.worker, job.updated_at))
        alive = {name for name, seen in newest.items() if lives(name, updated_at=seen, own=self._name)}
        if alive == set(newest):
            return
        with self._galacite.database.session(write=True) as session:
            requeued = job_store.requeue_orphans(session, is_alive=lambda name: name in alive or name not in newest)
        for job in requeued:
            if job.state == "queued":
                self._queue.enqueue(job.id)

    def _give_back(self) -> None:
        """Queue what this worker was at: being stopped in order does not count as an attempt that failed."""
        try:
            with self._galacite.database.session(write=True) as session:
                job_store.release_jobs(session, self._name)
        except StorageError as error:
            _log.warning("jobs stay with this worker until another finds it gone: %s", error)

    def run_job(self, job_id: int) -> None:
        """Claim and run one job; whatever happens ends in a state that the user can read."""
        with self._galacite.database.session(write=True) as session:
            job = job_store.claim_job(session, job_id, self._name)
        if job is None:
            return
        self._active.add(job.id)
        try:
            self._run_claimed(job)
        finally:
            self._active.discard(job.id)
            self._last_work = time.monotonic()

    def _run_claimed(self, job: Job) -> None:
        context = JobContext(job, self._galacite.database, stopping=self._stopping)
        try:
            with context.watching():
                outcome = self._handlers.run(job, context)
        except Exception as error:
            if self._stopping.is_set():
                _log.info("job %d interrupted: the next worker takes it up", job.id)
                return
            self._end_badly(job, error)
        else:
            self._end_well(job, outcome)

    def _end_well(self, job: Job, outcome: Outcome) -> None:
        try:
            self._settle(
                lambda session: job_store.finish_job(
                    session, job.id, message=outcome.message, paper_id=outcome.paper_id
                )
            )
        except JobCancelled as error:  # in the very last moment
            self._end_badly(job, error)

    def _settle(self, end: Callable[[Session], None]) -> None:
        """Record how a job ended. When the database refuses (a full disk), the heartbeat tries again: a job of a worker
        that lives is taken up by nobody else."""
        try:
            with self._galacite.database.session(write=True) as session:
                end(session)
        except StorageError as error:
            _log.warning("the end of a job cannot be recorded yet: %s", error)
            self._unsettled.append(end)

    def _settle_again(self) -> None:
        for _ in range(len(self._unsettled)):
            try:
                self._settle(self._unsettled.popleft())
            except JobCancelled as error:
                _log.info("%s", error)

    def _end_badly(self, job: Job, error: Exception) -> None:
        if isinstance(error, JobCancelled):
            _log.info("job %d cancelled", job.id)
            self._handlers.undo(job)
            return
        if isinstance(error, GalaciteError):
            _log.warning("job %d failed: %s", job.id, type(error).__name__)
            message, hint = error.message, error.hint
        else:
            _log.error("job %d failed by a fault of the program", job.id, exc_info=error)
            message, hint = f"{job.title}: internal error ({type(error).__name__})", "Retry; see worker.log."
        if isinstance(error, UnreadablePdf) and not error.may_pass_later:
            self._handlers.clean_up(job)
        self._settle(lambda session: job_store.fail_job(session, job.id, message=message, hint=hint))

    def _beat(self) -> None:
        beats = itertools.count(1)
        while not self._stopping.wait(HEARTBEAT_S):
            try:
                with self._galacite.database.session(write=True) as session:
                    job_store.heartbeat(session, self._name)
                self._settle_again()
                if next(beats) % _ORPHAN_BEATS == 0:
                    self.take_up_orphans()
                    self.deliver_lost()
                idle = self._idle_s is not None and time.monotonic() - self._last_work > self._idle_s
                if idle and not self._active and self._queue.pending() == 0:
                    _log.info("idle: stopping")
                    os.kill(os.getpid(), signal.SIGINT)
                    return
            except GalaciteError as error:
                _log.warning("heartbeat: %s", error)
            except Exception:  # without a heartbeat, other workers would take this one's jobs for abandoned
                _log.exception("heartbeat")

    @contextlib.contextmanager
    def _only_worker(self) -> Iterator[bool]:
        """One worker a data folder when the queue is local; any number on Redis."""
        if self._settings.queue_url:
            yield True
            return
        lock = FileLock(self._settings.home / LOCK_NAME)
        try:
            lock.acquire(timeout=_LOCK_WAIT_S)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()
