"""Entries of bibliographies to references: fields read exactly, and the whole as a line for reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Reference
from core.text import clean
from indexer.latex.bibnames import OTHERS, read_name, split_names
from indexer.latex.bibtex import Entry
from indexer.latex.flow import without_marks
from indexer.latex.reader import Reader
from indexer.latex.tokens import tokenize

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_RANGE = re.compile(r"\s*[-–—]+\s*")
_VENUES = ("journal", "journaltitle", "booktitle", "maintitle", "school", "institution", "howpublished", "series")
_PUBLISHERS = ("publisher", "organization", "institution", "school")
_MAX_AUTHORS = 2_000
_PERCENT = re.compile(r"\\?%")
_URL = re.compile(r"https?://[^\s{}\\<>\"]+")


def text_of(reader: Reader, source: str) -> str:
    """A field's value as plain text."""
    if not any(char in source for char in "\\$~`%#&^_"):
        plain = source.replace("{", "").replace("}", "").replace("''", "”")
        return clean(plain.replace("---", "—").replace("--", "–"))
    # In a field a percent sign begins no comment.
    tokens = tokenize(_PERCENT.sub(r"\%", source))
    return clean(without_marks(reader.inline(tokens))).replace("’", "'")


def reference_of(reader: Reader, entry: Entry, *, index: int, label: str) -> Reference:
    """An entry as a reference; its text is set in a plain style."""
    fields = entry.fields
    authors = people(reader, fields.get("author", ""))
    editors = people(reader, fields.get("editor", ""))
    title = _title(reader, fields)
    venue = _venue(reader, entry)
    doi, arxiv_id, url = identifiers(fields)
    pages = _RANGE.sub("–", text_of(reader, fields.get("pages", fields.get("eid", fields.get("articleno", "")))))
    publisher = next((text_of(reader, fields[name]) for name in _PUBLISHERS if fields.get(name)), "")
    if publisher == venue:
        publisher = ""
    year = _year(reader, fields)
    number = text_of(reader, fields.get("number", fields.get("issue", "")))
    reference = Reference(
        index=index,
        raw="",
        page=0,
        label=label,
        authors=authors or editors,
        title=title,
        venue=venue,
        year=year,
        volume=text_of(reader, fields.get("volume", "")),
        pages=pages,
        doi=doi,
        arxiv_id=arxiv_id,
        url=url,
        publisher=publisher,
    )
    return replace(reference, raw=render(reference, number=number))


def people(reader: Reader, value: str) -> tuple[Author, ...]:
    """The names of a field, in order; ``others`` is nobody."""
    found: list[Author] = []
    for text in split_names(value)[:_MAX_AUTHORS]:
        if text.lower() == OTHERS:
            continue
        if text.startswith("{") and text.endswith("}") and text.count("{") == text.count("}") and "," not in text:
            family = text_of(reader, text)
            if family:
                found.append(Author(family=family))
            continue
        name = read_name(text)
        family, given = text_of(reader, name.family), text_of(reader, name.given)
        suffix = text_of(reader, name.suffix)
        if family or given:
            found.append(Author(family=family or given, given=given if family else "", suffix=suffix))
    return tuple(found)


def _title(reader: Reader, fields: Mapping[str, str]) -> str:
    title = text_of(reader, fields.get("title", ""))
    subtitle = text_of(reader, fields.get("subtitle", ""))
    title = title or (text_of(reader, fields.get("booktitle", "")) if "booktitle" in fields else "")
    return f"{title}: {subtitle}" if title and subtitle else title


def _venue(reader: Reader, entry: Entry) -> str:
    names = ("series",) if entry.kind in ("book", "proceedings", "collection") else _VENUES
    for name in names:
        text = text_of(reader, entry.fields.get(name, ""))
        if name == "howpublished" and ("http" in text or text.lower().startswith("url")):
            continue
        if text:
            return text
    return ""


def _year(reader: Reader, fields: Mapping[str, str]) -> int | None:
    for name in ("year", "date", "eventdate", "urldate"):
        if name == "urldate" and (fields.get("year") or fields.get("date")):
            continue
        match = _YEAR.search(text_of(reader, fields.get(name, "")))
        if match is not None and name != "urldate":
            return int(match[1])
    return None


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
