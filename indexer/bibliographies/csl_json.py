"""CSL-JSON: what Zotero, Crossref and citation processors exchange.

Items are read one by one, so that each is known by its line and a broken one ends nothing but the reading of what
stands behind it, since JSON offers no place to take up again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Reference
from core.text import clean
from indexer.bibliographies.fields import render
from indexer.bibliographies.records import MAX_ENTRIES, MAX_PROBLEMS, Kind, Problem, Record, date_of

_KINDS: dict[str, Kind] = {
    **{kind: kind for kind in get_args(Kind)},
    "article": "document", "article-magazine": "article-journal", "article-newspaper": "article-journal",
    "journal-article": "article-journal", "proceedings-article": "paper-conference", "posted-content": "document",
    "book-chapter": "chapter", "monograph": "book", "dissertation": "thesis", "post-weblog": "webpage",
    "entry-encyclopedia": "chapter", "speech": "paper-conference",
}  # fmt: skip
_ISSUED: frozenset[Kind] = frozenset({"report", "thesis"})
"""The house that they come from is their publisher in CSL, and their venue here."""
_MAX_TEXT_CHARS = 20_000
_MAX_PEOPLE = 2_000
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|span|jats:\w{1,20}|p)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]\d\d|20\d\d)(?!\d)")
_RAW_DATE = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?!\d)")
_DASHES = re.compile(r"\s*[-–—]+\s*")
_BETWEEN = re.compile(r"[\s,]*")


def read_csl_json(text: str) -> tuple[list[Record], list[Problem]]:
    """The items of a list, of an object's ``items``, or a single one; and what cannot be read."""
    records: list[Record] = []
    problems: list[Problem] = []
    line = 1
    counted_to = 0
    for start, item in _items(text):
        line += text.count("\n", counted_to, start)
        counted_to = start
        if isinstance(item, str):
            problems.append(Problem(line, item))
        elif not isinstance(item, dict):
            problems.append(Problem(line, "an item is no object with fields"))
        elif len(records) >= MAX_ENTRIES:
            problems.append(Problem(line, f"{MAX_ENTRIES:,} items are read at most: the rest is left out"))
            break
        else:
            records.append(_record(item, index=len(records), line=line))
        if len(problems) >= MAX_PROBLEMS:
            break
    return records, problems


def write_csl_json(records: Iterable[Record]) -> str:
    """A list of items, indented, with a line end at the end."""
    return json.dumps([csl_item(record) for record in records], ensure_ascii=False, indent=2) + "\n"


def csl_item(record: Record) -> dict[str, Any]:
    """A record as an item, without empty fields."""
    reference = record.reference
    date = [part for part in (reference.year, record.month, record.day) if part is not None]
    held_in = "collection-title" if record.kind == "book" else "container-title"
    issued_by = reference.publisher
    if record.kind in _ISSUED and not issued_by:
        held_in, issued_by = "publisher", reference.venue
    item: dict[str, Any] = {
        "id": record.key,
        "type": "article" if record.kind == "document" and reference.arxiv_id else record.kind,
        "title": reference.title,
        "author": [csl_name(person) for person in reference.authors],
        "editor": [csl_name(person) for person in record.editors],
        "issued": {"date-parts": [date]} if date else None,
        held_in: reference.venue,
        "publisher": issued_by,
        "volume": reference.volume,
        "issue" if record.kind == "article-journal" else "number": record.number,
        "page": reference.pages,
        "DOI": reference.doi,
        "URL": reference.url,
        "archive": "arXiv" if reference.arxiv_id else "",
        "archive_location": reference.arxiv_id,
        "abstract": record.abstract,
        "note": record.note,
    }
    return {name: value for name, value in item.items() if value}


def csl_name(person: Author) -> dict[str, str]:
    """A person by the parts of the name, a collaboration as it is."""
    if not person.given and not person.suffix:
        return {"literal": person.family}
    name = {"family": person.family, "given": person.given, "suffix": person.suffix}
    return {part: value for part, value in name.items() if value}


