"""The reference list of GROBID's TEI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.identifiers import find_doi
from indexer.xml.draft import Draft
from indexer.xml.entries import Entry, make_reference
from indexer.xml.inline import plain
from indexer.xml.tei_header import main_title, read_arxiv_id, read_authors, read_ids, read_year
from indexer.xml.tei_pages import Pages
from indexer.xml.tei_rules import TEXT

if TYPE_CHECKING:
    from lxml.etree import _Element

_LABEL = re.compile(r"\[([^\]\s]{1,12})\]\s*|(\d{1,3})[.)]\s+(?=[^\d\s])")
_RANGE = re.compile(r"\s?[-–—]+\s?")


def read_references(root: _Element, draft: Draft, pages: Pages) -> None:
    """Add the entries to the draft, with the ids by which the text names them."""
    page = pages.count
    for listed in root.iter("listBibl"):
        for element in listed.iterchildren("biblStruct"):
            boxes = pages.boxes(element)
            page = boxes[0].page if boxes else page
            label, raw = _printed(element)
            entry = _entry(element)
            raw = raw or entry.written_out()
            if not raw:
                continue
            index = len(draft.references)
            draft.references.append(make_reference(entry, index=index, label=label, raw=raw, page=page, boxes=boxes))
            if element.get("id"):
                draft.by_id.setdefault(element.get("id", ""), (index,))


def _printed(element: _Element) -> tuple[str, str]:
    """Label and text as printed, when the source keeps them."""
    for note in element.iter("note"):
        if note.get("type") == "raw_reference":
            text = plain(note, TEXT)
            match = _LABEL.match(text)
            if match is None:
                return "", text
            return match[1] or match[2], text[match.end() :]
    return "", ""


def _entry(element: _Element) -> Entry:
    analytic, monograph, series = (element.find(name) for name in ("analytic", "monogr", "series"))
    authors = tuple(read_authors(analytic, "author")) or tuple(read_authors(monograph, "author"))
    title, journal = main_title(analytic), main_title(monograph, "j")
    book = main_title(monograph, "m", "u") or ("" if journal else main_title(monograph))
    meeting = plain(monograph.find("meeting"), TEXT) if monograph is not None else ""
    venue = journal or book or meeting
    if not title and book:
        title, venue = book, journal or meeting
    ids = read_ids(element)
    pointer = next((ptr.get("target", "") for ptr in element.iter("ptr")), "")
    return Entry(
        authors=authors or tuple(read_authors(monograph, "editor")),
        title=title.strip(" ,"),
        venue=venue or main_title(series),
        year=read_year(element.find(".//imprint/date")),
        volume=_scope(element, "volume"),
        issue=_scope(element, "issue"),
        pages=_pages(element),
        doi=find_doi(ids.get("doi", "")) or find_doi(pointer),
        arxiv_id=read_arxiv_id(ids),
        url=pointer if pointer.lower().startswith(("http://", "https://", "ftp://")) else "",
        publisher=plain(element.find(".//imprint/publisher"), TEXT),
    )


def _scope(element: _Element, unit: str) -> str:
    return next((plain(scope, TEXT) for scope in element.iter("biblScope") if scope.get("unit") == unit), "")


def _pages(element: _Element) -> str:
    for scope in element.iter("biblScope"):
        if scope.get("unit") in ("page", "pp"):
            first, last = (scope.get(name, "").strip() for name in ("from", "to"))
            if first:
                return f"{first}–{last}" if last and last != first else first
            return _RANGE.sub("–", plain(scope, TEXT))
    return ""
