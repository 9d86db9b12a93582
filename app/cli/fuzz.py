"""The command ``galacite bench fuzz``: mutated PDFs through the parser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit

if TYPE_CHECKING:
    from app.bench.fuzz.run import Case, FuzzReport

_SLOWEST = 10


def fuzz(
    paths: Annotated[list[str], typer.Argument(help="Good PDFs to start from: files, folders or patterns.")],
    count: Annotated[int, typer.Option(min=1, help="How many mutated files.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Another seed gives other files; the same, the same.")] = 0,
    first: Annotated[int, typer.Option(min=0, help="Begin with the file of this number.")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Parsing processes side by side.")] = 2,
    timeout: Annotated[float, typer.Option(min=0.1, help="Longest time for one file, in seconds.")] = 30.0,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the files that make something go wrong in this folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Damage PDFs in many ways and parse them: nothing may crash, hang, swell or break the records' invariants."""
    from dataclasses import replace

    from rich.progress import Progress

    from app.bench.fuzz.run import fuzz as run_fuzz
    from app.settings import load_settings

    limits = replace(load_settings().parser_limits, timeout_s=timeout)
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("parsing", total=count)
        found = run_fuzz(
            paths,
            limits=limits,
            count=count,
            seed=seed,
            first=first,
            workers=workers,
            keep=keep,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    emit(found, as_json=as_json, show=_show)
    if not found.clean:
        raise typer.Exit(1)


def _show(found: FuzzReport) -> None:
    from rich.table import Table

    out = console()
    outcomes = found.outcomes()
    columns = sorted(
        {outcome for counts in outcomes.values() for outcome in counts}, key=lambda name: (name != "parsed", name)
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("mutation")
    for column in columns:
        table.add_column(column, justify="right")
    for kind, counts in outcomes.items():
        table.add_row(kind, *(str(counts[column] or "") for column in columns))
    out.print(table)
    out.print(f"\npeak memory of a parsing process: {found.peak_bytes / 2**20:,.0f} MiB")
    out.print("slowest files:")
    for case in sorted(found.cases, key=lambda case: -case.elapsed_s)[:_SLOWEST]:
        out.print(f"  {case.elapsed_s:6.1f} s  {_named(case)}: {case.outcome}")
    for case in found.faults:
        out.print(f"✗ {_named(case)}: {'; '.join(case.faults)}")
    for thing in found.left_behind:
        out.print(f"✗ left behind: {thing}")
    out.print(
        f"{len(found.cases)} files, {len(found.faults)} with faults (seed {found.seed}, {found.timeout_s:g} s a file)"
    )


def _named(case: Case) -> str:
    return f"{case.index} {case.kind}, {case.source}, {case.peak_bytes / 2**20:,.0f} MiB"
