"""Notes at the foot of a first page: permissions, correspondence, funding, dates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from indexer.pdf.banners import is_banner
from indexer.pdf.geometry import Line

_NOTE = re.compile(
    r"corresponding authors?|correspondence|e-?mail|equal(?:ly)? contribut|contributed equally|"
    r"supported (?:in part )?by|"
    r"funded by|grants? (?:no|number|from)|manuscript received|received \w+ \d|this work was|this research was|"
    r"these authors|permission to|copyright|©|is with the|are with the|work (?:was )?(?:done|performed)|"
    r"present address|current address|subject classification|thanks? |the authors? |this is an open access|licen[cs]e|"
    r"https?://|doi:|@|^\(?(?:dated?:? )?\w+ \d{1,2},? \d{4}\)?$",
    re.IGNORECASE,
)
_MARKED = re.compile(r"^\s*(?:[*†‡§¶∗⋆#]+|\d{1,2}\b|[a-e]\b)\s*\S")
_REGION = 0.45
"""Share of the page height, at the bottom, in which these notes stand."""


def first_page_notes(lines: Sequence[Line], *, body: float, height: float) -> frozenset[int]:
    """Identities of the lines of notes at the foot of each column of a page.

    Args:
        lines: Of the page, with their columns.
        body: Size of the running text, in points.
        height: Of the page, in points.
    """
    columns: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        columns[line.column].append(line)
    found: set[int] = set()
    for column in columns.values():
        column.sort(key=lambda line: line.baseline)
        end = len(column)
        while end and (start := _start_of_note(column, end, body, height)) is not None:
            found.update(id(line) for line in column[start:end])
            end = start
    return frozenset(found)


def _start_of_note(column: Sequence[Line], end: int, body: float, height: float) -> int | None:
    """Where the block of small type begins that ends at a position, when it is such a note."""
    last = column[end - 1]
    if last.size > 0.95 * body or last.y0 < (1 - _REGION) * height:
        return None
    start = end - 1
    while start:
        line, above = column[start], column[start - 1]
        if abs(above.size - last.size) > 0.04 * last.size or line.baseline - above.baseline > 1.7 * line.size:
            break
        start -= 1
    if column[start].y0 < (1 - _REGION) * height or start == 0:
        return None
    text = " ".join(line.text for line in column[start:end])
    opens = bool(_MARKED.match(column[start].text)) or column[start].spans[0].raised > 0
    return start if _NOTE.search(text) or is_banner(text) or opens else None
