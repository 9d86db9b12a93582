"""Keeps a worker running while there is work: started on demand, started again when it died."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time

from filelock import FileLock, Timeout

from app.settings import Settings
from core.errors import JobError

LOCK_NAME = "worker.lock"
LOG_NAME = "worker.log"
_CHECK_S = 2.0
_FIRST_CHECK_S = 6.0
_GRACE_S = 10.0
_RETRY_S = 60.0
_MAX_QUICK_DEATHS = 3
_MAX_LOG_BYTES = 5 * 2**20
_log = logging.getLogger(__name__)


class Supervisor:
    """Starts the worker of a data folder as a process of its own.

    With ``worker = "external"`` somebody else runs the workers, and this does nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._quick_deaths = 0
        self._guard = threading.Lock()
        self._over = threading.Event()

    def ensure_worker(self) -> None:
        """Start a worker unless one is there.

        Raises:
            JobError: The worker keeps dying as soon as it starts.
        """
        if self._settings.worker == "external":
            return
        with self._guard:
            if self._over.is_set() or self.is_working():
                return
            self._count_quick_deaths()
            self._start()

    def is_working(self) -> bool:
        """True when a worker holds this data folder, or has just been started."""
        if self._process is not None and self._process.poll() is None:
            return True
        if not self._settings.home.is_dir():
            return False
        lock = FileLock(self._settings.home / LOCK_NAME)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False

    def watch(self) -> None:
        """Keep a worker alive from now on, in a thread, until ``stop``."""
        threading.Thread(target=self._watch, name="supervisor", daemon=True).start()

    def stop(self) -> None:
        """End the worker that this supervisor started; unfinished jobs go on when the next one starts."""
        with self._guard:
            self._over.set()
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _watch(self) -> None:
        wait_s = _FIRST_CHECK_S  # after the first page, which needs the processor more
        while not self._over.wait(wait_s):
            try:
                self.ensure_worker()
                wait_s = _CHECK_S
            except JobError as error:
                _log.error("%s", error)
                wait_s = _RETRY_S
                self._quick_deaths = 0

    def _count_quick_deaths(self) -> None:
        if self._process is None:
            return
        quick = time.monotonic() - self._started_at < _GRACE_S and self._process.returncode != 0
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        if self._quick_deaths >= _MAX_QUICK_DEATHS:
            raise JobError(
                f"the worker stops as soon as it starts (exit code {self._process.returncode})",
                hint=f"See {self._settings.home / LOG_NAME}, or run: galacite worker",
            )

    def _start(self) -> None:
        self._settings.home.mkdir(parents=True, exist_ok=True)
        log_path = self._settings.home / LOG_NAME
        if log_path.exists() and log_path.stat().st_size > _MAX_LOG_BYTES:
            log_path.replace(log_path.with_suffix(".log.1"))
        command = [sys.executable, "-m", "app.cli", "worker", "--idle", str(self._settings.worker_idle_s)]
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._settings.process_environment(),
                start_new_session=True,
            )
        self._started_at = time.monotonic()
