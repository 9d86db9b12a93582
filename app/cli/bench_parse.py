"""The command ``galacite bench parse``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console

if TYPE_CHECKING:
    from app.bench.parse.runner import SetReport


def parse(
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="latex_styles, jose or refstrings; may be repeated. All of them.")
    ] = None,
    set_folder: Annotated[
        list[Path] | None, typer.Option(help="Also papers laid out like latex_styles, at or below this folder.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The benchmark data; else GALACITE_DATA.")] = None,
    workers: Annotated[
        list[int] | None, typer.Option(min=1, help="Time reading with so many processes; may be repeated. 1 and 2.")
    ] = None,
    peer: Annotated[
        list[str] | None, typer.Option(help="Also another tool: NAME=PYTHON, the interpreter that has it.")
    ] = None,
    predictions: Annotated[
        list[str] | None, typer.Option(help="Also another tool's output: NAME=FILE of lines of JSON.")
    ] = None,
    own: Annotated[bool, typer.Option(help="Run Galacite itself.")] = True,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the tables into this document, between its marks.")
    ] = None,
    misses: Annotated[bool, typer.Option("--misses", help="Also print what was missed or wrongly found.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure how well and how fast papers are read: precision, recall and F1, pages a second, memory."""
    from rich.progress import Progress

    from app.bench.parse.bench import SETS, ParseBenchPlan, bench_parse
    from app.bench.parse.document import write_figures
    from app.settings import load_settings

    settings = load_settings()
    plan = ParseBenchPlan(
        data=data or settings.data,
        sets=tuple(sets or (() if set_folder else SETS)),
        folders=tuple(set_folder or ()),
        workers=tuple(workers or (1, 2)),
        peers=tuple(_named(each) for each in peer or ()),
        predictions=tuple(_named(each) for each in predictions or ()),
        own=own,
    )
    with Progress(console=console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("reading", total=None)
        reports = bench_parse(
            plan,
            settings,
            on_progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    if markdown is not None:
        write_figures(markdown, reports)
    _show(reports, as_json=as_json, with_misses=misses)


def _named(text: str) -> tuple[str, Path]:
    from core.errors import InputError

    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise InputError(f"{text}: not NAME=PATH", hint="As in --peer refextract=venv/bin/python.")
    return name, Path(path).expanduser()


def _show(reports: list[SetReport], *, as_json: bool, with_misses: bool) -> None:
    from app.bench.parse.report import cost, data, misses, tables

    if as_json:
        sys.stdout.write(json.dumps([data(report) for report in reports], ensure_ascii=False, indent=2) + "\n")
        return
    for report in reports:
        for table in tables(report):
            console().print(table)
        sys.stdout.write(f"{cost(report)}\n\n")
        for line in misses(report) if with_misses else ():
            sys.stdout.write(f"{line}\n")