def _items(text: str) -> Iterator[tuple[int, Any]]:
    """Each item and where it begins; in the place of what is no JSON, a sentence that says so."""
    decoder = json.JSONDecoder()
    position = _BETWEEN.match(text)
    start = position.end() if position else 0
    listed = re.compile(r'\s*\{\s*"items"\s*:\s*\[').match(text)
    whole = not text.startswith("[", start) and listed is None
    place = listed.end() if listed else start + (0 if whole else 1)
    while True:
        found = _BETWEEN.match(text, place)
        place = found.end() if found else place
        if place >= len(text) or text[place] == "]":
            if not whole and place >= len(text):
                yield place, "the list is never closed: items may be missing"
            return
        try:
            item, end = decoder.raw_decode(text, place)
        except RecursionError:
            yield place, "an item is nested deeper than any; nothing behind it is read"
            return
        except ValueError as error:
            at = getattr(error, "pos", place)
            yield min(at, len(text)), "this is no JSON; nothing behind it is read"
            return
        yield place, item
        if whole:
            return
        place = end


def _record(item: Mapping[str, Any], *, index: int, line: int) -> Record:
    year, month, day = _date(item.get("issued"))
    month, day = date_of(year, month, day)
    kind = _KINDS.get(_text(item.get("type")).lower(), "document")
    authors, editors = _people(item.get("author")), _people(item.get("editor"))
    url = _text(item.get("URL"))
    number = _text(item.get("issue")) or _text(item.get("number"))
    doi = find_doi(_text(item.get("DOI"))) or find_doi(url)
    arxiv_id = _arxiv_id(item)
    if arxiv_id and find_arxiv_id(number) == arxiv_id:
        number = ""
    venue = _text(item.get("container-title")) or (_text(item.get("collection-title")) if kind == "book" else "")
    publisher = _text(item.get("publisher"))
    if kind in _ISSUED and not venue:
        venue, publisher = publisher, ""
    reference = Reference(
        index=index,
        raw="",
        page=0,
        authors=authors or editors,
        title=_text(item.get("title")),
        venue=venue or (_text(item.get("event-title")) if kind == "paper-conference" else ""),
        year=year,
        volume=_text(item.get("volume")),
        pages=_DASHES.sub("–", _text(item.get("page"))),
        doi=doi,
        arxiv_id=arxiv_id,
        url=url if url.startswith(("http://", "https://")) else "",
        publisher=publisher,
    )
    return Record(
        key=_text(item.get("id")) or _text(item.get("citation-key")),
        kind=kind,
        reference=replace(reference, raw=render(reference, number=number)),
        abstract=_text(item.get("abstract")),
        note=_text(item.get("note")),
        number=number,
        month=month,
        day=day,
        editors=editors if authors else (),
        line=line,
    )


def _arxiv_id(item: Mapping[str, Any]) -> str:
    if _text(item.get("archive")).lower() == "arxiv" and (held := _text(item.get("archive_location"))):
        return find_arxiv_id(held) or find_arxiv_id(f"arXiv:{held}")
    places = (_text(item.get(name)) for name in ("number", "note", "URL", "DOI", "publisher"))
    return next((found for text in places if "arxiv" in text.lower() and (found := find_arxiv_id(text))), "")


def _text(value: Any) -> str:
    """A string or number as clean text; of a list, which Crossref gives, the first; anything else is empty."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(_MARKUP.sub("", str(value)[:_MAX_TEXT_CHARS]))


def _people(value: Any) -> tuple[Author, ...]:
    people = (
        (_person(each) for each in value[:_MAX_PEOPLE] if isinstance(each, dict)) if isinstance(value, list) else ()
    )
    return tuple(person for person in people if person is not None)


def _person(name: Mapping[str, Any]) -> Author | None:
    particles = (_text(name.get(part)) for part in ("dropping-particle", "non-dropping-particle"))
    family = " ".join(part for part in (*particles, _text(name.get("family"))) if part)
    given = _text(name.get("given"))
    family = family or _text(name.get("literal")) or _text(name.get("name"))
    if not family:
        family, given = given, ""
    return Author(family=family, given=given, suffix=_text(name.get("suffix"))) if family else None


def _date(value: Any) -> tuple[int | None, int | None, int | None]:
    if isinstance(value, dict):
        parts = value.get("date-parts")
        first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
        numbers = [int(text) for each in first[:3] if (text := _text(each)).isascii() and text.isdecimal()
                   and len(text) <= 4]  # fmt: skip
        if numbers and _YEAR.fullmatch(str(numbers[0])):
            padded = [*numbers, None, None]
            return padded[0], padded[1], padded[2]
        value = value.get("raw") or value.get("literal")
    found = _RAW_DATE.search(_text(value))
    if found is None:
        return None, None, None
    return int(found[1]), int(found[2]) if found[2] else None, int(found[3]) if found[3] else None
