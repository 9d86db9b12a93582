"""The citation recommendation topics of the ACM collection: texts that cite, and which records they cite.

Source: the ACM-CR collection of context-aware citation recommendation; topics and judgements in the formats of TREC.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.text import clean
from training.contexts import AFTER_CHARS, BEFORE_CHARS, CitedPlace

KINDS = ("sentences", "contexts")
_TOPIC = re.compile(r"<num> Number: (\S+)\s+<title>([^\n]*)\s+<desc> Description:\s*(.*?)\s*<narr>", re.DOTALL)
_MARKER = re.compile(r"\s?\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]")
_TAG = re.compile(r"<[^<>]{1,20}>")
_MOST_BYTES = 200 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A work of the collection."""

    key: str
    title: str
    surname: str
    year: int | None
    abstract: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A text that cites: ``places`` are its markers in order, at least one; ``relevant`` are keys of records.

    Topics of one paper have its ``title``.
    """

    number: str
    title: str
    text: str
    places: tuple[CitedPlace, ...]
    relevant: frozenset[str]


def read_records(folder: Path) -> list[Record]:
    """The records, in the order of the file.

    Raises:
        InputError: The file is missing, or a line is no record.
    """
    path = folder / "docs.jsonl.xz"
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            return [_record(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, lzma.LZMAError) as error:
        raise InputError(
            f"{path}: no records can be read ({error})", hint="Name the folder of the collection."
        ) from error


def read_topics(folder: Path, kind: str) -> list[Topic]:
    """The topics that have a relevant record.

    Args:
        folder: Of the collection.
        kind: One of ``KINDS``.

    Raises:
        InputError: A file is missing or holds no topics.
    """
    relevant: defaultdict[str, set[str]] = defaultdict(set)
    for line in _text(folder / f"{kind}.qrels").splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[3] != "0":
            relevant[fields[0]].add(fields[2])
    found = [
        _topic(number, title, text, frozenset(relevant[number]))
        for number, title, text in _TOPIC.findall(_text(folder / f"{kind}.topics"))
        if relevant[number]
    ]
    if not found:
        raise InputError(f"{folder}: holds no {kind} with relevant records", hint="Name the folder of the collection.")
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(
                f"{path}: larger than {_MOST_BYTES // 2**20} MB", hint="Name the folder of the collection."
            )
        return path.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})", hint="Name the folder of the collection.") from error


def _record(told: dict[str, str]) -> Record:
    year = told.get("year", "")
    return Record(
        key=told["id"],
        title=clean(_TAG.sub("", told["title"])),
        surname=clean(told.get("authors", "").split(" and ")[0].split(",")[0]),
        year=int(year) if year.isdigit() else None,
        abstract=clean(_TAG.sub("", told.get("abstract", ""))),
    )


def _topic(number: str, title: str, text: str, relevant: frozenset[str]) -> Topic:
    title, text = clean(title), clean(text)
    return Topic(
        number=number, title=title, text=_unmarked(text), places=tuple(_places(title, text)), relevant=relevant
    )


def _places(title: str, text: str) -> Iterator[CitedPlace]:
    """A place for each marker; the whole text is one when it has none."""
    spans = [match.span() for match in _MARKER.finditer(text)] or [(len(text), len(text))]
    for start, end in spans:
        yield CitedPlace(
            paper=title,
            title=title,
            section="",
            before=_unmarked(text[:start])[-BEFORE_CHARS:],
            after=_unmarked(text[end:])[:AFTER_CHARS].strip(),
            targets=(),
        )


def _unmarked(text: str) -> str:
    return " ".join(_MARKER.sub("", text).split())
