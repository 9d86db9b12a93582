"""The progress of a training on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.output import console

if TYPE_CHECKING:
    from training.train.loop import StepNews


@contextmanager
def steps_shown() -> Iterator[Callable[[StepNews], None]]:
    """A bar with tokens read, speed, loss and the time that is left; told of each step."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.completed:>13,.0f} of {task.total:,.0f} tokens"),
        BarColumn(),
        TextColumn("{task.fields[news]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=1, news="starting")

        def show(news: StepNews) -> None:
            told = (
                f"loss {news.losses.text:.3f}, citations {news.losses.citation:.3f}, {news.tokens_per_s:,.0f} tokens/s"
            )
            bar.update(task, completed=news.tokens, total=news.total_tokens, news=told)

        yield show
