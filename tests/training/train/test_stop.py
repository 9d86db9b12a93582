"""Reasons to stop."""

from __future__ import annotations

import os
import signal
import time

import pytest

from core.errors import InputError
from training.train.stop import Stopper, parse_duration, stopped_by_signals


@pytest.mark.parametrize(("text", "seconds"), [("90m", 5_400), ("2h", 7_200), ("1.5h", 5_400), ("45s", 45), ("10", 10)])
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-3m", "0s", "1d", "inf"])
def test_no_durations(text: str) -> None:
    with pytest.raises(InputError, match="not a duration"):
        parse_duration(text)


def test_time_budget() -> None:
    stopper = Stopper(0.01)
    time.sleep(0.02)
    assert stopper.reason == "time budget"
    assert Stopper(1_000).reason == ""
    assert Stopper().reason == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_first_signal_asks_and_second_one_does_what_it_did_before(number: signal.Signals) -> None:
    seen: list[int] = []
    before = signal.signal(number, lambda got, frame: seen.append(got))
    stopper = Stopper()
    try:
        with stopped_by_signals(stopper):
            os.kill(os.getpid(), number)
            assert stopper.reason == number.name
            assert not seen
            os.kill(os.getpid(), number)
            assert seen == [number]
        assert signal.getsignal(number) is not before
    finally:
        signal.signal(number, before)
