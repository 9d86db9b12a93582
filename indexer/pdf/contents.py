"""Tables of contents, figures and tables: lists of headings that are no headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.pdf.geometry import Line

_HEADING = re.compile(
    r"^(?:\d{1,2}\.?\s+)?(?:(?:table of )?contents|list of (?:figures|tables|algorithms|abbreviations)|"
    r"inhalt(?:sverzeichnis)?|table des mati[eè]res|sommaire|[íi]ndice(?: general)?|sum[aá]rio|содержание|оглавление|"
    r"目\s?录|目\s?次|목\s?차)\s*:?$",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"[^\W\d_].*?(?:\s|\.{2,}|…)[\s.…·]*(?:\d{1,4}|[ivxlc]{1,6})$")
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})?$|…{2,}\s*\d{1,4}$")
_MIN_ROWS = 3
_MAX_PAGES = 8


def contents_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Identities of the lines of tables of contents, their headings included.

    Args:
        lines: In reading order.
    """
    rows = _rows(lines)
    found: set[int] = set()
    index = 0
    while index < len(rows):
        headed = bool(_HEADING.match(_text(rows[index])))
        end = _end_of_entries(rows, index + headed, headed=headed)
        if end - index - headed >= _MIN_ROWS:
            found.update(id(line) for row in rows[index:end] for line in row)
            index = end
        else:
            index += 1
    return frozenset(found)


def _end_of_entries(rows: Sequence[Sequence[Line]], start: int, *, headed: bool) -> int:
    """Position after the last entry. Below a heading entries end with a page number, elsewhere they need leaders."""
    index = end = start
    while index < len(rows) and rows[index][0].page < rows[start][0].page + _MAX_PAGES:
        text = _text(rows[index])
        if _LEADERS.search(text) or (headed and _ENTRY.search(text)):
            end = index + 1
        elif index - end >= 1 or len(text) > 120:
            break
        index += 1
    return end


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand on one level, in reading order: an entry and its page number may be two."""
    rows: list[list[Line]] = []
    for line in lines:
        last = rows[-1][-1] if rows else None
        if last is not None and last.page == line.page and abs(last.baseline - line.baseline) < 0.5 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _text(row: Sequence[Line]) -> str:
    return " ".join(line.text for line in row)
