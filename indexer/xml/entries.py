"""Entries of reference lists that come in fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Box, Reference

_URL = re.compile(r"https?://[^\s<>\"]{4,500}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The fields of an entry; what is not given is empty."""

    authors: tuple[Author, ...] = ()
    title: str = ""
    venue: str = ""
    year: int | None = None
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    arxiv_id: str = ""
    url: str = ""
    publisher: str = ""

    @property
    def telling(self) -> int:
        """How many of authors, title or venue, and year are known: two make an entry."""
        return bool(self.authors) + bool(self.title or self.venue) + bool(self.year)

    def written_out(self) -> str:
        """The entry as a line of text, as a reference list might print it."""
        names = "; ".join(_name(author) for author in self.authors)
        head = f"{names} ({self.year})" if names and self.year else names or (str(self.year) if self.year else "")
        volume = f"{self.volume}({self.issue})" if self.volume and self.issue else self.volume or self.issue
        place = ", ".join(part for part in (self.venue, volume, self.pages) if part)
        address = f"https://doi.org/{self.doi}" if self.doi else self.url
        if not address and self.arxiv_id:
            address = f"arXiv:{self.arxiv_id}"
        parts = [_stopped(part) for part in (head, self.title, place, self.publisher) if part]
        return " ".join([*parts, address] if address else parts)


def make_reference(
    entry: Entry,
    *,
    index: int,
    label: str,
    raw: str,
    page: int = 0,
    boxes: tuple[Box, ...] = (),
    otherwise: Reference | None = None,
) -> Reference:
    """A record of an entry; fields that it lacks are those of ``otherwise``, identifiers are looked for in ``raw``."""
    url = _URL.search(raw)
    return Reference(
        index=index,
        raw=raw,
        page=page,
        boxes=boxes,
        label=label,
        authors=entry.authors or (otherwise.authors if otherwise else ()),
        title=entry.title or (otherwise.title if otherwise else ""),
        venue=entry.venue or (otherwise.venue if otherwise else ""),
        year=entry.year or (otherwise.year if otherwise else None),
        volume=entry.volume or (otherwise.volume if otherwise else ""),
        pages=entry.pages or (otherwise.pages if otherwise else ""),
        doi=entry.doi or (otherwise.doi if otherwise else "") or find_doi(raw),
        arxiv_id=entry.arxiv_id or (otherwise.arxiv_id if otherwise else "") or find_arxiv_id(raw),
        url=entry.url or (otherwise.url if otherwise else "") or (url[0].rstrip(".,;)") if url else ""),
        publisher=entry.publisher or (otherwise.publisher if otherwise else ""),
    )


def _name(author: Author) -> str:
    return ", ".join(part for part in (author.family, author.given, author.suffix) if part)


def _stopped(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}."
