"""The command ``galacite bench citation-model``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit

if TYPE_CHECKING:
    from app.bench.citation_model import CitationBench, Spread


def citation_model(
    model: Annotated[
        Path | None, typer.Option(help="Folder of a checkpoint; else the shipped one, or random weights of its shape.")
    ] = None,
    corpus: Annotated[
        list[Path] | None, typer.Option(help="Papers whose reference lists give the titles; may be repeated.")
    ] = None,
    titles: Annotated[int, typer.Option(min=1, help="How many titles there are to rank.")] = 100_000,
    queries: Annotated[int, typer.Option(min=1, help="How many rankings are timed.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Time the citation model: loading, ranking titles that exist, scoring candidates, adding a title."""
    from rich.progress import Progress

    from app.bench.citation_model import CitationBenchPlan, bench_citation_model
    from app.settings import load_settings
    from model.catalogue import SHIPPED_CITATION_MODEL, shipped_weights

    threads = load_settings().threads
    plan = CitationBenchPlan(
        model=model, corpora=tuple(corpus or ()), titles=titles, queries=queries, threads=threads
    )  # fmt: skip
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading titles", total=None)
        found = bench_citation_model(
            plan,
            shipped_weights(SHIPPED_CITATION_MODEL),
            on_progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    emit(found, as_json=as_json, show=show_figures)


def show_figures(found: CitationBench) -> None:
    """Print what was measured, a line each."""
    trie = found.trie
    write = sys.stdout.write
    write(f"model                {found.model}, {found.threads} threads\n")
    write(f"titles               {trie.titles:,}, {found.origin}\n")
    write(f"tokens of a title    {trie.title_tokens:.1f}, unique after {trie.depth_until_unique:.1f}\n")
    write(f"loading              {found.load_s:.2f} s in a fresh process\n")
    write(f"ranking all titles   {_spread(found.rank)}\n")
    write(f"  with priors known  {_spread(found.rank_with_priors)}\n")
    write(f"scoring 100          {_spread(found.score)}\n")
    write(f"adding a title       {_spread(trie.add, digits=2)}\n")
    write(f"making the trie      {trie.tokenize_s:.1f} s to cut into tokens, {trie.sort_s:.2f} s to sort\n")
    write(f"memory of the trie   {trie.bytes / 2**20:.0f} MiB; process {found.resident_bytes / 2**20:.0f} MiB\n")
    write(f"priors               {found.priors_per_s:.0f} titles/s, once\n")


def _spread(spread: Spread, *, digits: int = 0) -> str:
    return f"p50 {spread.p50_ms:.{digits}f} ms, p95 {spread.p95_ms:.{digits}f} ms"
