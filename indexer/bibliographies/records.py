"""What a bibliography holds, whatever format it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.records import Author, Reference

Format = Literal["bibtex", "ris", "csl-json"]
Kind = Literal[
    "article-journal",
    "book",
    "chapter",
    "dataset",
    "document",
    "paper-conference",
    "report",
    "software",
    "thesis",
    "webpage",
]
"""What an entry is, by the names of the Citation Style Language."""
MAX_ENTRIES = 200_000
MAX_PROBLEMS = 10_000
"""Beyond so many, a file is given up: it is no bibliography."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that was left out or counts for less; ``line`` counts from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An entry: ``reference`` holds what all reference lists have, the rest is what bibliographies know beyond that.

    ``number`` is the issue of a journal or the number of a report. A month without a year, or a day without a month,
    does not occur. ``key`` is as in the file, "" where it has none: whoever reads a whole file fills it in. ``line`` is
    where it begins there.
    """

    key: str
    kind: Kind
    reference: Reference
    abstract: str = ""
    note: str = ""
    number: str = ""
    month: int | None = None
    day: int | None = None
    editors: tuple[Author, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """A file as read: its entries, each key once, and what could not be read."""

    name: str
    format: Format
    records: tuple[Record, ...]
    problems: tuple[Problem, ...] = ()


def date_of(year: int | None, month: int | None, day: int | None) -> tuple[int | None, int | None]:
    """Month and day as far as they make sense: within a year, within a month, and of the calendar."""
    if year is None or month is None or not 1 <= month <= 12:
        return None, None
    return month, day if day is not None and 1 <= day <= 31 else None
