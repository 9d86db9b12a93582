"""RIS, the tagged lines that publishers and reference managers exchange.

The format has no way to write a comma within a part of a name, so that one becomes a space. A reader of its own: the
libraries for RIS give a file up at its first odd line, and do not tell lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Reference
from core.text import clean
from indexer.bibliographies.fields import render
from indexer.bibliographies.records import MAX_ENTRIES, MAX_PROBLEMS, Kind, Problem, Record, date_of

_LINE = re.compile(r"^\s{0,4}([A-Z][A-Z0-9])\s{1,4}-(?:\s(.*)|\s*)$")
_TYPES: dict[Kind, str] = {
    "article-journal": "JOUR", "book": "BOOK", "chapter": "CHAP", "dataset": "DATA", "document": "GEN",
    "paper-conference": "CONF", "report": "RPRT", "software": "COMP", "thesis": "THES", "webpage": "ELEC",
}  # fmt: skip
_KINDS: dict[str, Kind] = {
    **{name: kind for kind, name in _TYPES.items()},
    "JFULL": "article-journal", "MGZN": "article-journal", "NEWS": "article-journal", "EJOUR": "article-journal",
    "ABST": "article-journal", "INPR": "article-journal", "CPAPER": "paper-conference", "EBOOK": "book",
    "EDBOOK": "book", "ECHAP": "chapter", "ENCYC": "chapter", "WEB": "webpage", "BLOG": "webpage",
}  # fmt: skip
_VENUES: dict[Kind, str] = {"article-journal": "JO", "book": "T3"}
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_DATE = re.compile(r"^\s*\d{4}/(\d{1,2})(?:/(\d{1,2}))?")
_DASHES = re.compile(r"\s*[-–—]+\s*")
_RANGE = re.compile(r"^([^–]+)–([^–]+)$")
_MAX_VALUE_CHARS = 20_000
_MAX_VALUES = 4_000

_Fields = dict[str, list[str]]


def read_ris(text: str) -> tuple[list[Record], list[Problem]]:
    """The entries of a file, and what cannot be read."""
    records: list[Record] = []
    problems: list[Problem] = []
    for line, fields in _blocks(text, problems):
        if len(problems) >= MAX_PROBLEMS:
            break
        if len(records) >= MAX_ENTRIES:
            problems.append(Problem(line, f"{MAX_ENTRIES:,} entries are read at most: the rest is left out"))
            break
        if any(name in fields for name in ("TI", "T1", "DO", "BT", "CT")):
            records.append(_record(fields, index=len(records), line=line))
        else:
            problems.append(Problem(line, "an entry has neither a title nor a DOI"))
    return records, problems


def write_ris(records: Iterable[Record]) -> str:
    """Entries in the order given, a blank line between them."""
    return "\n".join("".join(f"{tag}  - {value}\n" for tag, value in _lines(record)) for record in records)


def _blocks(text: str, problems: list[Problem]) -> Iterator[tuple[int, _Fields]]:
    """The fields of each entry and the line where it begins; lines outside entries are told."""
    fields: _Fields | None = None
    begun = 0
    tag = ""
    for number, line in enumerate(text.split("\n"), 1):
        found = _LINE.match(line[: _MAX_VALUE_CHARS + 100])
        name = found[1] if found else ""
        value = clean(found[2] or "") if found else clean(line[:_MAX_VALUE_CHARS])
        if name == "TY":
            if fields is not None:
                problems.append(Problem(begun, "an entry has no end (ER): it ends where the next begins"))
                yield begun, fields
            fields, begun, tag = {"TY": [value]}, number, "TY"
        elif name == "ER":
            if fields is not None:
                yield begun, fields
            fields = None
        elif fields is None:
            if value and len(problems) < MAX_PROBLEMS:
                problems.append(Problem(number, "a line stands outside any entry"))
        elif name:
            tag = name
            _put(fields, tag, value)
        elif value and tag not in ("", "TY"):
            _go_on(fields, tag, value)
    if fields is not None:
        problems.append(Problem(begun, "an entry has no end (ER): the file may be cut off"))
        yield begun, fields


def _put(fields: _Fields, tag: str, value: str) -> None:
    values = fields.setdefault(tag, [])
    if value and len(values) < _MAX_VALUES:
        values.append(value)
    if not values:
        del fields[tag]


def _go_on(fields: _Fields, tag: str, value: str) -> None:
    """A line without a tag goes on with the value before it."""
    values = fields.setdefault(tag, [])
    before = values.pop() if values else ""
    values.append(f"{before} {value}".strip()[:_MAX_VALUE_CHARS])


def _record(fields: _Fields, *, index: int, line: int) -> Record:
    def first(*tags: str) -> str:
        return next((fields[tag][0] for tag in tags if fields.get(tag)), "")

    kind = _KINDS.get(first("TY").upper(), "document")
    year = _YEAR.search(first("PY", "Y1", "DA", "Y2"))
    dated = next((found for tag in ("DA", "Y1", "PY") if (found := _DATE.match(first(tag)))), None)
    month, day = date_of(
        int(year[1]) if year else None,
        int(dated[1]) if dated else None,
        int(dated[2]) if dated and dated[2] else None,
    )
    authors = _people(fields.get("AU", []) + fields.get("A1", []))
    editors = _people(fields.get("ED", []) + (fields.get("A2", []) if kind != "thesis" else []))
    urls = [url for tag in ("UR", "L1", "L2", "LK") for url in fields.get(tag, []) if url.startswith("http")]
    number = first("IS") or (first("M1") if kind == "report" else "")
    reference = Reference(
        index=index,
        raw="",
        page=0,
        authors=authors or editors,
        title=first("TI", "T1", "CT", "BT"),
        venue=first("T3") if kind == "book" else first("JO", "JF", "T2", "BT", "JA", "J2", "J1"),
        year=int(year[1]) if year else None,
        volume=first("VL"),
        pages=_pages(first("SP"), first("EP")),
        doi=find_doi(first("DO", "DI")) or next((doi for url in urls if (doi := find_doi(url))), ""),
        arxiv_id=_arxiv_id(fields, urls),
        url=urls[0] if urls else "",
        publisher=first("PB"),
    )
    return Record(
        key=first("ID", "LB"),
        kind=kind,
        reference=replace(reference, raw=render(reference, number=number)),
        abstract=first("AB", "N2"),
        note=first("N1", "RN"),
        number=number,
        month=month,
        day=day,
        editors=editors if authors else (),
        line=line,
    )


def _people(values: list[str]) -> tuple[Author, ...]:
    people: list[Author] = []
    for value in values:
        family, given, suffix = ([part.strip() for part in value.split(",", 2)] + ["", ""])[:3]
        if family or given:
            people.append(Author(family=family or given, given=given if family else "", suffix=suffix.strip(", ")))
    return tuple(people)


def _pages(start: str, end: str) -> str:
    start, end = _DASHES.sub("–", start), _DASHES.sub("–", end)
    return f"{start}–{end}" if start and end and end != start else start or end


def _arxiv_id(fields: _Fields, urls: list[str]) -> str:
    held = [text for tag in ("AN", "M1", "C1", "N1", "JO", "T2") for text in fields.get(tag, [])] + urls
    return next((found for text in held if "arxiv" in text.lower() and (found := find_arxiv_id(text))), "")


def _lines(record: Record) -> Iterator[tuple[str, str]]:
    reference = record.reference
    yield "TY", _TYPES[record.kind]
    yield "ID", record.key
    yield from (("AU", _name(person)) for person in reference.authors)
    yield from (("ED", _name(person)) for person in record.editors)
    pages = _RANGE.match(reference.pages)
    pages = None if pages and pages[1] == pages[2] else pages
    date = "/".join(f"{part:02}" for part in (reference.year, record.month, record.day) if part is not None)
    fields = (
        ("TI", reference.title),
        (_VENUES.get(record.kind, "T2"), reference.venue),
        ("PY", str(reference.year or "")),
        ("DA", date if record.month is not None else ""),
        ("VL", reference.volume),
        ("IS", record.number),
        ("SP", pages[1] if pages else reference.pages),
        ("EP", pages[2] if pages else ""),
        ("PB", reference.publisher),
        ("DO", reference.doi),
        ("AN", f"arXiv:{reference.arxiv_id}" if reference.arxiv_id else ""),
        ("UR", reference.url),
        ("AB", record.abstract),
        ("N1", record.note),
    )
    yield from ((tag, value) for tag, value in fields if value)
    yield "ER", ""


def _name(person: Author) -> str:
    parts = [" ".join(part.replace(",", " ").split()) for part in (person.family, person.given, person.suffix)]
    return ", ".join(parts[: 3 if parts[2] else 2 if parts[1] else 1])
