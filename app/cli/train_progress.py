"""The progress of a training on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.output import console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from training.train.loop import StepNews


@dataclass(frozen=True, slots=True)
class TrainingBar:
    """A bar with what is done, the loss, the speed and the time that is left."""

    bar: Progress
    task: TaskID

    def corpus(self, step: str, done: int, total: int) -> None:
        """Show how far the corpus is."""
        self.bar.update(self.task, completed=done, total=total or None, description=step)

    def step(self, news: StepNews) -> None:
        """Show how far the training is, in tokens."""
        losses = f"loss {news.losses.text:.3f}, citations {news.losses.citation:.3f}"
        told = f"{losses}, {news.tokens_per_s:,.0f} tokens/s"
        self.bar.update(self.task, completed=news.tokens, total=news.total_tokens, description=told)


@contextmanager
def shown() -> Iterator[TrainingBar]:
    """The bar, as long as the training lasts."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        yield TrainingBar(bar, bar.add_task("starting", total=None))
