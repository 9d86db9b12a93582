"""Citations by author and year: (Smith, 2020a; Doe et al., 2019), Smith (2020), [Smith 2020]."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.references.linking.entries import Fit, Names, distinct
from indexer.references.linking.links import Link, Pair, bracket_pairs
from indexer.references.linking.lists import Lists
from indexer.references.linking.names import YEARS, People, Year, readings, years_of

_MAX_CHARS = 1_200
"""Between brackets."""
_ONLY_YEARS = re.compile(
    r"^\s*(?:(?:see|e\.\s?g\.|cf\.|also|in|originally|first edition|reprinted)[,:]?\s+){0,2}(?=[\d\[noisf])",
    re.IGNORECASE,
)
_BRACKETS = str.maketrans("()[]", "    ")
_ACRONYM = re.compile(r"[(\[][A-Z][\w&.-]{1,12}[)\]]")


def find_author_year(text: str, names: Names, lists: Lists, page: int) -> list[Link]:
    """Find the author-year citations of a text, in order of their kind; they may overlap."""
    if not any(char.isdigit() for char in text) and "n.d" not in text:
        return []
    links: list[Link] = []
    for pair in bracket_pairs(text, most=_MAX_CHARS):
        inner = text[pair.start + 1 : pair.end - 1]
        if not YEARS.search(inner) and "n.d" not in inner:
            continue
        link = _narrative(text, pair, names, lists, page) or _group(inner, pair, names, lists, page)
        if link is not None:
            links.append(link)
    return [*links, *_bare(text, names, lists, page)]


def _narrative(text: str, pair: Pair, names: Names, lists: Lists, page: int) -> Link | None:
    """Names before a bracket that holds years alone, perhaps with a page."""
    inner = text[pair.start + 1 : pair.end - 1]
    opening = _ONLY_YEARS.match(inner)
    years = YEARS.match(inner, opening.end()) if opening is not None else None
    if years is None or inner[years.end() : years.end() + 1].strip() not in ("", ",", ":", ";", "]", "/"):
        return None
    if text[pair.start - 1 : pair.start] not in (" ", "", ",", "’", "'", "s"):
        return None
    found = _resolve(
        text[max(0, pair.start - 260) : pair.start], years_of(years[0]), names, lists, page, narrative=True
    )
    if found is None:
        return None
    people, indices, ambiguous = found
    return Link(max(0, pair.start - 260) + people.start, pair.end, indices, ambiguous)


def _group(inner: str, pair: Pair, names: Names, lists: Lists, page: int) -> Link | None:
    """Citations between brackets, parted by semicolons or, where a new name follows a year, by commas."""
    indices: list[int] = []
    ambiguous = False
    last: People | None = None
    plain = _ACRONYM.sub(lambda match: " " * len(match[0]), inner).translate(_BRACKETS)
    position = 0
    for years in YEARS.finditer(plain):
        # A semicolon parts citations, in some styles also a name from its year.
        before = plain[position : years.start()].rstrip(" ;,").rpartition(";")[2].lstrip(" ,.&")
        position = years.end()
        found = _resolve(before, years_of(years[0]), names, lists, page, narrative=False)
        if found is None and last is not None and not any(char.isalpha() for char in before):
            found = _chosen([last], years_of(years[0]), names, lists, page)
        if found is None:
            continue
        last = found[0]
        indices.extend(found[1])
        ambiguous = ambiguous or found[2]
    return Link(pair.start, pair.end, tuple(dict.fromkeys(indices)), ambiguous) if indices else None


def _bare(text: str, names: Names, lists: Lists, page: int) -> list[Link]:
    """Names and a year without brackets, as in notes: Smith and Doe 2012. Only what fits an entry exactly is taken."""
    links: list[Link] = []
    for years in YEARS.finditer(text):
        before = text[max(0, years.start() - 160) : years.start()]
        if not before.endswith((" ", ", ")) or before.rstrip(" ,")[-1:] in "()[];:" or len(before.strip()) < 3:
            continue
        found = _resolve(before, years_of(years[0]), names, lists, page, narrative=True, exact=True)
        if found is not None and not found[2]:
            people, indices, _ = found
            links.append(Link(max(0, years.start() - 160) + people.start, years.end(), indices))
    return links


_Found = tuple[People, tuple[int, ...], bool]


def _resolve(
    before: str, years: Sequence[Year], names: Names, lists: Lists, page: int, *, narrative: bool, exact: bool = False
) -> _Found | None:
    return _chosen(list(readings(before, narrative=narrative)), years, names, lists, page, exact=exact)


def _chosen(
    choices: Sequence[People], years: Sequence[Year], names: Names, lists: Lists, page: int, *, exact: bool = False
) -> _Found | None:
    """The reading of the names that fits entries best, with those entries and whether the choice was not unique."""
    best: tuple[Fit, int] = ((0, 0, 0, 0), 0)
    chosen: _Found | None = None
    for people in choices:
        indices: list[int] = []
        fits: list[Fit] = []
        ambiguous = False
        for year in years:
            fit, entries = names.fitting(people, year)
            if not entries:
                continue
            nearest = lists.nearest(distinct(entries), page)
            ambiguous = ambiguous or len(nearest) > 1
            indices.extend(nearest)
            fits.append(fit)
        if not fits or (exact and min(fits)[:2] < (3, 3)) or (exact and not min(fits)[3]):
            continue
        score = (min(fits), len(people.names))
        if score > best:
            best, chosen = score, (people, tuple(dict.fromkeys(indices)), ambiguous)
    return chosen
