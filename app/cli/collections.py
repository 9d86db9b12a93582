"""Commands for collections: named sets of papers, by which searches and lists can be narrowed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, emit, opened

if TYPE_CHECKING:
    from app.services.library import Collection

cli = typer.Typer(help="Sort papers into named collections.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the collection.")]
Papers = Annotated[list[str], typer.Argument(help="Ids or cite keys.")]


@cli.command("list")
def list_collections(as_json: AsJson = False) -> None:
    """List the collections and how many papers each holds."""
    with opened() as galacite:
        found = galacite.library.collections()
    emit(found, as_json=as_json, show=_show_all)


@cli.command()
def add(name: Name, papers: Papers, as_json: AsJson = False) -> None:
    """Put papers into a collection; it is made when there is none of that name."""
    with opened() as galacite:
        changed = galacite.library.collect(name, [galacite.library.get(paper).id for paper in papers])
    emit(changed, as_json=as_json, show=_show)


@cli.command()
def remove(name: Name, papers: Papers, as_json: AsJson = False) -> None:
    """Take papers out of a collection. They stay in the library."""
    with opened() as galacite:
        changed = galacite.library.uncollect(name, [galacite.library.get(paper).id for paper in papers])
    emit(changed, as_json=as_json, show=_show)


@cli.command()
def rename(
    old: Annotated[str, typer.Argument(help="Its name so far.")],
    new: Annotated[str, typer.Argument(help="Its new name.")],
    as_json: AsJson = False,
) -> None:
    """Give a collection another name."""
    with opened() as galacite:
        changed = galacite.library.rename_collection(old, new)
    emit(changed, as_json=as_json, show=_show)


@cli.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a collection. Its papers stay in the library."""
    with opened() as galacite:
        found = galacite.library.collection(name)
        if not yes:
            typer.confirm(f"Delete the collection “{found.name}” ({_count(found)})?", abort=True, err=True)
        removed = galacite.library.remove_collection(found.name)
    emit(removed, as_json=as_json, show=_show_deleted)


def _show_all(found: list[Collection]) -> None:
    for each in found:
        _show(each)
    if not found:
        sys.stdout.write("No collections yet. Make one: galacite collections add NAME PAPER…\n")


def _show(collection: Collection) -> None:
    sys.stdout.write(f"{collection.name}: {_count(collection)}\n")


def _count(collection: Collection) -> str:
    return f"{collection.papers} paper{'s' if collection.papers != 1 else ''}"


def _show_deleted(collection: Collection) -> None:
    sys.stdout.write(f"deleted {collection.name}; its papers stay\n")
