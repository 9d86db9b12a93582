"""What is checked before the app is served."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from app.jobs.supervisor import Supervisor
from app.serve import run_app
from app.settings import Settings
from core.errors import SettingsError

_PATIENCE_S = 60.0


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_an_address_in_use_is_refused_before_anything_starts(
    family: socket.AddressFamily, host: str, tmp_path: Path
) -> None:
    with socket.socket(family) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip("no such address on this machine")
        taken.listen()
        settings = Settings(home=tmp_path / "home", host=host, port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match="in use"):
            run_app(settings, samples=False)
    assert not (tmp_path / "home").exists()


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1.0) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def test_stopping_the_app_stops_the_worker_that_loads_the_samples(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    own = settings.model_copy(update={"port": port, "worker_idle_s": 600.0})
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--samples"],
        env=own.process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(lambda: _answers(port), "the app does not answer")
        _until(Supervisor(own).is_working, "no worker loads the samples")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=_PATIENCE_S)
    assert not Supervisor(own).is_working()
