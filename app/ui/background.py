"""Work that takes longer than a blink runs in a thread; the page looks in on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st

T = TypeVar("T")
PATIENCE_S = 0.25
"""Work that ends within this time appears at once, without a placeholder."""
_POLL_S = 0.3
_STORE = "background_tasks"
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
