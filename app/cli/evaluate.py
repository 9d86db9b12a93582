"""Commands that measure models: predicted citations, perplexity, equations, question answering."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import ListOptions, Vectors
from app.cli.output import AsJson, emit
from app.cli.progress import shown_tasks

if TYPE_CHECKING:
    from training.evaluate.equations import EquationReport
    from training.evaluate.perplexity import PerplexityReport
    from training.evaluate.report import CitationReport
    from training.evaluate.tasks import TaskReport

cli = typer.Typer(help="Measure how well models cite, read and write.", no_args_is_help=True)

Seed = Annotated[int, typer.Option(help="Draws the sample and the resamples.")]


Models = Annotated[list[str] | None, typer.Option(help="Checkpoint (folder or name); the shipped one if none.")]


@cli.callback()
def evaluate() -> None:
    """Measure how well models cite, read and write."""


@cli.command(cls=ListOptions)
def citations(
    train: Annotated[list[str], typer.Option(help="Corpus files to learn counts and contexts from, or library.")],
    test: Annotated[list[str], typer.Option(help="Corpus files whose citations are predicted, or library.")],
    dev: Annotated[list[str] | None, typer.Option(help="Corpus files to tune the prior on.")] = None,
    titles: Annotated[Path | None, typer.Option(help="Candidate titles; those of all reference lists if none.")] = None,
    sample: Annotated[int, typer.Option(min=0, help="Pairs of place and cited work to ask; 0 asks all.")] = 2_000,
    seed: Seed = 1,
    model: Annotated[list[str] | None, typer.Option(help="Checkpoint (folder or name), shipped, or none.")] = None,
    encoder: Annotated[str, typer.Option(help="Folder of tuned encoder weights, shipped, or none.")] = "shipped",
    keep_prior: Annotated[bool, typer.Option("--keep-prior", help="Store the tuned prior in the checkpoint.")] = False,
    vectors: Vectors = None,
    out: Annotated[Path, typer.Option(help="Folder for the report, its tables and plots.")] = Path("evaluation"),
    as_json: AsJson = False,
) -> None:
    """Predict the citations of papers with every ranker there is, on the same places and candidates, and compare."""
    from app.services.evaluation import CitationRequest, evaluate_citations
    from app.settings import load_settings

    request = CitationRequest(
        train=train, test=test, dev=dev or (), titles=titles, models=model or ("shipped",), encoder=encoder,
        sample=sample, seed=seed, out=out, keep_prior=keep_prior, vectors=vectors,
    )  # fmt: skip
    with shown_tasks() as tell:
        report = evaluate_citations(load_settings(), request, on_progress=tell)
    emit(report, as_json=as_json, show=_show_citations)
    sys.stderr.write(f"written to {out}\n")


@cli.command(cls=ListOptions)
def perplexity(
    data: Annotated[list[str], typer.Option(help="Corpus files, patterns, library, or folders of shards.")],
    model: Models = None,
    sample: Annotated[int, typer.Option(min=0, help="Papers to read, and rows of each folder; 0 reads all.")] = 50,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how well models predict text, citations and formulas, per token and per byte."""
    from app.services.evaluation import evaluate_perplexity
    from app.settings import load_settings

    with shown_tasks() as tell:
        reports = evaluate_perplexity(
            load_settings(), model or ("shipped",), data, sample=sample, seed=seed, on_progress=tell
        )
    emit(reports, as_json=as_json, show=_show_perplexity)


@cli.command(cls=ListOptions)
def latex(
    data: Annotated[list[str], typer.Option(help="LaTeX sources, corpus files, patterns, or library.")],
    model: Models = None,
    sample: Annotated[int, typer.Option(min=0, help="Equations to write; 0 writes all.")] = 200,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Let models write the displayed equations of papers after the text before them."""
    from app.services.evaluation import evaluate_equations
    from app.settings import load_settings

    with shown_tasks() as tell:
        reports = evaluate_equations(
            load_settings(), model or ("shipped",), data, sample=sample, seed=seed, on_progress=tell
        )
    emit(reports, as_json=as_json, show=_show_equations)


@cli.command(cls=ListOptions)
def tasks(
    task: Annotated[list[str] | None, typer.Option(help="pubmedqa, or a task of lm-eval; pubmedqa if none.")] = None,
    model: Models = None,
    data: Annotated[Path | None, typer.Option(help="Folder that holds pubmedqa/; GALACITE_DATA if none.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Questions of each task; 0 asks all.")] = 0,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Let models answer the questions of benchmarks, through lm-eval."""
    from app.services.evaluation import evaluate_tasks
    from app.settings import load_settings

    with shown_tasks() as tell:
        reports = evaluate_tasks(
            load_settings(), model or ("shipped",), task or ("pubmedqa",), data=data, limit=limit, seed=seed,
            on_progress=tell,
        )  # fmt: skip
    emit(reports, as_json=as_json, show=_show_tasks)


def _show_perplexity(reports: list[PerplexityReport]) -> None:
    for report in reports:
        sys.stdout.write(f"{report.model}: {report.texts} texts, {report.seconds:.0f} s\n")
        for kind in report.kinds:
            sys.stdout.write(
                f"  {kind.kind:<9} perplexity {kind.perplexity:>9,.2f}  bits a byte {kind.bits_per_byte:.3f}  "
                f"{kind.tokens:>9,} tokens\n"
            )


def _show_equations(reports: list[EquationReport]) -> None:
    for report in reports:
        sys.stdout.write(
            f"{report.model}: {report.equations} equations of {report.papers} papers, {report.exact:.1%} exact, "
            f"edit similarity {report.similarity:.3f}, {report.seconds:.0f} s\n"
        )


def _show_tasks(reports: list[TaskReport]) -> None:
    for report in reports:
        for each in report.tasks:
            reached = ", ".join(f"{name} {value:.3f}" for name, value in each.metrics.items())
            always = "" if each.majority is None else f"; the commonest answer alone {each.majority:.3f}"
            sys.stdout.write(f"{report.model}, {each.task}: {reached} on {each.questions} questions{always}\n")


def _show_citations(report: CitationReport) -> None:
    from training.evaluate.report import markdown

    sys.stdout.write(markdown(report))
