"""Commands that measure: speed, memory, and the quality of what Galacite does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.bench_model import citation_model
from app.cli.bench_parse import parse
from app.cli.bench_suggest import suggest
from app.cli.fuzz import fuzz
from app.cli.output import AsJson, console, emit
from app.cli.scans import scans

if TYPE_CHECKING:
    from app.bench.ingest import IngestBench
    from app.bench.search import SearchBench
    from app.bench.start import AnswerTiming, StartBench
    from app.bench.training import TrainBench

cli = typer.Typer(help="Measure speed, memory and quality on this machine.", no_args_is_help=True)
cli.command()(parse)
cli.command()(fuzz)
cli.command()(scans)
cli.command()(citation_model)
cli.command()(suggest)


@cli.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="PDF files, folders or patterns.")],
    as_json: AsJson = False,
) -> None:
    """Parse PDFs, then ingest them into a library of their own: pages a second and peak memory."""
    from rich.progress import Progress

    from app.bench.ingest import bench_ingest
    from app.settings import load_settings

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("ingesting", total=None)
        found = bench_ingest(
            paths, load_settings(), on_progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    emit(found, as_json=as_json, show=_show_ingest)
    if found.failures:
        raise typer.Exit(1)


@cli.command()
def start(as_json: AsJson = False) -> None:
    """Measure the waits: `--help`, the app's first page, the first word of an answer."""
    from app.bench.start import bench_start
    from app.settings import load_settings

    emit(bench_start(load_settings()), as_json=as_json, show=_show_start)


@cli.command()
def search(
    size: Annotated[list[int] | None, typer.Option(help="Passages; may be repeated. 10,000 and 100,000.")] = None,
    queries: Annotated[int, typer.Option(min=1, help="How many searches are timed.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Time hybrid search on libraries of given sizes, the query's embedding included."""
    from rich.progress import Progress

    from app.bench.search import bench_search
    from app.settings import load_settings

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("building", total=None)
        found = bench_search(
            load_settings(),
            sizes=size or (10_000, 100_000),
            queries=queries,
            on_progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    emit(found, as_json=as_json, show=_show_search)


@cli.command(name="train")
def training(
    recipe: Annotated[str, typer.Option(help="A recipe by name, or a TOML file.")] = "mini-cpu",
    steps: Annotated[int, typer.Option(min=1, help="Timed steps of each loop.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Time the training of a recipe, beside a bare PyTorch loop and beside the machine's peak."""
    from rich.progress import Progress

    from app.bench.training import bench_training

    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("steps", total=None)
        found = bench_training(
            recipe, steps=steps, on_progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    emit(found, as_json=as_json, show=_show_training)


def _show_training(found: TrainBench) -> None:
    compiled = found.bare_compiled_tokens_per_s
    sys.stdout.write(
        f"recipe {found.recipe} on {found.device}, {found.precision}, {found.step_tokens:,} tokens a step\n"
        f"training             {found.tokens_per_s:,.0f} tokens/s{', compiled' if found.compiled else ''}\n"
        f"bare PyTorch loop    {found.bare_tokens_per_s:,.0f} tokens/s"
        f"{f', compiled {compiled:,.0f}' if compiled else ''}\n"
        f"ratio                {found.ratio:.0%} of the faster bare loop\n"
        f"arithmetic           {found.model_flops / 1e9:,.0f} GFLOP/s, {found.utilisation:.0%} of the "
        f"{found.peak_flops / 1e9:,.0f} of a large matrix product\n"
    )


def _show_search(found: SearchBench) -> None:
    sys.stdout.write(f"encoder {found.encoder}\ntext    {found.text}\nvectors {found.vectors}\n")
    for timing in found.timings:
        sys.stdout.write(
            f"{timing.passages:>7,} passages: p50 {timing.p50_ms:.0f} ms, p95 {timing.p95_ms:.0f} ms "
            f"(embedding the query: p50 {timing.embed_p50_ms:.0f} ms); half the papers filtered out: "
            f"p95 {timing.filtered_p95_ms:.0f} ms; index {timing.index_bytes / 2**20:.0f} MiB, "
            f"built in {timing.index_s:.0f} s; process {timing.resident_bytes / 2**20:.0f} MiB\n"
        )


def _show_ingest(found: IngestBench) -> None:
    write = sys.stdout.write
    write(f"files                {found.files}, {found.pages} pages\n")
    write(f"parsed               {found.parsed} of {found.files}\n")
    write(f"parsing, 1 process   {found.parse_pages_per_s:.1f} pages/s\n")
    write(f"parsing, {found.processes} processes {found.parallel_pages_per_s:.1f} pages/s\n")
    write(f"whole path           {found.ingested} of {found.files} papers, {found.whole_pages_per_s:.1f} pages/s\n")
    write(f"peak memory          {found.peak_memory_mib:.0f} MiB (worker and parsers)\n")
    for failure in found.failures:
        write(f"failed               {failure.name}: {failure.message}\n")


def _show_start(found: StartBench) -> None:
    first = (
        "not measured (needs Chromium and playwright)" if found.first_page_s is None else f"{found.first_page_s:.2f} s"
    )
    sys.stdout.write(f"galacite --help      {found.help_s:.2f} s (median)\n")
    sys.stdout.write(f"app, first page      {first}\n")
    for name, timing in (("cold", found.cold_answer), ("warm", found.warm_answer)):
        sys.stdout.write(f"answer, {name}         {_timing(timing)}\n")


def _timing(timing: AnswerTiming) -> str:
    def seconds(value: float | None) -> str:
        return "none" if value is None else f"{value:.2f} s"

    return (
        f"evidence {seconds(timing.evidence_s)}, first token {seconds(timing.first_token_s)}, "
        f"first sentence {seconds(timing.first_sentence_s)}, whole {seconds(timing.whole_s)}"
    )
