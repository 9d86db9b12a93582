"""The header of GROBID's TEI: title, authors, affiliations, keywords, identifiers, date, journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author
from indexer.xml.draft import Front
from indexer.xml.inline import children, plain
from indexer.xml.tei_rules import TEXT

if TYPE_CHECKING:
    from lxml.etree import _Element

_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_SEPARATORS = re.compile(r"\s*[;·•|]\s*")
_COMMAS = re.compile(r"\s*,\s*")


def read_header(root: _Element) -> Front:
    """Read the header; what is not there stays empty."""
    header = root.find("teiHeader")
    if header is None:
        return Front()
    source = header.find("fileDesc/sourceDesc/biblStruct")
    analytic = source.find("analytic") if source is not None else None
    ids = read_ids(source)
    published = header.find("fileDesc/publicationStmt/date")
    return Front(
        title=main_title(header.find("fileDesc/titleStmt")) or main_title(analytic),
        authors=tuple(read_authors(analytic, "author")),
        affiliations=_affiliations(analytic),
        year=read_year(published) or read_year(source.find(".//imprint/date") if source is not None else None),
        venue=_venue(source),
        doi=find_doi(ids.get("doi", "")),
        arxiv_id=read_arxiv_id(ids),
        keywords=_keywords(header),
    )


def main_title(holder: _Element | None, *levels: str) -> str:
    """The main title in an element, of one of the levels when some are given; the first one when none is main."""
    titles = [] if holder is None else [
        title for title in holder.iterchildren("title") if not levels or title.get("level") in levels
    ]  # fmt: skip
    titles.sort(key=lambda title: title.get("type") != "main")
    return next((text for title in titles if (text := plain(title, TEXT))), "")


def read_authors(holder: _Element | None, tag: str) -> Iterator[Author]:
    """The persons and collaborations of an element, in order; authors that are affiliations alone are passed over."""
    for element in holder.iterchildren(tag) if holder is not None else ():
        name = element.find("persName")
        if name is None:
            name = element if element.find("surname") is not None else None
        if name is not None:
            given = " ".join(text for part in name.iterchildren("forename") if (text := plain(part, TEXT)))
            family = plain(name.find("surname"), TEXT)
            suffix = plain(name.find("genName"), TEXT)
            if family or given:
                yield Author(family=family or given, given=given if family else "", suffix=suffix)
            continue
        group = next((each for each in element.iterchildren("orgName")), None)
        text = plain(group, TEXT)
        if text:
            yield Author(family=text)


def read_ids(source: _Element | None) -> dict[str, str]:
    """Identifiers by their lower-cased kind; of several of a kind the first."""
    found: dict[str, str] = {}
    for element in source.iter("idno") if source is not None else ():
        found.setdefault((element.get("type") or "").lower(), plain(element, TEXT))
    return found


def read_arxiv_id(ids: dict[str, str]) -> str:
    """The arXiv identifier among identifiers: ``arXiv:2101.00001v2[cs.CL]`` without version and class."""
    text = ids.get("arxiv", "").partition("[")[0]
    return find_arxiv_id(text) or find_arxiv_id(f"arXiv:{text}") or find_arxiv_id(ids.get("doi", ""))


def read_year(date: _Element | None) -> int | None:
    """The year of a date, as normalised or as printed."""
    if date is None:
        return None
    match = _YEAR.search(date.get("when") or "") or _YEAR.search(plain(date, TEXT))
    return int(match[1]) if match else None


def _affiliations(analytic: _Element | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for element in analytic.iter("affiliation") if analytic is not None else ():
        raw = next((note for note in element.iterchildren("note") if note.get("type") == "raw_affiliation"), None)
        if raw is not None:
            label = plain(raw.find("label"), TEXT)
            text = plain(raw, TEXT).removeprefix(label).strip(" ,;")
        else:
            parts = [each for child in children(element) for each in (child.iter("addrLine", "postCode", "settlement",
                     "region", "country") if child.tag == "address" else [child])]  # fmt: skip
            text = ", ".join(text for part in parts if (text := plain(part, TEXT).strip(" ,;")))
        if any(char.isalpha() for char in text):
            found[text] = None
    return tuple(found)


def _venue(source: _Element | None) -> str:
    monograph = source.find("monogr") if source is not None else None
    if monograph is None:
        return ""
    return main_title(monograph, "j") or main_title(monograph, "m") or plain(monograph.find("meeting"), TEXT)


def _keywords(header: _Element) -> tuple[str, ...]:
    holder = header.find("profileDesc/textClass/keywords")
    if holder is None:
        return ()
    words = [plain(term, TEXT) for term in holder.iter("term")]
    if not words:
        text = plain(holder, TEXT)
        words = _SEPARATORS.split(text)
        words = words if len(words) > 1 else _COMMAS.split(text)
    return tuple(dict.fromkeys(word for each in words if (word := each.strip(" ,;."))))
