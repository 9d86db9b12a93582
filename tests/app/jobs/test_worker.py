from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.jobs.worker import DEAD_AFTER_S, Worker, lives, worker_name
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import JobError, StorageError
from indexer.store import jobs as job_store
from tests.pdfs import make_encrypted, make_pdf

OWN = worker_name()


def _ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def _name(host: str, process: int) -> str:
    return f"{host}:{process}:0a1b2c3d"


def test_this_worker_lives() -> None:
    assert lives(OWN, updated_at=_ago(86_400), own=OWN)


def test_a_process_that_ended_on_this_host_is_dead_at_once() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not lives(_name(socket.gethostname(), ended.pid), updated_at=_ago(0), own=OWN)


def test_this_process_id_under_another_name_is_a_dead_worker() -> None:
    assert not lives(_name(socket.gethostname(), os.getpid()), updated_at=_ago(0), own=OWN)


def test_a_worker_of_another_host_lives_as_long_as_it_says_so() -> None:
    assert lives(_name("elsewhere", 1), updated_at=_ago(0), own=OWN)
    assert not lives(_name("elsewhere", 1), updated_at=_ago(DEAD_AFTER_S + 1), own=OWN)


@pytest.fixture
def asker(settings: Settings) -> Iterator[Galacite]:
    """Who hands work in; no worker is started."""
    opened = open_library(settings.model_copy(update={"worker": "external"}))
    yield opened
    opened.close()


@pytest.fixture
def worker(asker: Galacite) -> Iterator[Worker]:
    """A worker whose steps the test takes."""
    made = Worker(asker.settings)
    yield made
    made._handlers.close()
    made._galacite.close()
    made._queue.close()


def _handed_in(asker: Galacite, path: Path) -> int:
    job_id = asker.library.add(path, name=path.name).job_id
    assert job_id is not None
    return job_id


def test_a_job_handed_in_while_the_queue_is_cleared_is_delivered(
    asker: Galacite, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = worker._queue.clear

    def handed_in_meanwhile() -> None:
        _handed_in(asker, make_pdf(tmp_path / "one.pdf"))
        clear()

    monkeypatch.setattr(worker._queue, "clear", handed_in_meanwhile)
    worker.recover()
    assert worker._queue.pending() >= 1


def test_a_delivery_that_was_lost_is_made_again(asker: Galacite, worker: Worker, tmp_path: Path) -> None:
    _handed_in(asker, make_pdf(tmp_path / "one.pdf"))
    worker._queue.clear()
    worker.deliver_lost()
    worker.deliver_lost()
    assert worker._queue.pending() == 1


def test_an_end_that_the_database_refused_is_recorded_later(
    asker: Galacite, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    job_id = _handed_in(asker, make_encrypted(tmp_path / "locked.pdf"))
    with monkeypatch.context() as patched:
        patched.setattr(job_store, "fail_job", refuse)
        worker.run_job(job_id)
    assert asker.jobs.get(job_id).state == "running"
    worker._settle_again()
    assert asker.jobs.get(job_id).state == "failed"


def test_a_job_that_failed_for_no_fault_of_its_file_can_be_retried(
    asker: Galacite, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise JobError("the parser cannot start")

    job_id = _handed_in(asker, make_pdf(tmp_path / "one.pdf"))
    with monkeypatch.context() as patched:
        patched.setattr(worker._handlers, "_parse_and_store", refuse)
        worker.run_job(job_id)
    assert asker.jobs.get(job_id).state == "failed"
    asker.jobs.retry(job_id)
    worker.run_job(job_id)
    assert asker.jobs.get(job_id).state == "done"


def test_a_retry_whose_file_is_gone_says_what_to_do(asker: Galacite, worker: Worker, tmp_path: Path) -> None:
    job_id = _handed_in(asker, make_encrypted(tmp_path / "locked.pdf"))
    worker.run_job(job_id)
    asker.jobs.retry(job_id)
    worker.run_job(job_id)
    job = asker.jobs.get(job_id)
    assert (job.state, job.hint) == ("failed", "Add the file again.")
    assert "locked.pdf" in job.message
