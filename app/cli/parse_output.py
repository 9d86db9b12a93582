"""What ``galacite parse`` prints: results on stdout or in a file, failures and progress on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from app.cli.output import console
from app.services.paper_record import paper_record
from core.errors import InputError
from core.records import Document
from core.text import clean

if TYPE_CHECKING:
    from app.services.parsing import Parsed

_FEW_AUTHORS = 6


class Sink:
    """Takes results in their order, and counts them.

    Raises:
        InputError: The file for the lines of JSON cannot be written.
    """

    def __init__(self, *, as_json: bool, out: Path | None) -> None:
        self._as_json = as_json
        self._path = out
        self._lines: TextIO | None = sys.stdout if as_json else None
        self._good = 0
        self._bad = 0

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._lines = self._path.open("w", encoding="utf-8")
            except OSError as error:
                raise InputError(
                    f"{self._path}: {error.strerror}", hint="Choose a file that can be written."
                ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None and self._lines is not None:
            self._lines.close()

    @property
    def on_terminal(self) -> bool:
        """Whether results appear where a progress bar would."""
        return sys.stdout.isatty() and not (self._as_json and self._path is not None)

    @property
    def exit_code(self) -> int:
        """0 when all files were read, 1 when some failed, 2 when none was read."""
        return 0 if not self._bad else 1 if self._good else 2

    def put(self, parsed: Parsed) -> None:
        """Print one result."""
        if parsed.document is None:
            self._bad += 1
            self._fail(parsed)
            return
        self._good += 1
        if self._lines is not None:
            record = paper_record(parsed.document, file=parsed.file)
            self._lines.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._lines.flush()
        if not self._as_json:
            sys.stdout.write(_summary(parsed.document, file=parsed.file))

    def _fail(self, parsed: Parsed) -> None:
        message, hint = ("", "") if parsed.error is None else (parsed.error.message, parsed.error.hint)
        told = clean(message).removeprefix(f"{clean(parsed.path.name)}: ")
        sys.stderr.write(f"{clean(parsed.file)}: {told}\n")
        if hint:
            sys.stderr.write(f"  {clean(hint)}\n")


def progress_bar(results: Generator[Parsed, None, None], *, total: int, hidden: bool) -> Iterator[Parsed]:
    """Pass results on, with a progress bar on stderr when that is a terminal; closes them at the end."""
    from rich.progress import Progress

    with contextlib.closing(results):
        if hidden or not sys.stderr.isatty():
            yield from results
            return
        with Progress(console=console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=True) as bar:
            yield from bar.track(results, total=total, description="reading")


def _summary(document: Document, *, file: str) -> str:
    names = [author.name for author in document.authors[:_FEW_AUTHORS]]
    more = len(document.authors) - len(names)
    people = ", ".join(names) or "no authors found"
    people += f" and {more} more" if more else ""
    counts = [
        (document.page_count, "page"),
        (len(document.sections), "section"),
        (len(document.references), "reference"),
        (len(document.mentions), "citation"),
    ]
    found = [f"{count} {what}{'s' * (count != 1)}" for count, what in counts if count or what != "page"]
    lines = [
        clean(file),
        f"  {document.title}",
        f"  {people}{f' ({document.year})' if document.year else ''}",
        f"  {', '.join(found)}",
        *(() if document.abstract else ("  ! no abstract found",)),
        *(f"  ! {notice.message}" for notice in document.notices),
    ]
    return "\n".join(lines) + "\n"
