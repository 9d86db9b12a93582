"""The command ``galacite bench scans``: how well scanned papers are read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit

if TYPE_CHECKING:
    from app.bench.scans import ScanBench


def scans(
    paths: Annotated[list[str], typer.Argument(help="Papers with a text layer: files, folders or patterns.")],
    dpi: Annotated[int, typer.Option(min=72, max=600, help="Resolution of the scans made of them.")] = 200,
    skew: Annotated[float, typer.Option(min=-5.0, max=5.0, help="Degrees by which their pages lie askew.")] = 0.7,
    as_json: AsJson = False,
) -> None:
    """Make scans of papers, recognise them, and compare with what the papers' own text layer says."""
    from rich.progress import Progress

    from app.bench.scans import bench_scans
    from app.settings import load_settings

    settings = load_settings()
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("recognising", total=None)
        found = bench_scans(
            paths,
            limits=settings.parser_limits,
            ocr=settings.require_ocr(),
            dpi=dpi,
            skew=skew,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    emit(found, as_json=as_json, show=_show)


def _show(found: ScanBench) -> None:
    write = sys.stdout.write
    write(f"scans at {found.dpi} dpi, {found.skew:g} degrees askew: {found.s_per_page:.1f} s a page\n")
    for paper in found.papers:
        write(
            f"{paper.name}: {paper.pages} pages, title {'right' if paper.title else 'wrong'}, "
            f"sections {paper.sections_found} of {paper.sections}, "
            f"references {paper.references_found} of {paper.references}, "
            f"citations {paper.mentions_found} of {paper.mentions}, words {paper.words:.1%}\n"
        )
