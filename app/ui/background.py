"""Work that takes longer than a blink runs in a thread; the page looks in on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import streamlit as st

T = TypeVar("T")
PATIENCE_S = 0.25
"""Work that ends within this time appears at once, without a placeholder."""
_POLL_S = 0.3
_STORE = "background_tasks"
_GROWING = "background_unfolding"
THREADS = "galacite-task-"
"""What the names of the threads begin with."""


class Task(Generic[T]):
    """One function in one thread; its outcome can be asked for again and again."""

    def __init__(self, work: Callable[[], T], *, name: str) -> None:
        self._work = work
        self._result: T | None = None
        self._error: Exception | None = None
        self._over = threading.Event()
        threading.Thread(target=self._run, name=THREADS + name, daemon=True).start()

    @property
    def done(self) -> bool:
        """True when ``result`` no longer waits."""
        return self._over.is_set()

    @property
    def failed(self) -> bool:
        """True when it is over and raised."""
        return self.done and self._error is not None

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end at most so long; True when it has come."""
        return self._over.wait(timeout_s)

    def result(self) -> T:
        """What the work returned; waits for it.

        Raises:
            Exception: What the work raised.
        """
        self._over.wait()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # without an error the work has returned a T

    def _run(self) -> None:
        try:
            self._result = self._work()
        except Exception as error:  # raised again where the result is asked for
            self._error = error
        finally:
            self._over.set()


class Unfolding(Generic[T]):
    """A result that grows in a thread: each value of an iterator takes the place of the one before."""

    def __init__(self, grow: Callable[[], Iterator[T]], *, name: str) -> None:
        self._grow = grow
        self._latest: T | None = None
        self._stop = threading.Event()
        self._begun = threading.Event()
        self._whole = Task(self._run, name=name)

    @property
    def done(self) -> bool:
        """True when the result grows no more."""
        return self._whole.done

    def wait_whole(self, timeout_s: float) -> bool:
        """Wait at most so long for the end; True when it has come."""
        return self._whole.wait(timeout_s)

    def wait(self, timeout_s: float) -> bool:
        """Wait at most so long for something to show; True when there is, or when it is over."""
        return self._begun.wait(timeout_s)

    def latest(self) -> T:
        """The result as it stands; waits for the first.

        Raises:
            Exception: What the iterator raised.
        """
        self._begun.wait()
        return self._whole.result() if self._latest is None or self.done else self._latest

    def stop(self) -> None:
        """Let it end before the next value: nobody looks at it any more."""
        self._stop.set()

    def _run(self) -> T:
        try:
            for value in self._grow():
                self._latest = value
                self._begun.set()
                if self._stop.is_set():
                    break
            return self._latest  # type: ignore[return-value]  # iterators that yield nothing are a caller's error
        finally:
            self._begun.set()


def unfolding(slot: str, identity: object, grow: Callable[[], Iterator[T]]) -> Unfolding[T]:
    """The growing result of a slot, begun when it is not there; one of another identity is stopped."""
    results: dict[str, tuple[object, Unfolding[T]]] = st.session_state.setdefault(_GROWING, {})
    known, growing = results.get(slot, (None, None))
    if growing is not None and known == identity:
        return growing
    if growing is not None:
        growing.stop()
    growing = Unfolding(grow, name=slot)
    results[slot] = (identity, growing)
    return growing


def outcome(slot: str, identity: object, work: Callable[[], T], *, waiting: str) -> T | None:
    """The result of a piece of work, or None while it is still going on and ``waiting`` is shown.

    A slot holds one piece of work for this visitor: the same identity finds it again, another one starts afresh. Quick
    work is waited for, so that its result appears at once; slow work is looked in on until it is done.

    Raises:
        Exception: What the work raised.
    """
    tasks: dict[str, tuple[object, Task[T]]] = st.session_state.setdefault(_STORE, {})
    known, task = tasks.get(slot, (None, None))
    if task is None or known != identity:
        task = Task(work, name=slot)
        tasks[slot] = (identity, task)
    if task.wait(PATIENCE_S):
        return task.result()
    st.markdown(f":gray[:material/progress_activity: {waiting}]")
    rerun_when_done(task)
    return None


def forget(slot: str) -> None:
    """Drop the work of a slot; asking again does it again."""
    st.session_state.get(_STORE, {}).pop(slot, None)


@st.fragment(run_every=_POLL_S)
def rerun_when_done(task: Task[T]) -> None:
    """Look in on a task now and then, and draw the page anew when it is done. Shows nothing itself."""
    if task.done:
        st.rerun()
