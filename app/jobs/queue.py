"""The queue between those who ask for work and the worker: Huey on SQLite, or on Redis for a group.

The queue only carries job ids and delivers them at least once. What a job is, and how far it has come, is in the
database: losing the queue loses nothing, and a job delivered twice runs once, because it is claimed in a transaction.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, cast

from huey import RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from app.settings import Settings
from core.errors import JobError, SettingsError, StorageError

TASK_NAME = f"{__name__}.run_job"
_QUEUE_NAME = "galacite"
_log = logging.getLogger(__name__)


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Messages as JSON: Huey's own serializer unpickles what it finds, which would run code put into the queue."""

    def _serialize(self, data: Any) -> bytes:
        value = {"message": data._asdict()} if isinstance(data, Message) else {"value": data}
        return json.dumps(value).encode()

    def _deserialize(self, data: bytes) -> Any:
        value = json.loads(bytes(data))
        if "message" not in value:
            return value["value"]
        fields = value["message"]
        if set(fields) != set(Message._fields) or fields["name"] != TASK_NAME:
            raise ValueError("not a message of this queue")
        return Message(**fields)


class HueyQueue:
    """Job ids through Huey.

    Args:
        settings: Names the queue's place.
        run: Called with each job id, in the worker process only.
    """

    def __init__(self, settings: Settings, run: Callable[[int], None] | None = None) -> None:
        self.huey = _open(settings)

        def run_job(job_id: int) -> None:
            if run is None:
                raise JobError("this process does not run jobs")
            run(int(job_id))

        self._task = self.huey.task(name="run_job")(run_job)

    def enqueue(self, job_id: int) -> None:
        """Ask for a job to be run.

        Raises:
            JobError: The queue cannot be reached.
        """
        try:
            self._task(job_id)
        except Exception as error:  # Huey lets the errors of SQLite and Redis through as they are
            raise _unreachable(error) from error

    def pending(self) -> int:
        """How many deliveries are waiting.

        Raises:
            JobError: The queue cannot be reached.
        """
        try:
            return cast("int", self.huey.pending_count())
        except Exception as error:  # as in ``enqueue``
            raise _unreachable(error) from error

    def clear(self) -> None:
        """Drop all deliveries; jobs stay in the database."""
        self.huey.flush()

    def close(self) -> None:
        """Release the connection."""
        self.huey.storage.close()


def _unreachable(error: Exception) -> JobError:
    return JobError(f"the job queue cannot be reached: {error}", hint="Run: galacite doctor")


def _open(settings: Settings) -> Any:
    options = {"name": _QUEUE_NAME, "results": False, "serializer": JsonSerializer()}
    if settings.queue_url:
        try:
            return RedisHuey(url=settings.queue_url, **options)
        except Exception as error:  # huey and redis refuse a bad address, or a missing driver, each in its own way
            raise SettingsError(
                f"the job queue cannot be used: {error}",
                hint='Correct GALACITE_QUEUE_URL (redis://HOST:6379/0), or: pip install "galacite[server]"',
            ) from error
    path = settings.home / "queue.sqlite"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        try:
            return SqliteHuey(filename=str(path), timeout=30, **options)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            # It holds nothing that the database does not: a damaged one makes room for a new one.
            _log.warning("the job queue is damaged and begun anew")
            path.replace(path.with_suffix(".damaged"))
            return SqliteHuey(filename=str(path), timeout=30, **options)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"{path}: the job queue cannot be written ({error})", hint="Check the disk and the rights of the folder."
        ) from error
