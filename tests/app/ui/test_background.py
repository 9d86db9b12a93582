from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from app.ui.background import Unfolding

PATIENCE_S = 10.0


def test_a_growing_result_is_shown_as_it_stands() -> None:
    steps = [threading.Event() for _ in range(2)]

    def grow() -> Iterator[int]:
        yield 1
        steps[0].wait(PATIENCE_S)
        yield 2
        steps[1].wait(PATIENCE_S)

    growing = Unfolding(grow, name="test")
    assert growing.wait(PATIENCE_S)
    assert growing.latest() == 1
    assert not growing.wait_whole(0.01)
    steps[0].set()
    steps[1].set()
    assert growing.wait_whole(PATIENCE_S)
    assert growing.done
    assert growing.latest() == 2


def test_what_goes_wrong_is_raised_where_it_is_looked_at() -> None:
    def grow() -> Iterator[int]:
        yield 1
        raise ValueError("broken off")

    growing = Unfolding(grow, name="test")
    growing.wait_whole(PATIENCE_S)
    with pytest.raises(ValueError, match="broken off"):
        growing.latest()

    def fail() -> Iterator[int]:
        raise ValueError("at once")
        yield

    growing = Unfolding(fail, name="test")
    assert growing.wait(PATIENCE_S)
    with pytest.raises(ValueError, match="at once"):
        growing.latest()


def test_a_stopped_result_ends_before_its_next_value() -> None:
    go_on = threading.Event()
    given = []

    def grow() -> Iterator[int]:
        for number in range(1_000):
            given.append(number)
            yield number
            go_on.wait(PATIENCE_S)

    growing = Unfolding(grow, name="test")
    growing.wait(PATIENCE_S)
    growing.stop()
    go_on.set()
    assert growing.wait_whole(PATIENCE_S)
    assert len(given) <= 2
