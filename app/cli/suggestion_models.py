"""Commands that train and measure what joins the rankers of suggestions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import ListOptions, Vectors
from app.cli.output import AsJson, command_line, emit
from app.cli.progress import shown_tasks

if TYPE_CHECKING:
    from training.suggest.collection import TopicReport
    from training.suggest.evaluate import SuggestReport
    from training.suggest.learn import Learnt

Train = Annotated[list[str], typer.Option(help="Corpus files whose papers cite, as a library's do.")]
Sample = Annotated[int, typer.Option(min=0, help="Pairs of place and cited work to ask; 0 asks all.")]
Model = Annotated[str, typer.Option(help="Checkpoint (folder or name), shipped, or none.")]
EncoderFolder = Annotated[str, typer.Option(help="Folder of tuned encoder weights, or shipped.")]
Seed = Annotated[int, typer.Option(help="Draws the sample and the resamples.")]


def register(train: typer.Typer, evaluate: typer.Typer) -> None:
    """Add the commands to their groups."""
    train.command("suggestions", cls=ListOptions)(suggestions)
    evaluate.command("suggest", cls=ListOptions)(suggest)
    evaluate.command("topics")(topics)


def suggestions(
    train: Train,
    dev: Annotated[list[str], typer.Option(help="Corpus files to learn the weights from.")],
    sample: Sample = 3_000,
    model: Model = "shipped",
    encoder: EncoderFolder = "shipped",
    vectors: Vectors = None,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder of the weights.")] = Path("suggestion-ranker"),
    as_json: AsJson = False,
) -> None:
    """Learn how to join the rankers of suggestions, from papers whose citations are known."""
    from app.services.suggestion_training import SuggestionRequest, train_suggestions
    from app.settings import load_settings

    request = SuggestionRequest(
        train=train, asked=dev, sample=sample, model=model, encoder=encoder, vectors=vectors, seed=seed
    )
    with shown_tasks() as tell:
        learnt = train_suggestions(load_settings(), request, out=out, command=command_line(), on_progress=tell)
    emit(learnt, as_json=as_json, show=_show_learnt)
    sys.stderr.write(f"written to {out}\n")


def suggest(
    train: Train,
    test: Annotated[list[str], typer.Option(help="Corpus files whose citations are asked for.")],
    sample: Sample = 2_000,
    model: Model = "shipped",
    encoder: EncoderFolder = "shipped",
    ranker: Annotated[str, typer.Option(help="Folder of the weights that join, or shipped.")] = "shipped",
    vectors: Vectors = None,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder for the report, its tables and plots.")] = Path("evaluation"),
    as_json: AsJson = False,
) -> None:
    """Measure suggestions, each part of them and the baselines on the same places and candidates."""
    from app.services.suggestion_training import SuggestionRequest, evaluate_suggestions
    from app.settings import load_settings

    request = SuggestionRequest(
        train=train, asked=test, sample=sample, model=model, encoder=encoder, ranker=ranker, vectors=vectors, seed=seed
    )
    with shown_tasks() as tell:
        report = evaluate_suggestions(load_settings(), request, out=out, on_progress=tell)
    emit(report, as_json=as_json, show=_show_suggestions)
    sys.stderr.write(f"written to {out}\n")


def topics(
    folder: Annotated[Path, typer.Argument(help="The collection: docs.jsonl.xz, and topics with their qrels.")],
    model: Model = "shipped",
    encoder: EncoderFolder = "shipped",
    ranker: Annotated[str, typer.Option(help="Folder of the weights that join, or shipped.")] = "shipped",
    vectors: Vectors = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure suggestions on a collection of citation recommendation that nothing was trained on."""
    from app.services.suggestion_training import SuggestionRequest, evaluate_topics
    from app.settings import load_settings

    request = SuggestionRequest(model=model, encoder=encoder, ranker=ranker, vectors=vectors, seed=seed)
    with shown_tasks() as tell:
        reports = evaluate_topics(load_settings(), request, topics=folder, on_progress=tell)
    emit(reports, as_json=as_json, show=_show_topics)


def _show_learnt(learnt: Learnt) -> None:
    write = sys.stdout.write
    for each in learnt.libraries:
        write(f"{each.places:,} places of {each.papers:,} papers asked of {each.works:,} works\n")
    for name, value in {**learnt.sets[-1].works, **learnt.sets[-1].none}.items():
        write(f"{name:<14} {value:8.3f}\n")


def _show_suggestions(report: SuggestReport) -> None:
    from training.evaluate.report import markdown

    none = report.none
    sys.stdout.write(markdown(report.rankings))
    sys.stdout.write(
        f"\nNone of these, {none.places:,} places with and without their works: first suggestion's ECE "
        f"{none.calibration.ece:.3f}, area under the curve of none {none.auc:.3f}\n"
    )


def _show_topics(reports: list[TopicReport]) -> None:
    from training.suggest.collection import markdown

    sys.stdout.write("\n".join(map(markdown, reports)))
