"""What is printed around the text: running heads and feet, page numbers, line numbers, banners."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from indexer.pdf.banners import is_banner
from indexer.pdf.covers import count_covers
from indexer.pdf.geometry import Line, Page, body_size
from indexer.pdf.sides import side_boxes

_EDGE = 0.14
"""Share of the page height, at the top and at the bottom, in which running text stands."""
_NUMBER = re.compile(r"^(?:page\s+)?[-–—\s]*(\d{1,5}|[ivxlc]{1,7})[-–—\s]*(?:(?:of|/)\s*\d{1,5})?$", re.IGNORECASE)
_OUTER_NUMBER = re.compile(r"^(\d{1,5})\b|\b(\d{1,5})$")
_OUTER_DIGITS = re.compile(r"^\d{1,5}\b|\d{1,5}$")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Pages without their furniture, the furniture itself, and the printed label of each page (empty if unknown).

    ``aside`` holds the lines of boxes beside the abstract; ``covers`` counts the cover sheets before the paper.
    """

    pages: tuple[Page, ...]
    furniture: tuple[Line, ...]
    labels: tuple[str, ...]
    aside: tuple[Line, ...] = ()
    covers: int = 0


def remove_furniture(pages: Sequence[Page]) -> Cleaned:
    """Take running heads and feet, page numbers and line numbers off the pages."""
    repeated = _repeated(pages)
    labels = printed_labels(pages)
    body = body_size(line for page in pages for line in page.lines)
    cleaned: list[Page] = []
    furniture: list[Line] = []
    for page, label in zip(pages, labels, strict=True):
        numbers = _line_numbers(page)
        kept: list[Line] = []
        for line in page.lines:
            edge = _is_edge(line, page)
            if (
                (edge and _keys(line) & repeated)
                or _is_page_number(line, page, label, body)
                or id(line) in numbers
                or (edge and _is_banner(line, page, body))
            ):
                furniture.append(line)
            else:
                kept.append(line)
        cleaned.append(replace(page, lines=tuple(kept)))
    covers = count_covers(cleaned)
    aside: list[Line] = []
    if covers < len(cleaned):
        first = cleaned[covers]
        boxes = side_boxes(first.lines)
        aside = [line for line in first.lines if id(line) in boxes]
        cleaned[covers] = replace(first, lines=tuple(line for line in first.lines if id(line) not in boxes))
    return Cleaned(tuple(cleaned), tuple(furniture), labels, tuple(aside), covers)


def _is_edge(line: Line, page: Page) -> bool:
    return line.y1 < _EDGE * page.height or line.y0 > (1 - _EDGE) * page.height


def _is_banner(line: Line, page: Page, body: float) -> bool:
    return page.number == 1 and line.size < 0.97 * body and is_banner(line.text)


def _keys(line: Line) -> set[tuple[str, int]]:
    return {(text, round(line.baseline / 4)) for text in (line.text, _edge_text(line))}


def _edge_text(line: Line) -> str:
    """The text without a page number before or after it; numbers within must agree, or every list would be a head."""
    return _OUTER_DIGITS.sub("", line.text)


def _repeated(pages: Sequence[Page]) -> set[tuple[str, int]]:
    """Texts that return, but for a page number, at the same height of several pages."""
    seen: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for page in pages:
        for line in page.lines:
            if _is_edge(line, page):
                place = (page.number, line.baseline)
                seen[line.text].append(place)
                if any(char.isalpha() for char in _edge_text(line)):
                    seen[_edge_text(line)].append(place)
    # Two sides of a spread may carry different heads, so a quarter of the pages is enough in a long paper.
    enough = max(2, min(4, len(pages) // 4))
    keys: set[tuple[str, int]] = set()
    for text, places in seen.items():
        if not any(char.isalnum() for char in text):
            continue
        for _, baseline in places:
            if len({number for number, other in places if abs(other - baseline) < 3.0}) >= enough:
                keys.add((text, round(baseline / 4)))
    return keys


def _is_page_number(line: Line, page: Page, label: str, body: float) -> bool:
    match = _NUMBER.match(line.text)
    # A number larger than the text is that of a heading.
    if match is None or 0.25 * page.height < line.y0 < 0.75 * page.height or line.size > 1.1 * body:
        return False
    outermost = all(
        line.y1 <= other.y0 + 2 or line.y0 >= other.y1 - 2 for other in page.lines if other is not line
    ) or line.y0 in (min(other.y0 for other in page.lines), max(other.y0 for other in page.lines))
    return outermost or (match[1] == label and _is_edge(line, page))


def _line_numbers(page: Page) -> set[int]:
    """Identities of the numbers that count the lines of a manuscript along a margin."""
    stacks: dict[int, list[tuple[float, int, Line]]] = defaultdict(list)
    for line in page.lines:
        if len(line.text) <= 4 and line.text.isdigit():
            stacks[round(line.x1 / 3)].append((line.y0, int(line.text), line))
    found: set[int] = set()
    for stack in stacks.values():
        stack.sort(key=lambda item: item[:2])
        steps = Counter(after[1] - before[1] for before, after in pairwise(stack))
        if len(stack) >= 8 and max(steps[1], steps[5]) >= 0.8 * (len(stack) - 1) and not _are_labels(stack, page):
            found.update(id(line) for _, _, line in stack)
    return found


def _are_labels(stack: Sequence[tuple[float, int, Line]], page: Page) -> bool:
    """True for the numbers of a list: text begins left of them, or most rows beside them have none."""
    numbers = {id(line) for _, _, line in stack}
    right = min(line.x1 for _, _, line in stack)
    others = [line for line in page.lines if id(line) not in numbers and any(char.isalpha() for char in line.text)]
    before = sum(1 for line in others if line.x0 < right - 1 < line.x1)
    top, bottom = stack[0][2].baseline, stack[-1][2].baseline
    rows = {round(line.baseline / 3) for line in others if top - 2 <= line.baseline <= bottom + 2}
    counted = stack[1][1] - stack[0][1] == 1
    return before >= 2 or (counted and len(rows) > 1.6 * len(stack))


def printed_labels(pages: Sequence[Page]) -> tuple[str, ...]:
    """The label printed on each page: numbers at the page's edge that run along with the pages, else the file's own.

    Returns:
        One label a page; empty where nothing is known.
    """
    offsets: Counter[int] = Counter()
    for page in pages:
        found = {number - page.number for line in page.lines for number in _edge_numbers(line, page)}
        offsets.update(found)
    if offsets:
        offset, count = max(offsets.items(), key=lambda item: (item[1], -abs(item[0])))
        if count >= max(2, 0.5 * len(pages)) and offset > -len(pages):
            return tuple(str(page.number + offset) if page.number + offset > 0 else "" for page in pages)
    return tuple(page.label for page in pages)


def _edge_numbers(line: Line, page: Page) -> set[int]:
    """Numbers at the page's edge; wide margins may hold a page number further in, alone on its line."""
    if _is_edge(line, page):
        return _numbers(line)
    outer = not 0.25 * page.height < line.y0 < 0.75 * page.height
    return _numbers(line) if outer and line.text.isdigit() else set()


def _numbers(line: Line) -> set[int]:
    """Numbers at the ends of a line, where page numbers stand."""
    numbers = {int(group) for match in _OUTER_NUMBER.finditer(line.text) for group in match.groups() if group}
    whole = _NUMBER.match(line.text)
    if whole and whole[1].isdigit():
        numbers.add(int(whole[1]))
    return numbers
