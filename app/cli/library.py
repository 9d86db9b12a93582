"""Commands for the papers: add, list, show, remove, and the jobs behind them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, ByAuthor, InCollection, YearFrom, YearTo, console, emit, narrowed, opened

if TYPE_CHECKING:
    from app.services.ingestion import FileReport
    from app.services.library import AddOutcome
    from app.wiring import Galacite
    from core.records import Job, Paper


def register(cli: typer.Typer) -> None:
    """Hang the commands of this module into the command line."""
    for command in (add, reread, remove, show, jobs):
        cli.command()(command)
    cli.command("list")(list_papers)


def add(
    paths: Annotated[
        list[str], typer.Argument(help="PDF files, folders, or quoted patterns such as 'papers/**/*.pdf'.")
    ],
    wait: Annotated[bool, typer.Option(help="Follow the ingestion to its end.")] = True,
    as_json: AsJson = False,
) -> None:
    """Add PDFs to the library. Files already there are recognised; a bad file does not stop the others."""
    with opened() as galacite:
        reports = _followed(galacite, galacite.library.add_paths(paths), wait=wait, quiet=as_json)
        emit(reports, as_json=as_json, show=_summary)
    _exit_for(reports)


def reread(
    papers: Annotated[list[str], typer.Argument(help="Ids or cite keys.")],
    wait: Annotated[bool, typer.Option(help="Follow the reading to its end.")] = True,
    as_json: AsJson = False,
) -> None:
    """Read the stored PDFs of papers again: once Tesseract is installed, or with a newer version of Galacite."""
    with opened() as galacite:
        outcomes = [galacite.library.reread(paper) for paper in papers]
        reports = _followed(galacite, outcomes, wait=wait, quiet=as_json)
        emit(reports, as_json=as_json, show=lambda rows: _summary(rows, done="read again"))
    _exit_for(reports)


def _followed(galacite: Galacite, outcomes: list[AddOutcome], *, wait: bool, quiet: bool) -> list[FileReport]:
    """The reports of files that were handed in, at their end when asked to wait, said as they come unless quiet."""
    from app.services.ingestion import follow, reports_of

    if not wait:
        reports = reports_of(outcomes)
        for report in reports:
            if not quiet and report.status != "waiting":
                _say(report)
        return reports
    if quiet:
        return follow(galacite, outcomes)
    with console(stderr=True).status("waiting") as status:
        return follow(galacite, outcomes, on_report=_say, on_progress=lambda reports: status.update(_standing(reports)))


def _standing(reports: list[FileReport]) -> str:
    """What the files that are at work are at, in one line."""
    from rich.markup import escape

    waiting = [report for report in reports if report.status == "waiting"]
    at_work = [f"{report.name}: {report.message}" for report in waiting if report.total]
    return escape("; ".join([f"{len(reports) - len(waiting)} of {len(reports)} files", *at_work[:3]]))


def _exit_for(reports: list[FileReport]) -> None:
    """End with 2 when every file failed, with 1 when some failed or were cancelled."""
    if all(report.status == "failed" for report in reports):
        raise typer.Exit(2)
    if any(report.status in ("failed", "cancelled") for report in reports):
        raise typer.Exit(1)


def list_papers(
    text: Annotated[str, typer.Argument(help="Words in title, authors or cite key, or a DOI or arXiv id.")] = "",
    year_from: YearFrom = None,
    year_to: YearTo = None,
    author: ByAuthor = "",
    collection: InCollection = "",
    order: Annotated[str, typer.Option(help="added, title, year or author.")] = "added",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the papers of the library."""
    from app.services.library import checked_order

    with opened() as galacite:
        narrow = narrowed(
            galacite, year_from=year_from, year_to=year_to, author=author, collection=collection, papers=[]
        )
        papers = galacite.library.papers(narrow=narrow, text=text, order=checked_order(order), limit=limit)
        total = galacite.library.count(narrow=narrow, text=text)
    emit(papers, as_json=as_json, show=lambda rows: _paper_table(rows, total))


