"""What banners, stamps and notes tell of the publication: DOI, arXiv identifier, year, venue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from core.identifiers import find_arxiv_id, find_doi
from core.text import clean
from indexer.pdf.geometry import Line

_DATE = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?((?:19|20)\d\d)\b"
)
_DATE_LINE_CHARS = 40
_YEAR = re.compile(r"\b(19[5-9]\d|20[0-4]\d)\b")
_PUBLISHED = re.compile(
    r"\b(?:published(?: online)?|publication date|available online|first published)\b[^.;]{0,30}?\b((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)[^.;\d]{0,40}?\b((?:19|20)\d\d)\b", re.IGNORECASE)
_HISTORY = re.compile(
    r"\b(?:received|accepted|revised|submitted|submission|dated|accessed|downloaded)\b", re.IGNORECASE
)
_SUBMITTED = re.compile(
    r"\b(?:submitted to|accepted (?:by|in|for publication in)|to appear in|published in)\s+(?:the\s+)?"
    r"([A-Z][^.;:()\d]{3,80})"
)
_VOLUME = re.compile(
    r"^(?:[^/]{3,40}\s/\s)?([A-Z][^\d.;:()/|]{3,80}?),?\s*(?:(?:,\s*)?\b[Vv]ol(?:ume|\.)?\s*\d|\d{1,4}\s?\((?:19|20)\d\d\)|"
    r"\((?:19|20)\d\d\)\s*\d{1,4}\s?[:(,])"
)
_VENUE_GOES_ON = re.compile(r"^([A-Z][\w ]{2,40}),?\s*\d{1,4}\s*[(,:]")
_VENUE = re.compile(
    r"\b((?:[A-Z]\w{1,30} ){0,6}(?:Journal|Transactions|Proceedings|Annals|Letters|Review)\b[^,.;()\d]{0,60})"
)


def find_identifiers(texts: Sequence[str]) -> tuple[str, str]:
    """The paper's own DOI and arXiv id, from lines of the first page: banner, margin, stamps."""
    doi = arxiv_id = ""
    for text in texts:
        found = find_doi(text)
        # A DOI that goes over the line end is known by the fuller one that extends it.
        if found and (not doi or (found.startswith(doi) and len(found) > len(doi))):
            doi = found
        arxiv_id = arxiv_id or find_arxiv_id(text)
    return doi, arxiv_id


def find_date_year(lines: Sequence[Line], *, body: float) -> int | None:
    """The year of a date that stands on a line of its own, or in a note in small type."""
    for line in lines:
        match = _DATE.search(line.text)
        if match is not None and (len(line.text) <= _DATE_LINE_CHARS or line.size < 0.95 * body):
            return int(match[1])
    return None


def find_year(texts: Sequence[str]) -> int | None:
    """The year of publication from banner lines: as published, of the copyright, else the first that is printed.

    Dates of receipt and acceptance come last: a paper may appear years after.
    """
    for pattern in (_PUBLISHED, _COPYRIGHT):
        for text in texts:
            match = pattern.search(text)
            if match is not None:
                return int(match[1])
    for text in sorted(texts, key=lambda text: bool(_HISTORY.search(text))):
        match = _YEAR.search(text)
        if match is not None:
            return int(match[1])
    return None


def find_venue(texts: Sequence[str]) -> str:
    """The journal or proceedings named in banner lines, empty when none is."""
    for pattern in (_SUBMITTED, _VOLUME, _VENUE):
        for text, following in pairwise((*texts, "")):
            match = pattern.search(text)
            if match is None or " " not in match[1].strip():
                continue
            rest = _VENUE_GOES_ON.match(following) if match.end() == len(text) else None
            return clean(f"{match[1]} {rest[1]}" if rest else match[1]).strip(" ,")
    return ""
