from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from app.jobs.worker import DEAD_AFTER_S, lives, worker_name

NOW = datetime.now(UTC)
OWN = worker_name()


def _name(host: str, process: int) -> str:
    return f"{host}:{process}:0a1b2c3d"


def test_this_worker_lives() -> None:
    assert lives(OWN, updated_at=NOW - timedelta(days=1), own=OWN)


def test_a_process_that_ended_on_this_host_is_dead_at_once() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not lives(_name(socket.gethostname(), ended.pid), updated_at=NOW, own=OWN)


def test_this_process_id_under_another_name_is_a_dead_worker() -> None:
    assert not lives(_name(socket.gethostname(), os.getpid()), updated_at=NOW, own=OWN)


def test_a_worker_of_another_host_lives_as_long_as_it_says_so() -> None:
    assert lives(_name("elsewhere", 1), updated_at=NOW, own=OWN)
    assert not lives(_name("elsewhere", 1), updated_at=NOW - timedelta(seconds=DEAD_AFTER_S + 1), own=OWN)
