"""The labels printed on the pages of a paper: numbers of a volume, roman numbers, numbers with a prefix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from indexer.pdf.geometry import Line, Page

EDGE = 0.14
"""Share of the page height, at the top and at the bottom, in which running text stands."""
NUMBER = re.compile(
    r"^(?:(?:page|p\.|pg\.|seite)\s*)?[-–—|\s]*((?:[A-Z]{1,2}[-–.]?|e)?\d{1,6}|[ivxlc]{1,7})[-–—|\s]*"
    r"(?:(?:of|/|von)\s*\d{1,5})?$",
    re.IGNORECASE,
)
_OUTER_NUMBER = re.compile(
    r"^(?:page\s+)?((?:[A-Z]{1,2}[-–.]?|e)?\d{1,6})\b|\b((?:[A-Z]{1,2}[-–.]?|e)?\d{1,6})(?:\s*(?:of|/)\s*\d{1,4})?$"
)
_PARTS = re.compile(r"^(\D*)(\d+)$")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def is_edge(line: Line, page: Page) -> bool:
    """True for a line near the top or the bottom of its page."""
    return line.y1 < EDGE * page.height or line.y0 > (1 - EDGE) * page.height


def printed_labels(pages: Sequence[Page]) -> tuple[str, ...]:
    """The label printed on each page: numbers at the page's edge that run along with the pages, else the file's own.

    Returns:
        One label a page; empty where nothing is known.
    """
    offsets: Counter[tuple[str, int]] = Counter()
    seen: list[set[tuple[str, int]]] = []
    for page in pages:
        found = {(prefix, number - page.number) for line in page.lines for prefix, number in _edge_numbers(line, page)}
        offsets.update(found)
        seen.append(found)
    if offsets:
        (prefix, offset), count = max(offsets.items(), key=lambda item: (item[1], not item[0][0], -abs(item[0][1])))
        if count >= max(2, 0.5 * len(pages)) and offset > -len(pages):
            roman = _roman_labels(pages, seen, (prefix, offset))
            return tuple(
                roman.get(page.number) or (f"{prefix}{page.number + offset}" if page.number + offset > 0 else "")
                for page in pages
            )
    return tuple(page.label for page in pages)


def _roman_labels(pages: Sequence[Page], seen: Sequence[set[tuple[str, int]]], main: tuple[str, int]) -> dict[int, str]:
    """Labels of the pages before the numbered ones, when they run along as roman numbers."""
    first = next((page.number for page, found in zip(pages, seen, strict=True) if main in found), 1)
    labels: dict[int, str] = {}
    offsets: Counter[int] = Counter()
    for page in pages[: first - 1]:
        for line in page.lines:
            text = line.text.strip(" -–—.")
            if is_edge(line, page) and (value := _roman(text)):
                labels[page.number] = text
                offsets[value - page.number] += 1
    if not offsets or max(offsets.values()) < 2:
        return {}
    offset = offsets.most_common(1)[0][0]
    return {number: text for number, text in labels.items() if _roman(text) - number == offset}


def _roman(text: str) -> int:
    """The value of a small roman number; 0 for anything else."""
    digits = [_ROMAN.get(char, 0) for char in text]
    if not digits or not all(digits) or len(digits) > 7:
        return 0
    return sum(
        -digit if index + 1 < len(digits) and digit < digits[index + 1] else digit for index, digit in enumerate(digits)
    )


def _edge_numbers(line: Line, page: Page) -> set[tuple[str, int]]:
    """Numbers at the page's edge; wide margins may hold a page number further in, alone on its line."""
    if is_edge(line, page):
        return _numbers(line)
    outer = not 0.25 * page.height < line.y0 < 0.75 * page.height
    return _numbers(line) if outer and NUMBER.match(line.text) else set()


def _numbers(line: Line) -> set[tuple[str, int]]:
    """Numbers at the ends of a line, where page numbers stand."""
    texts = {group for match in _OUTER_NUMBER.finditer(line.text) for group in match.groups() if group}
    whole = NUMBER.match(line.text)
    if whole:
        texts.add(whole[1])
    return {(match[1], int(match[2])) for text in texts if (match := _PARTS.match(text))}
