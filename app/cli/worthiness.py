"""Commands that train and measure the model that says which sentences need a citation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import ListOptions
from app.cli.output import AsJson, command_line, emit
from app.cli.train_progress import shown

if TYPE_CHECKING:
    from training.worthiness.measure import PartReport
    from training.worthiness.ship import WorthinessReport


def register(train: typer.Typer, evaluate: typer.Typer) -> None:
    """Add each command to its group."""
    train.command("worthiness", cls=ListOptions)(train_worthiness)
    evaluate.command("worthiness", cls=ListOptions)(evaluate_worthiness)


def train_worthiness(
    train: Annotated[list[Path], typer.Option(help="Corpus files to learn from.")],
    dev: Annotated[list[Path], typer.Option(help="Corpus files to calibrate on; each must reach the precision.")],
    out: Annotated[Path, typer.Option(help="Folder of the model.")] = Path("worthiness"),
    every: Annotated[int | None, typer.Option(min=1, help="Learn every N-th paper; 1 learns all.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train the model that says which sentences need a citation, and choose its threshold."""
    from app.services import worthiness_training

    with shown() as bar:
        report = worthiness_training.train_worthiness(
            train, dev, out, seed=seed, every=every, command=command_line(), on_progress=bar.corpus
        )
    emit(report, as_json=as_json, show=_show_training)


def evaluate_worthiness(
    test: Annotated[list[Path], typer.Option(help="Corpus files whose sentences are asked about, each apart.")],
    model: Annotated[Path | None, typer.Option(help="Folder of the model; the shipped one if none.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Ask every N-th paper; 1 asks all.")] = 1,
    seed: Annotated[int, typer.Option(help="Draws the resamples.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Tell sentences that need a citation from others, beside telling always and a list of keywords."""
    from app.services import worthiness_training

    with shown() as bar:
        found = worthiness_training.evaluate_worthiness(
            test, folder=model, every=every, seed=seed, on_progress=bar.corpus
        )
    emit(found, as_json=as_json, show=_show_found)


def _show_training(report: WorthinessReport) -> None:
    for lesson in report.lessons:
        sys.stdout.write(f"{lesson.name:<18} {lesson.papers:,} papers, {lesson.sentences:,} sentences, ")
        sys.stdout.write(f"{lesson.citing:,} of them cite\n")
    sys.stdout.write(f"model              {report.out}, {report.size_bytes / 1e6:.1f} MB, SHA-256 {report.sha256}\n")
    sys.stdout.write(f"threshold          {report.threshold}\n")
    _show_found(list(report.found))


def _show_found(found: list[PartReport]) -> None:
    from training.worthiness.card import curves, table

    sys.stdout.write(f"{table(found)}\n{curves(found)}")
    for part in found:
        left_out = f", {part.left_out} left out" if part.left_out else ""
        sys.stdout.write(f"{part.part}: {part.papers} papers{left_out}, {part.sentences_per_s:,.0f} sentences/s\n")
