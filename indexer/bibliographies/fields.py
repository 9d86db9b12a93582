"""Entries of BibTeX to references and records: fields read exactly, and the whole as a line for reading.

Fields are LaTeX; whoever calls says how that is turned into text (a ``Decoder``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Reference
from core.text import clean
from indexer.bibliographies.bibtex import Entry
from indexer.bibliographies.names import OTHERS, read_name, split_names
from indexer.bibliographies.records import Kind, Record, date_of

Decoder = Callable[[str], str]
"""A field's value, as LaTeX source, to plain text."""

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_RANGE = re.compile(r"\s*[-–—]+\s*")
_VENUES = ("journal", "journaltitle", "booktitle", "maintitle", "school", "institution", "howpublished", "series")
_PUBLISHERS = ("publisher", "organization", "institution", "school")
_MAX_AUTHORS = 2_000
_WHOLE_URL = re.compile(r"https?://[^\s<>\"]+")
_KINDS: dict[str, Kind] = {
    "article": "article-journal", "periodical": "article-journal", "suppperiodical": "article-journal",
    "book": "book", "mvbook": "book", "proceedings": "book", "collection": "book", "booklet": "book", "manual": "book",
    "incollection": "chapter", "inbook": "chapter", "inreference": "chapter",
    "inproceedings": "paper-conference", "conference": "paper-conference",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis",
    "techreport": "report", "report": "report",
    "online": "webpage", "electronic": "webpage", "www": "webpage", "dataset": "dataset", "software": "software",
}  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_DATE = re.compile(r"(?:1[5-9]|20)\d\d-(\d{1,2})(?:-(\d{1,2}))?(?!\d)")
_WORD = re.compile(r"[a-z]{3}", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_URL = re.compile(r"https?://[^\s{}\\<>\"]+")


def reference_of(decode: Decoder, entry: Entry, *, index: int, label: str) -> Reference:
    """An entry as a reference; its text is set in a plain style."""
    fields = entry.fields
    authors = people(decode, fields.get("author", ""))
    editors = people(decode, fields.get("editor", ""))
    title = _title(decode, fields)
    venue = _venue(decode, entry)
    doi, arxiv_id, url = identifiers(fields)
    pages = _RANGE.sub("–", decode(fields.get("pages", fields.get("eid", fields.get("articleno", "")))))
    publisher = next((decode(fields[name]) for name in _PUBLISHERS if fields.get(name)), "")
    if publisher == venue:
        publisher = ""
    year = _year(decode, fields)
    number = decode(fields.get("number", fields.get("issue", "")))
    reference = Reference(
        index=index,
        raw="",
        page=0,
        label=label,
        authors=authors or editors,
        title=title,
        venue=venue,
        year=year,
        volume=decode(fields.get("volume", "")),
        pages=pages,
        doi=doi,
        arxiv_id=arxiv_id,
        url=url,
        publisher=publisher,
    )
    return replace(reference, raw=render(reference, number=number))


def record_of(decode: Decoder, entry: Entry, *, index: int) -> Record:
    """An entry as a record, with all that bibliographies know beyond a reference."""
    fields = entry.fields
    reference = reference_of(decode, entry, index=index, label="")
    editors = people(decode, fields.get("editor", ""))
    month, day = date_of(reference.year, *_day(decode, fields))
    return Record(
        key=entry.key,
        kind=_KINDS.get(entry.kind, "document"),
        reference=reference,
        abstract=decode(fields.get("abstract", "")),
        note=decode(fields.get("note", fields.get("annote", ""))),
        number=decode(fields.get("number", fields.get("issue", ""))),
        month=month,
        day=day,
        editors=editors if editors != reference.authors else (),
        line=entry.line,
    )


def people(decode: Decoder, value: str) -> tuple[Author, ...]:
    """The names of a field, in order; ``others`` is nobody."""
    found: list[Author] = []
    for text in split_names(value)[:_MAX_AUTHORS]:
        if text.lower() == OTHERS:
            continue
        if text.startswith("{") and text.endswith("}") and text.count("{") == text.count("}") and "," not in text:
            family = decode(text)
            if family:
                found.append(Author(family=family))
            continue
        name = read_name(text)
        family, given = decode(name.family), decode(name.given)
        suffix = decode(name.suffix)
        if family or given:
            found.append(Author(family=family or given, given=given if family else "", suffix=suffix))
    return tuple(found)


def _title(decode: Decoder, fields: Mapping[str, str]) -> str:
    title = decode(fields.get("title", ""))
    subtitle = decode(fields.get("subtitle", ""))
    title = title or (decode(fields.get("booktitle", "")) if "booktitle" in fields else "")
    return f"{title}: {subtitle}" if title and subtitle else title


def _venue(decode: Decoder, entry: Entry) -> str:
    names = ("series",) if entry.kind in ("book", "proceedings", "collection") else _VENUES
    for name in names:
        text = decode(entry.fields.get(name, ""))
        if name == "howpublished" and ("http" in text or text.lower().startswith("url")):
            continue
        if text:
            return text
    return ""


def _year(decode: Decoder, fields: Mapping[str, str]) -> int | None:
    for name in ("year", "date", "eventdate", "urldate"):
        if name == "urldate" and (fields.get("year") or fields.get("date")):
            continue
        match = _YEAR.search(decode(fields.get(name, "")))
        if match is not None and name != "urldate":
            return int(match[1])
    return None


def _day(decode: Decoder, fields: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Month and day: of biblatex's date, else of the month's name or number, beside which the day may stand."""
    dated = _DATE.match(fields.get("date", "").strip())
    if dated is not None:
        return int(dated[1]), int(dated[2]) if dated[2] else None
    month, day = decode(fields.get("month", "")), decode(fields.get("day", ""))
    named = _WORD.search(month)
    numbers = [int(number) for number in _NUMBER.findall(month)]
    found = _MONTHS.get(named[0].lower()) if named else (numbers.pop(0) if numbers else None)
    return found, int(day) if _NUMBER.fullmatch(day) else (numbers[0] if numbers else None)


def identifiers(fields: Mapping[str, str]) -> tuple[str, str, str]:
    """DOI, arXiv id and URL of an entry; notes count where the proper field is missing."""
    plain = {name: value.replace("\\_", "_").replace("{", "").replace("}", "").replace("\\", "") for name, value in
             fields.items() if name in ("doi", "url", "eprint", "note", "howpublished", "journal", "ee", "link",
                                        "archiveprefix", "eprinttype", "volume", "pages", "number")}  # fmt: skip
    doi = find_doi(plain.get("doi", "")) or find_doi(plain.get("url", "")) or find_doi(plain.get("ee", ""))
    doi = doi or find_doi(plain.get("note", ""))
    arxiv_id = ""
    eprint = plain.get("eprint", "").strip()
    kind = (plain.get("archiveprefix") or plain.get("eprinttype") or "arxiv").strip().lower()
    if eprint and kind == "arxiv":
        arxiv_id = find_arxiv_id(eprint) or find_arxiv_id(f"arXiv:{eprint}")
    for name in ("url", "ee", "journal", "note", "howpublished", "volume", "pages", "number", "doi"):
        arxiv_id = arxiv_id or (find_arxiv_id(plain[name]) if "arxiv" in plain.get(name, "").lower() else "")
    url = ""
    for name in ("url", "ee", "link", "howpublished", "note"):
        if name == "url" and _WHOLE_URL.fullmatch(plain.get("url", "").strip()):
            url = plain["url"].strip()
            break
        match = _URL.search(plain.get(name, ""))
        if match is not None:
            url = match[0].rstrip(".,;)")
            break
    return doi, arxiv_id, url


def render(reference: Reference, *, number: str = "") -> str:
    """A reference as a line: authors, year, title, venue with volume and pages, publisher, identifier."""
    names = [f"{author.family}, {author.given}".rstrip(", ") for author in reference.authors]
    who = "; ".join(names)
    parts = [f"{who} ({reference.year})" if reference.year and who else who or (f"({reference.year})" if reference.year
                                                                                else "")]  # fmt: skip
    parts.append(reference.title)
    place = reference.venue
    if reference.volume:
        place = f"{place} {reference.volume}".strip() + (f"({number})" if number else "")
    if reference.pages:
        place = f"{place}, {reference.pages}".lstrip(", ")
    parts.extend([place, reference.publisher])
    if reference.doi:
        parts.append(f"doi:{reference.doi}")
    elif reference.arxiv_id:
        parts.append(f"arXiv:{reference.arxiv_id}")
    elif reference.url:
        parts.append(reference.url)
    return clean(" ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part))
