"""When to stop before the end: a signal or a time budget."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from core.errors import InputError

_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "": 1.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")


class Stopper:
    """Knows why a run should stop; empty ``reason`` while it should not."""

    def __init__(self, budget_s: float | None = None) -> None:
        self._deadline = None if budget_s is None else time.monotonic() + budget_s
        self._signal = ""

    @property
    def reason(self) -> str:
        """``SIGTERM``, ``SIGINT``, ``time budget``, or nothing."""
        if self._signal:
            return self._signal
        return "time budget" if self._deadline is not None and time.monotonic() >= self._deadline else ""

    def note(self, name: str) -> None:
        """Ask for a stop."""
        self._signal = name


def parse_duration(text: str) -> float:
    """Seconds of a duration such as ``90m``, ``2h`` or ``45s``.

    Raises:
        InputError: It is none.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    if not found or float(found[1]) <= 0:
        raise InputError(f"{text!r}: not a duration", hint="Write it as 90m, 2h or 45s.")
    return float(found[1]) * _UNITS[found[2]]


@contextmanager
def stopped_by_signals(stopper: Stopper) -> Iterator[None]:
    """Turn the first SIGTERM or SIGINT into a request to stop; a second one does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def note(number: int, frame: FrameType | None) -> None:
        stopper.note(signal.Signals(number).name)
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
