"""Citations by author and title or page: (Smith, Short Title 45), (Smith 45), Smith ("Short Title")."""

from __future__ import annotations

import re

from core.text import title_key
from indexer.references.linking.entries import NamedEntry, Names, distinct
from indexer.references.linking.links import Link, Pair, bracket_pairs
from indexer.references.linking.lists import Lists
from indexer.references.linking.names import People, readings

_MAX_CHARS = 400
_QUOTED = re.compile(r"[“\"‘«„]\s*([^“”\"«»„]{3,200}?)[.,]?\s*[”\"’»“]")
_PAGES = re.compile(r"[,.]?\s*(?:pp?\.\s*)?\d{1,4}(?:\s?[-–]\s?\d{1,4})?(?:,\s*\d{1,4}(?:[-–]\d{1,4})?)*\s*$")
_PREFIX = re.compile(r"^(?:see(?: also)?|e\.\s?g\.|cf\.|qtd\. in|quoted in)[,:]?\s+", re.IGNORECASE)
_LEAST_TITLE = 6
"""Letters of a short title that must agree."""


def find_author_title(text: str, names: Names, lists: Lists, page: int) -> list[Link]:
    """Find citations that name authors and a page or a short title between brackets."""
    links: list[Link] = []
    for pair in bracket_pairs(text, most=_MAX_CHARS):
        if text[pair.start] != "(":
            continue
        link = _between(text, pair, names, lists, page) or _before(text, pair, names, lists, page)
        if link is not None:
            links.append(link)
    return links


def _between(text: str, pair: Pair, names: Names, lists: Lists, page: int) -> Link | None:
    """All parts of a bracket must be citations: anything else between brackets is text."""
    indices: list[int] = []
    for part in text[pair.start + 1 : pair.end - 1].split(";"):
        found = cited_entry(_PREFIX.sub("", part.strip()), names, lists, page)
        if found is None:
            return None
        indices.append(found)
    return Link(pair.start, pair.end, tuple(dict.fromkeys(indices))) if indices else None


def cited_entry(part: str, names: Names, lists: Lists, page: int) -> int | None:
    """The one entry that an author with a page or a short title names; None when there is none, or several."""
    part = _PAGES.sub("", part).strip()
    quoted = _QUOTED.search(part)
    if quoted is not None:
        return _entry(part[: quoted.start()], quoted[1], names, lists, page)
    found = _entry(part, "", names, lists, page)
    if found is not None:
        return found
    # A book's title is set in italics: it begins after one of the commas, or at any word.
    for match in re.finditer(r"[,.]\s+|\s+", part):
        found = _entry(part[: match.start()], part[match.end() :], names, lists, page)
        if found is not None and len(title_key(part[match.end() :])) >= _LEAST_TITLE:
            return found
    return None


def _before(text: str, pair: Pair, names: Names, lists: Lists, page: int) -> Link | None:
    """Names in the sentence, and a short title or a page between brackets."""
    inner = text[pair.start + 1 : pair.end - 1].strip()
    quoted = _QUOTED.match(inner)
    pages = _PAGES.match(inner)
    if quoted is None and (pages is None or len(inner) > 12):
        title = _PAGES.sub("", inner)
        if len(title_key(title)) < _LEAST_TITLE:
            return None
    else:
        title = quoted[1] if quoted is not None else ""
    offset = max(0, pair.start - 160)
    for people in readings(text[offset : pair.start], narrative=True):
        found = _unique(people, title, names, lists, page)
        if found is not None:
            return Link(offset + people.start, pair.end, (found,))
    return None


def _entry(people_text: str, title: str, names: Names, lists: Lists, page: int) -> int | None:
    people_text = people_text.strip(" ,.")
    for people in readings(people_text, narrative=False):
        if people.start == 0:
            return _unique(people, title, names, lists, page)
    return None


def _unique(people: People, title: str, names: Names, lists: Lists, page: int) -> int | None:
    fit, entries = names.fitting(people, None)
    if not entries or fit[0] < 2:
        return None
    if title:
        entries = [entry for entry in entries if _has_title(entry, title)]
    nearest = lists.nearest(distinct(entries), page)
    return nearest[0] if len(nearest) == 1 else None


def _has_title(entry: NamedEntry, title: str) -> bool:
    key = title_key(title)
    return len(key) >= _LEAST_TITLE and key in entry.text
