"""A real app server on a free port and a real browser, for journeys and screenshots."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import app.ui
from app.bench.start import CHROMIUM_FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

UI = Path(app.ui.__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [*CHROMIUM_FLAGS, "--disable-dev-shm-usage"]


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(home: Path, *, extra: Mapping[str, str] | None = None) -> Iterator[str]:
    """The app over a data folder, as ``galacite serve`` starts it; yields its address. Its worker ends with it."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GALACITE_")}
    environment |= {"GALACITE_HOME": str(home), "GALACITE_PORT": str(port), "GALACITE_WORKER_IDLE_S": "20"}
    environment |= extra or {}
    log = (home / "app.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve"],
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _await_health(address, server)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _await_health(address: str, server: subprocess.Popen[bytes], *, timeout_s: float = 60.0) -> None:
    import time

    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with exit code {server.returncode}")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as reply,  # noqa: S310 (our own server)
        ):
            if reply.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the app did not answer in time")
