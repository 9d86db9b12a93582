"""What is to be found in a paper, and what a tool found: the two sides of every measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueReference:
    """A reference as it should be found.

    ``text`` is the entry as printed, when known; ``families`` are the spellings of the first author's family name that
    are right (with and without a particle), empty when there is no author.
    """

    key: str
    title: str = ""
    text: str = ""
    year: int | None = None
    families: tuple[str, ...] = ()
    doi: str = ""
    shows_title: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A paper as it should be read; None where the truth does not tell, so that this is not measured.

    ``mentions`` holds the keys that each citation in the text stands for, in the order of the text; ``authors`` full
    names as (given, family). ``abstract_begins_so``: only the first words of the abstract are known.
    """

    name: str
    group: str
    path: Path
    title: str | None = None
    authors: tuple[tuple[str, str], ...] | None = None
    abstract: str | None = None
    abstract_begins_so: bool = False
    headings: tuple[str, ...] | None = None
    references: tuple[TrueReference, ...] | None = None
    mentions: tuple[frozenset[str], ...] | None = None
    entries_printed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReference:
    """A reference that a tool found."""

    raw: str = ""
    title: str = ""
    year: int | None = None
    families: tuple[str, ...] = ()
    doi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a tool found in a paper; what it did not say counts as not found."""

    title: str = ""
    authors: tuple[tuple[str, str], ...] = ()
    abstract: str = ""
    headings: tuple[str, ...] = ()
    references: tuple[FoundReference, ...] = ()
    mentions: tuple[frozenset[int], ...] = ()


NOTHING = Found()
"""What a tool found in a file on which it failed."""


def read_found(record: Mapping[str, Any]) -> Found:
    """Read a record as ``galacite parse --json`` prints it; missing keys and values of other types count as not found.

    A mention names references by their ``index``, or by their position where they have none.
    """
    references = _dicts(record.get("references"))
    places = {_whole(each.get("index"), position): position for position, each in enumerate(references)}
    return Found(
        title=_text(record.get("title")),
        authors=tuple((_text(each.get("given")), _text(each.get("family"))) for each in _dicts(record.get("authors"))),
        abstract=_text(record.get("abstract")),
        headings=tuple(_text(each.get("heading")) for each in _dicts(record.get("sections"))),
        references=tuple(_found_reference(each) for each in references),
        mentions=tuple(
            frozenset(places.get(_whole(index, -1), -1) for index in _list(each.get("reference_indices"))) - {-1}
            for each in _dicts(record.get("mentions"))
        ),
    )


def _found_reference(data: Mapping[str, Any]) -> FoundReference:
    first = next(iter(_dicts(data.get("authors"))), {})
    family, given = _text(first.get("family")), _text(first.get("given"))
    particle = " ".join(word for word in given.split() if word.islower() and "." not in word)
    return FoundReference(
        raw=_text(data.get("raw")),
        title=_text(data.get("title")),
        year=_whole(data.get("year"), 0) or None,
        families=tuple(dict.fromkeys(name for name in (family, f"{particle} {family}".strip()) if name)),
        doi=_text(data.get("doi")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _whole(value: Any, otherwise: int) -> int:
    """A number, also when a tool writes it as a string."""
    if isinstance(value, float) and not math.isfinite(value):
        return otherwise
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    return (
        int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else otherwise
    )
