"""What a parsing process takes, seen from outside."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_SAMPLE_S = 0.02
_GONE_S = 5.0


@dataclass(slots=True)
class Watch:
    """The children of a parser: their memory while a file is parsed, and whether they leave anything behind.

    Args:
        pid: Gives the process that works now, if any.
    """

    pid: Callable[[], int | None]
    processes: dict[int, psutil.Process] = field(default_factory=dict)
    folders: set[Path] = field(default_factory=set)
    _peak: int = 0

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look again and again, and a last time at the end."""
        self._peak = 0
        self._forget_peak()
        over = threading.Event()
        watcher = threading.Thread(target=self._look_until, args=(over,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            self._look()

    @property
    def peak_bytes(self) -> int:
        """The most memory resident at once since ``watching`` began."""
        return self._peak

    def left_behind(self) -> list[str]:
        """Processes and folders that are still there although the parser is closed."""
        _, alive = psutil.wait_procs(list(self.processes.values()), timeout=_GONE_S)
        found = [f"process {process.pid}" for process in alive]
        return found + [f"folder {folder}" for folder in sorted(self.folders) if folder.exists()]

    def _look_until(self, over: threading.Event) -> None:
        while not over.wait(_SAMPLE_S):
            self._look()

    def _look(self) -> None:
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            if pid not in self.processes:
                process = psutil.Process(pid)
                folder = Path(process.cwd())
                # Between fork and exec a child is still where its parent is.
                if not folder.name.startswith("galacite-parse-"):
                    return
                self.processes[pid] = process
                self.folders.add(folder)
            self._peak = max(self._peak, _peak_of(pid))

    def _forget_peak(self) -> None:
        """Let the process count its peak anew; where that is not allowed, an earlier file's may be told again."""
        pid = self.pid()
        if pid is not None:
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak_of(pid: int) -> int:
    """The most memory that a process has held, by its own account; now, where it keeps none."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return int(psutil.Process(pid).memory_info().rss)
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
