"""The command that tunes the encoder that finds what to cite."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import ListOptions
from app.cli.output import AsJson, command_line, emit
from app.cli.train_progress import shown

if TYPE_CHECKING:
    from training.encoder.measure import Found
    from training.encoder.tune import TuningReport


def register(cli: typer.Typer) -> None:
    """Add the command to its group."""
    cli.command(cls=ListOptions)(encoder)


def encoder(
    train: Annotated[list[Path], typer.Option(help="Corpus files to learn from.")],
    dev: Annotated[list[Path] | None, typer.Option(help="Corpus files to measure on.")] = None,
    share: Annotated[list[float] | None, typer.Option(help="How often each --train is drawn from.")] = None,
    run: Annotated[Path, typer.Option(help="Folder of the run; one that has begun is resumed.")] = Path("encoder-run"),
    out: Annotated[Path | None, typer.Option(help="Folder of the weights; citation-encoder in the run's.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Another number of steps than the recipe's.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Another highest rate than the recipe's.")] = None,
    time_budget: Annotated[str, typer.Option(help="Stop in order after this time, such as 90m.")] = "",
    lanes: Annotated[int, typer.Option(min=1, max=64, help="Threads that each compute a part of a step.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Tune the text encoder to find what a place in a paper cites, then measure it."""
    from app.services.encoder_training import tune_encoder
    from app.settings import load_settings
    from training.encoder.tune import TuningRequest
    from training.train.stop import parse_duration

    request = TuningRequest(
        train=train, dev=dev or (), shares=share or (), run=run, out=out or run / "citation-encoder", lanes=lanes,
        budget_s=parse_duration(time_budget) if time_budget else None, command=command_line(),
    )  # fmt: skip
    with shown() as bar:
        report = tune_encoder(
            request, load_settings().encoder_config, steps=steps, seed=seed, learning_rate=learning_rate,
            on_progress=bar.corpus,
        )  # fmt: skip
    emit(report, as_json=as_json, show=_show)


def _show(report: TuningReport) -> None:
    loss = "" if report.loss is None else f", loss {report.loss:.3f}"
    sys.stdout.write(f"pairs        {report.places:,} places, {report.works:,} works\n")
    sys.stdout.write(f"training     {report.step:,} of {report.steps:,} steps, {report.seconds:.0f} s now{loss}\n")
    if not report.out:
        sys.stdout.write("stopped      the same command goes on from here\n")
        return
    sys.stdout.write(f"weights      {report.out}\nname         {report.name}\n")
    for part, found in report.found.items():
        _show_found(part, "base", report.before[part])
        _show_found(part, "tuned", found)


def _show_found(part: str, encoder: str, found: Found) -> None:
    figures = f"hit@1 {found.hit1:.3f}  recall@10 {found.recall10:.3f}  recall@100 {found.recall100:.3f}"
    sys.stdout.write(f"{part:<12} {encoder:<6} {figures}  ({found.places:,} places, {found.candidates:,} works)\n")
