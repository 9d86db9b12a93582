"""The command that measures how long suggestions take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit

if TYPE_CHECKING:
    from app.bench.citation_model import Spread
    from app.bench.suggest import SuggestBench, SuggestTiming


def suggest(
    corpus: Annotated[list[Path], typer.Argument(help="Papers to make libraries of: .jsonl or .jsonl.xz.")],
    works: Annotated[list[int] | None, typer.Option(min=1, help="Works; may be repeated. 5,000 and 100,000.")] = None,
    places: Annotated[int, typer.Option(min=1, help="How many places are asked.")] = 200,
    ask: Annotated[Path | None, typer.Option(help="Papers to ask; else those after the library's.")] = None,
    fill: Annotated[bool, typer.Option(help="Weigh the titles beforehand, as the app does in time.")] = True,
    as_json: AsJson = False,
) -> None:
    """Time suggestions in libraries of given sizes: to the first results, and with the language model's."""
    from rich.progress import Progress

    from app.bench.suggest import SuggestBenchPlan, bench_suggestions
    from app.settings import load_settings

    sizes = tuple(works or (5_000, 100_000))
    plan = SuggestBenchPlan(corpora=tuple(corpus), ask=ask, sizes=sizes, places=places, fill=fill)
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("storing", total=None)
        found = bench_suggestions(
            load_settings(),
            plan,
            on_progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    emit(found, as_json=as_json, show=show)


def show(found: SuggestBench) -> None:
    """Print what was measured, size by size."""
    write = sys.stdout.write
    write(f"encoder {found.encoder or 'not installed: works are searched by words alone'}\n")
    write(f"vectors {found.vectors}\n")
    write(f"model   {found.model or 'none: there are first results alone'}\n")
    for timing in found.timings:
        write(f"{timing.works:,} works of {timing.papers:,} papers, {timing.places} places\n")
        write(f"  first results        {_spread(timing.first)}\n")
        if timing.full is not None:
            unfilled = ", titles not weighed beforehand" if timing.fill_s is None else ""
            write(f"  with the model       {_spread(timing.full)}{unfilled}\n")
        with_model = "" if timing.full_cpu_ms is None else f", with the model {timing.full_cpu_ms:.0f} ms"
        write(f"  processor time, p50  {timing.first_cpu_ms:.0f} ms{with_model}\n")
        write(f"  parts, p50           {', '.join(f'{name} {ms:.0f} ms' for name, ms in timing.parts.items())}\n")
        write(f"  made ready           {_made_ready(timing)}\n")


def _spread(spread: Spread) -> str:
    return f"p50 {spread.p50_ms:.0f} ms, p95 {spread.p95_ms:.0f} ms"


def _made_ready(timing: SuggestTiming) -> str:
    steps = {
        "papers stored": timing.store_s,
        "indexed": timing.index_s,
        "model loaded and titles cut": timing.load_s,
        "titles weighed": timing.fill_s,
    }
    return ", ".join(f"{step} in {seconds:.1f} s" for step, seconds in steps.items() if seconds is not None)
