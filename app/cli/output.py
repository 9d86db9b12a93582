"""What commands share: opening the library, options, and printing as text or JSON."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from app.wiring import Galacite
    from core.records import CitedAt, Hit, ListedAt, Notice, SearchFilter

T = TypeVar("T")
_PLAIN_WIDTH = 160
_MOST_BYTES = 16 * 2**20

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YearFrom = Annotated[int | None, typer.Option("--from", help="Only papers of this year or later.")]
YearTo = Annotated[int | None, typer.Option("--to", help="Only papers of this year or earlier.")]
ByAuthor = Annotated[str, typer.Option("--author", help="Only papers with an author of this family name.")]
InCollection = Annotated[str, typer.Option("--collection", help="Only papers of this collection.")]
OnlyPapers = Annotated[list[str] | None, typer.Option("--paper", help="Only this paper (id or key); may be repeated.")]


@contextmanager
def opened() -> Iterator[Galacite]:
    """The library of the settings, with its database brought up to date."""
    from app.settings import load_settings
    from app.wiring import open_library

    galacite = open_library(load_settings())
    try:
        yield galacite
    finally:
        galacite.close()


def command_line() -> str:
    """This command as it was typed, for a card that others read: of a path from the root its name alone."""
    return shlex.join(["galacite", *map(_without_folder, sys.argv[1:])])


def console(*, stderr: bool = False) -> Console:
    """Where to print: rich on a terminal, plain text of a generous width elsewhere."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PLAIN_WIDTH
    return Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=True, width=width)


def emit(value: T, *, as_json: bool, show: Callable[[T], None]) -> None:
    """Print a value as one JSON document, or through ``show``."""
    if as_json:
        from core.json import to_data

        sys.stdout.write(json.dumps(to_data(value), ensure_ascii=False, indent=2) + "\n")
    else:
        show(value)


def read_text(name: str) -> str:
    """The text of a file, or of stdin for ``-``.

    Raises:
        InputError: It cannot be read as UTF-8 text.
    """
    from core.errors import InputError

    try:
        return read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 text", hint="Convert it: iconv -f latin1 -t utf-8 IN > OUT") from error


def read_bytes(name: str) -> bytes:
    """The content of a file, or of stdin for ``-``.

    Raises:
        InputError: It is not there, too large, or cannot be read.
    """
    from core.errors import InputError

    try:
        if name == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        elif Path(name).is_file():
            with Path(name).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        else:
            raise InputError(f"{name}: no such file", hint="Check the path; `-` reads standard input.")
        if len(data) > _MOST_BYTES:
            raise InputError(f"{name}: larger than {_MOST_BYTES // 2**20} MB", hint="Give one section at a time.")
        return data
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise InputError(f"{name}: {error}", hint="Check the path; `-` reads standard input.") from error


def narrowed(
    galacite: Galacite, *, year_from: int | None, year_to: int | None, author: str, collection: str, papers: list[str]
) -> SearchFilter:
    """The filter that the options describe; papers by id or cite key."""
    from core.records import SearchFilter

    ids = tuple(galacite.library.get(paper).id for paper in papers) if papers else None
    return SearchFilter(year_from=year_from, year_to=year_to, author=author, collection=collection, paper_ids=ids)


def place(hit: Hit | CitedAt | ListedAt) -> str:
    """Where something stands: cite key and page, with the printed label when it differs."""
    label = f" (printed {hit.page_label})" if hit.page_label and hit.page_label != str(hit.page) else ""
    return f"{hit.paper_key}, p. {hit.page}{label}"


def scores_line(scores: tuple[tuple[str, float], ...]) -> str:
    """The scores of rankers side by side."""
    return "  ".join(f"{name} {score:.3f}" for name, score in scores)


def show_notices(notices: Iterable[Notice]) -> None:
    """Notices, on standard error; what they quote from a draft cannot command the terminal."""
    from core.text import clean

    for notice in notices:
        sys.stderr.write(f"! {clean(notice.message)}\n")


def _without_folder(argument: str) -> str:
    option, equals, value = argument.rpartition("=")
    return f"{option}{equals}{Path(value).name}" if Path(value).is_absolute() else argument
