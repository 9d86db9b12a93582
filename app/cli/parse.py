"""The command ``galacite parse``: papers to JSON, without a library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def register(cli: typer.Typer) -> None:
    """Hang the command into the command line."""
    cli.command()(parse)


def parse(
    files: Annotated[
        list[str],
        typer.Argument(help="Files, folders of PDFs, or quoted patterns; - reads a PDF or a list of paths from stdin."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each paper.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the lines of JSON to this file instead.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes side by side; one for each core.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(min=0.1, help="Seconds for one file; else the setting.")] = None,
    ocr: Annotated[bool, typer.Option("--ocr", help="Recognise scanned pages; takes some seconds a page.")] = False,
) -> None:
    """Read papers into title, authors, abstract, sections, references and citations; nothing is stored."""
    from app.cli.parse_output import Sink, progress_bar
    from app.parsers import make_parser
    from app.services.parsing import default_workers, given_files, limits_with, parse_files
    from app.settings import load_settings

    settings = load_settings()
    limits = limits_with(settings.parser_limits, timeout_s=timeout)
    with given_files(files, sys.stdin.buffer) as paths, Sink(as_json=as_json, out=out) as sink:
        results = parse_files(
            paths,
            limits=limits,
            workers=min(workers or default_workers(), len(paths)),
            make_parser=lambda limits: make_parser(settings, limits=limits),
            ocr=settings.require_ocr() if ocr else None,
        )
        for parsed in progress_bar(results, total=len(paths), hidden=sink.on_terminal):
            sink.put(parsed)
    raise typer.Exit(sink.exit_code)
