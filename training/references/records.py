"""Bibliographic records to render as reference strings: read from the corpora, and completed where these are silent."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InputError
from training.references.examples import Example
from training.references.words import MEETINGS

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A name in its parts; ``family`` alone is an organisation."""

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a work; ``kind`` is article, paper, book, chapter, thesis, report, preprint or web."""

    kind: str
    authors: tuple[Person, ...]
    title: str
    container: str = ""
    editors: tuple[Person, ...] = ()
    series: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    year: str = ""
    month: int = 0
    day: int = 0
    publisher: str = ""
    place: str = ""
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    number: str = ""


@dataclass(slots=True)
class Stock:
    """What records are made of, gathered from training data alone."""

    records: list[Record] = field(default_factory=list)
    journals: list[str] = field(default_factory=list)
    proceedings: list[str] = field(default_factory=list)
    publishers: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    institutions: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    book_titles: list[str] = field(default_factory=list)


def _lines(path: Path) -> Iterator[dict[str, object]]:
    if not path.is_file():
        raise InputError(f"{path}: missing", hint="Give the folder that holds corpus/, library/ and refstrings/.")
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_stock(folder: Path, annotated: Sequence[Example]) -> Stock:
    """Gather records from the corpora, and names of journals and publishers from annotated strings.

    Raises:
        InputError: A corpus is missing.
    """
    stock = Stock()
    pools = {"journal": stock.journals, "booktitle": stock.proceedings, "publisher": stock.publishers,
             "location": stock.places, "institution": stock.institutions}  # fmt: skip
    for example in annotated:
        labels = {span.label for span in example.spans}
        for span in example.spans:
            text = example.text[span.start : span.end]
            if span.label in pools and 2 < len(text) < 120:
                pools[span.label].append(text)
            if span.label == "title" and "publisher" in labels and not labels & {"journal", "booktitle"}:
                stock.book_titles.append(text)
    for name, reader in (
        ("corpus/elife.train.jsonl.xz", _inverted), ("corpus/psychsci.train.jsonl.xz", _inverted),
        ("corpus/neurips2025.train.jsonl.xz", _direct), ("library/acl_anthology_2022.jsonl.xz", _acl),
    ):  # fmt: skip
        stock.records += [record for line in _lines(folder / name) for record in reader(line)]
    stock.people = [person for record in stock.records for person in record.authors if len(person.given) > 3]
    stock.journals += sorted({record.container for record in stock.records if record.kind == "article"})
    stock.proceedings += sorted({record.container for record in stock.records if record.kind == "paper"})
    stock.proceedings += list(MEETINGS) * (1 + len(stock.proceedings) // (8 * len(MEETINGS)))
    return stock


def _clean(text: object) -> str:
    return " ".join(str(text or "").split())


def _references(line: dict[str, object]) -> list[dict[str, object]]:
    found = line.get("refs")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


_GLUED_GIVEN = re.compile(r"^(.+?) ((?:[A-ZÀ-ÞŁŠŽ]\s?){1,4})$")
_PARTICLE = re.compile(r"^((?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|ten|ter)\s)+)(.+)$")


def _inverted(line: dict[str, object]) -> Iterator[Record]:
    """References whose authors are printed as ``Baldwin PR``."""
    for each in _references(line):
        title, venue = _clean(each.get("title")), _clean(each.get("venue"))
        names = each.get("authors")
        people = [_glued(_clean(name)) for name in names] if isinstance(names, list) else []
        if len(title) < 10 or not venue or not people or len(venue) > 120:
            continue
        year = _clean(each.get("year"))
        yield Record(kind="article", authors=tuple(people), title=title, container=venue, year=year,
                     doi=_clean(each.get("doi")))  # fmt: skip


def _glued(name: str) -> Person:
    match = _GLUED_GIVEN.match(name)
    if match is None:
        return Person(name)
    given = " ".join(f"{letter}." for letter in match[2].replace(" ", ""))
    particle = _PARTICLE.match(match[1])
    return Person(particle[2], given, particle[1].strip()) if particle else Person(match[1], given)


def _direct(line: dict[str, object]) -> Iterator[Record]:
    """References whose authors are printed as ``Jane A. Doe, Bob Roe, and Eve Poe``."""
    for each in _references(line):
        title, venue = _clean(each.get("title")), _clean(each.get("venue"))
        names = [name for name in re.split(r",\s+(?:and\s+)?|\s+and\s+", _clean(each.get("authors"))) if name]
        people = tuple(_person(name) for name in names if not name.startswith("et al") and " " in name)
        container = re.sub(r"^In:?\s+", "", re.split(r" ?, (?:\d|pages|pp|vol)|\. |,? \d{4}\.?$", venue)[0]).strip(
            " ,."
        )
        if (
            len(title) < 10
            or "http" in venue
            or not people
            or any(char.isdigit() for person in people for char in person.family)
        ):
            continue
        arxiv = re.search(r"\d{4}\.\d{4,5}", venue)
        kind = "preprint" if arxiv else "paper" if venue.startswith("In") else "article"
        if kind != "preprint" and not 4 < len(container) < 140:
            continue
        yield Record(kind=kind, authors=people, title=title, container="" if arxiv else container,
                     year=_clean(each.get("year")), arxiv=arxiv[0] if arxiv else "")  # fmt: skip


def _acl(line: dict[str, object]) -> Iterator[Record]:
    names = line.get("authors")
    people = tuple(_person(_clean(name)) for name in names if " " in str(name)) if isinstance(names, list) else ()
    if people and line.get("title"):
        yield Record(kind="paper", authors=people, title=_clean(line["title"]), container=_clean(line.get("venue")),
                     year=_clean(line.get("year")), doi=_clean(line.get("doi")))  # fmt: skip


def _person(name: str) -> Person:
    words = name.split()
    first = len(words) - 1
    while first > 1 and words[first - 1].islower():
        first -= 1
    return Person(words[-1], " ".join(words[:first]), " ".join(words[first:-1]))
