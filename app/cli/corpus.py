"""Commands that make corpora to train on, and tell what is in them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.output import AsJson, console, emit, opened

if TYPE_CHECKING:
    from training.corpus.report import CorpusReport

_COLUMNS = {
    "papers": "papers",
    "duplicates": "duplicates",
    "citations": "citations",
    "works": "works",
    "prompts": "prompts",
    "tokens": "tokens",
    "citation_tokens": "in citations",
}

cli = typer.Typer(help="Make corpora to train on, from papers.", no_args_is_help=True)


@cli.callback()
def corpus() -> None:
    """Make corpora to train on, from papers."""


@cli.command()
def build(
    out: Annotated[Path, typer.Option(help="Folder of the corpus: a new one, or one that was begun.")],
    sources: Annotated[
        list[str] | None, typer.Argument(help="Corpus files (.jsonl, .jsonl.xz), papers, folders of PDFs.")
    ] = None,
    library: Annotated[bool, typer.Option("--library", help="Also the papers of the library.")] = False,
    form: Annotated[
        Literal["documents", "citing"], typer.Option(help="Whole papers, or what leads up to their citations.")
    ] = "documents",
    vocabulary: Annotated[int, typer.Option(help="Tokens of the tokenizer to train.")] = 16_384,
    tokenizer: Annotated[Path | None, typer.Option(help="Folder of a tokenizer to use instead.")] = None,
    row_tokens: Annotated[int, typer.Option(help="Length of a row.")] = 1_024,
    seed: Annotated[int, typer.Option(help="Of every choice made.")] = 7,
    masked: Annotated[
        float | None, typer.Option(help="Share of paragraphs whose citations stand apart; by the form unless given.")
    ] = None,
    context_chars: Annotated[int, typer.Option(help="Text before a citation in the form citing.")] = 300,
    exclude: Annotated[list[Path] | None, typer.Option(help="Corpus file whose papers are kept out.")] = None,
    dev_share: Annotated[float, typer.Option(help="Of sources whose names tell no part.")] = 0.03,
    test_share: Annotated[float, typer.Option(help="Of sources whose names tell no part.")] = 0.0,
    prompt_ratio: Annotated[float, typer.Option(help="Share of tokens spent on tasks.")] = 0.01,
    scitldr: Annotated[Path | None, typer.Option(help="SciTLDR's train.jsonl.")] = None,
    pubmedqa: Annotated[Path | None, typer.Option(help="PubMedQA's ori_pqal.json.")] = None,
    smiles: Annotated[list[Path] | None, typer.Option(help="Molecules, one a line.")] = None,
    amino: Annotated[list[Path] | None, typer.Option(help="Proteins: FASTA, or one a line.")] = None,
    dna: Annotated[list[Path] | None, typer.Option(help="DNA: FASTA, or one a line.")] = None,
    replay: Annotated[Path | None, typer.Option(help="Shards of an earlier corpus to mix in.")] = None,
    replay_ratio: Annotated[float, typer.Option(help="Their share of the rows.")] = 0.3,
    papers_per_shard: Annotated[int, typer.Option(help="Papers that become one shard.")] = 128,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; one for each core.")] = None,
    as_json: AsJson = False,
) -> None:
    """Turn papers into tokens to train on: citations in place, duplicates left out, packed into rows."""
    from app.services.corpus import CorpusRequest, build_corpus
    from app.settings import load_settings
    from training.corpus.config import DEFAULT_MASKED, CorpusConfig

    config = CorpusConfig(
        form=form, row_tokens=row_tokens, seed=seed, papers_per_shard=papers_per_shard, context_chars=context_chars,
        masked_share=DEFAULT_MASKED[form] if masked is None else masked, prompt_ratio=prompt_ratio,
        replay_ratio=replay_ratio if replay else 0.0, dev_share=dev_share, test_share=test_share,
    )  # fmt: skip
    request = CorpusRequest(
        sources=sources or [], out=out, exclude=exclude or [], smiles=smiles or [], amino=amino or [], dna=dna or [],
        scitldr=scitldr, pubmedqa=pubmedqa, tokenizer=tokenizer, vocabulary=vocabulary, replay=replay, workers=workers,
    )  # fmt: skip
    with opened() if library else nullcontext() as galacite, _progress() as tell:
        found = build_corpus(
            request, config, limits=load_settings().parser_limits, on_progress=tell,
            database=galacite.database if galacite else None,
        )  # fmt: skip
    emit(found, as_json=as_json, show=_show)


@cli.command()
def report(folder: Annotated[Path, typer.Argument(help="The folder of a corpus.")], as_json: AsJson = False) -> None:
    """Tell what a corpus holds: papers, citations, works and tokens of each source."""
    from app.services.corpus import report_corpus

    emit(report_corpus(folder), as_json=as_json, show=_show)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that names the step."""
    from rich.progress import Progress

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total or None)


def _show(found: CorpusReport) -> None:
    """The report as a table."""
    from rich.table import Table

    table = Table("source", "part", *_COLUMNS.values(), box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for each in found.sources:
        table.add_row(each.source, each.part, *(f"{getattr(each, name):,}" for name in _COLUMNS))
    console().print(table)
    rows = ", ".join(f"{count:,} {part}" for part, count in found.rows.items())
    tokens = sum(each.tokens for each in found.sources)
    inside = sum(each.citation_tokens for each in found.sources) / max(tokens, 1)
    sys.stdout.write(
        f"\nrows         {rows}, of {found.row_tokens:,} tokens\n"
        f"tokens       {tokens:,}, {inside:.1%} in citations\n"
        f"works        {found.works:,} distinct\n"
        f"tokenizer    {found.vocabulary:,} tokens, {found.tokenizer}\n"
    )
    for paper, earlier in found.repeated:
        sys.stdout.write(f"duplicate    {paper} of {earlier}\n")
    if found.left_out:
        sys.stdout.write(f"left out     {found.left_out:,} citations longer than a row\n")