def show(
    paper: Annotated[str, typer.Argument(help="Id or cite key.")],
    references: Annotated[bool, typer.Option("--references", help="Also its reference list.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a paper: metadata, outline, and what was read from it."""
    from app.cli.paper_view import paper_data, show_paper

    with opened() as galacite:
        found = galacite.library.get(paper)
        document = galacite.library.document(found.id)
    emit(
        paper_data(found, document),
        as_json=as_json,
        show=lambda _: show_paper(found, document, references=references),
    )


def remove(
    papers: Annotated[list[str], typer.Argument(help="Ids or cite keys.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove papers with their stored files. The original files on your disk stay."""
    with opened() as galacite:
        found = [galacite.library.get(paper) for paper in papers]
        for paper in found:
            if not yes:
                typer.confirm(f"Remove “{paper.title}” ({paper.key})?", abort=True, err=True)
            galacite.library.remove(paper.id)
    emit(found, as_json=as_json, show=lambda rows: _removed(rows))


def jobs(
    cancel: Annotated[int | None, typer.Option(help="Cancel the job of this id.")] = None,
    retry: Annotated[int | None, typer.Option(help="Run the job of this id again.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List background jobs; cancel or retry one."""
    with opened() as galacite:
        if cancel is not None:
            galacite.jobs.cancel(cancel)
        if retry is not None:
            galacite.jobs.retry(retry)
        found = galacite.jobs.list(limit=limit)
    emit(found, as_json=as_json, show=_job_table)


def _say(report: FileReport) -> None:
    marks = {"added": "[green]✓[/]", "already": "[yellow]=[/]", "failed": "[red]✗[/]", "cancelled": "[yellow]–[/]"}
    out = console(stderr=True)
    from rich.markup import escape

    told = report.message.removeprefix(f"{report.name}: ")
    out.print(f"{marks.get(report.status, '·')} {escape(report.name)}: {escape(told)}")
    if report.hint:
        out.print(f"    {escape(report.hint)}", style="dim")


def _summary(reports: list[FileReport], *, done: str = "added") -> None:
    told = {"added": done, "already": "already there", "failed": "failed"}
    told |= {status: status for status in ("cancelled", "waiting") if any(each.status == status for each in reports)}
    counts = (f"{sum(each.status == status for each in reports)} {words}" for status, words in told.items())
    sys.stdout.write(f"{', '.join(counts)}\n")


def _paper_table(papers: list[Paper], total: int) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not papers:
        console().print("No papers. Add some: galacite add PATH…")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("id", "key", "year", "title", "authors", "pages"):
        table.add_column(
            heading,
            justify="right" if heading in ("id", "pages") else "left",
            overflow="ellipsis",
            no_wrap=heading != "title",
        )
    for paper in papers:
        first = paper.authors[0].family if paper.authors else ""
        authors = f"{first} et al." if len(paper.authors) > 1 else first
        table.add_row(
            str(paper.id), paper.key, str(paper.year or ""), escape(paper.title), escape(authors), str(paper.page_count)
        )
    console().print(table)
    if total > len(papers):
        console().print(f"{len(papers)} of {total} papers; --limit shows more.", style="dim")


def _removed(papers: list[Paper]) -> None:
    for paper in papers:
        sys.stdout.write(f"removed {paper.key}: {paper.title}\n")


def _job_table(found: list[Job]) -> None:
    for job in found:
        steps = f" {job.done}/{job.total}" if job.state == "running" and job.total else ""
        age = max(0, int(time.time() - job.updated_at.timestamp()))
        hint = f"  → {job.hint}" if job.hint else ""
        sys.stdout.write(
            f"{job.id:>6}  {job.state}{steps}  {job.title}: {job.message or job.kind} ({age} s ago){hint}\n"
        )
    if not found:
        sys.stdout.write("No jobs yet.\n")
