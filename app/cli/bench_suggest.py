"""The command that measures the suggestions of a library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit, opened

if TYPE_CHECKING:
    from app.bench.suggest import SuggestBench


def suggest(
    corpus: Annotated[Path, typer.Argument(help="Papers that the library does not hold: .jsonl or .jsonl.xz.")],
    places: Annotated[int, typer.Option(min=1, help="At most so many places are asked.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Measure the library's suggestions at the places where other papers cite works that it knows."""
    from rich.progress import Progress

    from app.bench.suggest import bench_suggestions
    from training.corpus.records import read_papers

    with opened() as galacite, Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=None)
        found = bench_suggestions(
            galacite,
            read_papers(corpus),
            places=places,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    emit(found, as_json=as_json, show=_show)


def _show(found: SuggestBench) -> None:
    write = sys.stdout.write
    write(f"{found.places} places, {found.works:,} works\n")
    for each in found.rankings:
        write(
            f"{each.name:<32} hit@1 {each.hit_1:.3f}  recall@10 {each.recall_10:.3f}  "
            f"recall@100 {each.recall_100:.3f}  MRR {each.mrr:.3f}\n"
        )
