"""A bar that says what is being done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.cli.output import console


@contextmanager
def shown_tasks() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr that says what is being done; a line for each new task where there is no terminal."""
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    shown = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=shown, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        last = ""

        def tell(what: str, done: int, total: int) -> None:
            nonlocal last
            if what != last and not shown.is_terminal:
                sys.stderr.write(f"{what}\n")
            last = what
            bar.update(task, description=escape(what), completed=done, total=total or None)

        yield tell
