"""Commands that train what Galacite ships, and measure it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit

if TYPE_CHECKING:
    from training.references.evaluate import FieldScores, ReferenceScores
    from training.references.train import TrainingReport

cli = typer.Typer(help="Train the models that Galacite ships, from data.", no_args_is_help=True)


@cli.callback()
def train() -> None:
    """Train the models that Galacite ships, from data."""


@cli.command()
def references(
    data: Annotated[Path, typer.Option(help="The folder that holds refstrings/, corpus/ and library/.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the model; the shipped one when not given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    passes: Annotated[int | None, typer.Option(min=1, help="Another number of passes than the recipe's.")] = None,
    evaluate: Annotated[bool, typer.Option("--evaluate", help="Train nothing: measure the model as it is.")] = False,
    part: Annotated[str, typer.Option(help="What to measure on: test or dev.")] = "test",
    as_json: AsJson = False,
) -> None:
    """Train the labeller that reads reference strings into fields, then measure it on held-out files."""
    from rich.progress import Progress

    from app.services.training import measure_references, train_references

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        if not evaluate:
            report = train_references(data, out, seed=seed, passes=passes, on_progress=tell)
            _show_training(report)
        scores = measure_references(data, out, part=part, on_progress=tell)
    emit(scores, as_json=as_json, show=_show_scores)


def _show_training(report: TrainingReport) -> None:
    sources = ", ".join(f"{count:,} {source}" for source, count in sorted(report.examples.items()))
    sys.stderr.write(
        f"examples     {sources}\nlexicon      {report.words:,} words\n"
        f"model        {report.model_bytes / 2**20:.1f} MiB, SHA-256 {report.sha256}\n"
        f"training     {report.seconds:.0f} s, {report.passes} passes\n"
    )


def _show_scores(scores: ReferenceScores) -> None:
    sys.stdout.write(
        f"{scores.part}: {scores.entries} references of {scores.files} files, {scores.references_per_s:,.0f} a second\n"
    )
    _show_table("labels, letters and digits", scores.soft)
    _show_table("labels, every character", scores.strict)
    _show_table("records", scores.records)
    _show_table("records by the rules before", scores.records_by_rules)


def _show_table(name: str, scores: FieldScores) -> None:
    write = sys.stdout.write
    write(f"\n{name}\n")
    for field, counts in [*sorted(scores.fields.items()), ("all fields", scores.micro)]:
        write(f"  {field:<13} precision {counts.precision:.3f}  recall {counts.recall:.3f}  F1 {counts.f1:.3f}\n")
    write(f"  {'whole entries':<13} {scores.whole_entries:.3f}\n")
