"""Commands that train what Galacite ships, and measure it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, command_line, console, emit

if TYPE_CHECKING:
    from training.references.evaluate import FieldScores, ReferenceScores
    from training.references.train import TrainingReport
    from training.train.pretrain import Pretrained

cli = typer.Typer(help="Train the models that Galacite ships, from data.", no_args_is_help=True)


@cli.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    recipe: Annotated[str, typer.Option(help="A recipe by name, or a TOML file.")] = "",
    data: Annotated[list[str] | None, typer.Option(help="A corpus, or papers and corpus files; or samples.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; training-RECIPE when not given.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in that folder.")] = False,
    time_budget: Annotated[str, typer.Option(help="Stop in order after this time, such as 90m.")] = "",
    change: Annotated[list[str] | None, typer.Option("--set", help="Change a key of the recipe: key=value.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train the citation model by a recipe, or one of the other models that Galacite ships."""
    if context.invoked_subcommand is not None:
        return
    from app.cli.train_progress import shown
    from app.services.training import ModelTraining, train_model
    from app.settings import load_settings

    request = ModelTraining(
        recipe=recipe, data=data or [], out=out, resume=resume, time_budget=time_budget, changes=change or [],
        command=command_line(),
    )  # fmt: skip
    with shown() as bar:
        limits = load_settings().parser_limits
        found = train_model(request, limits=limits, on_corpus=bar.corpus, on_step=bar.step)
    if found.leads:
        emit(found, as_json=as_json, show=_show_pretrained)


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


def _show_pretrained(found: Pretrained) -> None:
    result, write = found.result, sys.stdout.write
    ended = f"stopped by {result.stopped}; go on with --resume" if result.stopped else "done"
    write(f"{result.state.tokens:,} tokens in {result.state.step:,} steps: {ended}\n")
    if result.first and result.last:
        write(f"loss         {result.first.all:.3f} at first, {result.last.all:.3f} at last\n")
    if result.dev:
        write(f"dev loss     text {result.dev.text:.3f}, citations {result.dev.citation:.3f}\n")
    write(
        f"speed        {result.tokens_per_s:,.0f} tokens/s, {result.model_flops / 1e9:,.0f} GFLOP/s, "
        f"{result.utilisation:.0%} of the measured peak\n"
    )
    write(f"checkpoint   {found.model}\n")


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
