"""Commands for bibliographies: import, list and remove them, and export works as one."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit, opened

if TYPE_CHECKING:
    from app.services.bibliographies import ExportReport, ImportReport
    from app.wiring import Galacite
    from core.records import Work
    from indexer.store.bibliographies import StoredBibliography

cli = typer.Typer(help="Import bibliographies, whose works can then be suggested.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the bibliography, as listed.")]
_TOLD = 10
"""Problems of a file that are printed; ``--json`` has all."""


class Form(StrEnum):
    """What an export can be."""

    bibtex = "bibtex"
    ris = "ris"
    csl_json = "csl-json"
    formatted = "formatted"


def register(root: typer.Typer) -> None:
    """Hang the export into the command line."""
    root.command()(export)


@cli.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="BibTeX, RIS or CSL-JSON files.")],
    name: Annotated[str, typer.Option(help="Keep a single file under this name instead of its own.")] = "",
    wait: Annotated[bool, typer.Option(help="Wait until its works can be searched.")] = True,
    as_json: AsJson = False,
) -> None:
    """Import bibliographies; a file takes the place of what its name held. A bad file does not stop the others."""
    from core.errors import GalaciteError, InputError

    if name and len(files) > 1:
        raise InputError("one name cannot be that of several files", hint="Import them one by one.")
    reports: list[ImportReport] = []
    with opened() as galacite:
        for file in files:
            try:
                reports.append(galacite.bibliographies.import_file(file, name=name))
            except GalaciteError as error:
                sys.stderr.write(f"galacite: {error.message}\n  {error.hint}\n")
        _await_indexes(galacite, reports if wait else [], quiet=as_json)
    emit(reports, as_json=as_json, show=_show_imports)
    if len(reports) < len(files):
        raise typer.Exit(1 if reports else 2)


@cli.command("list")
def list_bibliographies(as_json: AsJson = False) -> None:
    """List the imported bibliographies with how many entries and works each has."""
    with opened() as galacite:
        found = galacite.bibliographies.imported()
    emit(found, as_json=as_json, show=_show_all)


@cli.command()
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove an imported bibliography, and the works that nothing else names. Your own file stays."""
    with opened() as galacite:
        found = galacite.bibliographies.get(name)
        if not yes:
            typer.confirm(f"Remove the bibliography “{found.name}” ({_count(found)})?", abort=True, err=True)
        removed = galacite.bibliographies.remove(found.name)
    emit(removed, as_json=as_json, show=_show_removed)


def export(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Ids or cite keys of papers, keys in bibliographies, DOIs, arXiv ids, or work:ID."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All works that the library knows.")] = False,
    cited: Annotated[bool, typer.Option("--cited", help="What the named papers cite, or all papers.")] = False,
    form: Annotated[Form, typer.Option("--format", help="bibtex, ris, csl-json or formatted.")] = Form.bibtex,
    style: Annotated[str, typer.Option(help="For formatted: a citation style or a .csl file.")] = "apa",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Export works as a bibliography."""
    from app.services.bibliographies import ExportReport, write_export

    with opened() as galacite:
        works = _chosen(galacite, names or [], everything=everything, cited=cited)
        text = galacite.bibliographies.export(works, form.value, style=style)
    if out is not None:
        write_export(out, text)
    report = ExportReport(format=form.value, works=tuple(works), text="" if out else text, file=str(out or ""))
    emit(report, as_json=as_json, show=_show_export)


def _chosen(galacite: Galacite, names: list[str], *, everything: bool, cited: bool) -> list[Work]:
    from core.errors import InputError

    if everything and (names or cited):
        raise InputError("--all leaves nothing to choose", hint="Give either --all, or names, or --cited.")
    if everything:
        return galacite.bibliographies.all_works()
    if cited:
        return galacite.bibliographies.cited_works(names)
    if not names:
        raise InputError("nothing is chosen to export", hint="Name works or papers, or give --all or --cited.")
    return galacite.bibliographies.works(names)


def _await_indexes(galacite: Galacite, reports: list[ImportReport], *, quiet: bool) -> None:
    """Wait for the last of the jobs that bring the indexes up to date."""
    from app.services.ingestion import follow
    from app.services.library import AddOutcome

    jobs = [report.job_id for report in reports if report.job_id is not None]
    waiting = [AddOutcome(name="indexes", status="queued", message="waiting", job_id=job) for job in jobs[-1:]]
    if not waiting:
        return
    if quiet:
        follow(galacite, waiting)
        return
    with console(stderr=True).status("making the works findable"):
        follow(galacite, waiting)


def _show_imports(reports: list[ImportReport]) -> None:
    for each in reports:
        sys.stdout.write(
            f"{each.name}: {each.entries} entries, {each.added} added, {each.removed} removed, {each.kept} as before\n"
        )
        for problem in each.problems[:_TOLD]:
            sys.stderr.write(f"! {each.name}, line {problem.line}: {problem.message}\n")
        if len(each.problems) > _TOLD:
            sys.stderr.write(f"! {each.name}: {len(each.problems) - _TOLD} more; --json tells all\n")


def _show_all(found: list[StoredBibliography]) -> None:
    for each in found:
        sys.stdout.write(f"{each.name}: {_count(each)}, {each.works} works ({each.format})\n")
    if not found:
        sys.stdout.write("No bibliographies yet. Import one: galacite bibliography import FILE\n")


def _show_removed(removed: StoredBibliography) -> None:
    sys.stdout.write(f"removed {removed.name}; your own file stays\n")


def _show_export(report: ExportReport) -> None:
    if report.file:
        sys.stdout.write(f"{report.file}: {len(report.works)} work{'s' if len(report.works) != 1 else ''}\n")
    else:
        sys.stdout.write(report.text)


def _count(bibliography: StoredBibliography) -> str:
    return f"{bibliography.entries} entr{'ies' if bibliography.entries != 1 else 'y'}"
