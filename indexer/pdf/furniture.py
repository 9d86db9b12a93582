"""What is printed around the text: running heads and feet, page numbers, line numbers, banners, boxes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.pdf.banners import is_banner, is_download_note
from indexer.pdf.front.covers import count_covers
from indexer.pdf.front.sides import side_boxes
from indexer.pdf.geometry import Line, Page, body_size
from indexer.pdf.labels import NUMBER, is_edge, printed_labels
from indexer.pdf.linenumbers import without_line_numbers

_OUTER_DIGITS = re.compile(r"^(?:(?i:page)\s+\d{1,6}\b(?!\s+[a-z])|\d{1,6}\b)|\d{1,6}(?:\s*(?:of|/)\s*\d{1,4})?$")
_HEAD_CHARS = 120
_TITLE_WORDS = 4


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
    """Take running heads and feet, page numbers, line numbers and boxes beside the abstract off the pages."""
    pages = without_line_numbers(pages)
    repeated = _repeated(pages)
    places = _head_places(pages, repeated)
    labels = printed_labels(pages)
    body = body_size(line for page in pages for line in page.lines)
    cleaned: list[Page] = []
    furniture: list[Line] = []
    for page, label in zip(pages, labels, strict=True):
        outermost = _outermost(page)
        kept: list[Line] = []
        for line in page.lines:
            edge = is_edge(line, page)
            if page.number == 1 and _may_be_title(line, body):
                kept.append(line)
            elif (
                (edge and (_keys(line) & repeated or is_download_note(line.text)))
                or _is_page_number(line, page, label, body)
                or (edge and _is_banner(line, page, body))
                or (id(line) in outermost and _stands_as_head(line, places))
            ):
                furniture.append(line)
            else:
                kept.append(line)
        cleaned.append(replace(page, lines=tuple(kept)))
    covers = count_covers(cleaned)
    aside: tuple[Line, ...] = ()
    if covers < len(cleaned):
        cleaned[covers], aside = _without_boxes(cleaned[covers])
    return Cleaned(tuple(cleaned), tuple(furniture), labels, aside, covers)


def _without_boxes(page: Page) -> tuple[Page, tuple[Line, ...]]:
    boxes = side_boxes(page.lines)
    aside = tuple(line for line in page.lines if id(line) in boxes)
    return replace(page, lines=tuple(line for line in page.lines if id(line) not in boxes)), aside


def _may_be_title(line: Line, body: float) -> bool:
    """True for words in large type: a title stays on its page although every other page repeats it."""
    return line.size > 1.25 * body and len(line.text.split()) >= _TITLE_WORDS and not is_banner(line.text)


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
            if is_edge(line, page):
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


def _head_places(pages: Sequence[Page], repeated: set[tuple[str, int]]) -> set[tuple[int, str, int]]:
    """Height, font and size of the running heads and feet that return."""
    return {
        _place(line)
        for page in pages
        for line in page.lines
        if is_edge(line, page) and _keys(line) & repeated and len(line.text) > 3
    }


def _place(line: Line) -> tuple[int, str, int]:
    return round(line.baseline), line.font, round(2 * line.size)


def _outermost(page: Page) -> set[int]:
    """Identities of the lines of the first and the last row of a page."""
    if not page.lines:
        return set()
    top = min(line.baseline for line in page.lines)
    bottom = max(line.baseline for line in page.lines)
    return {id(line) for line in page.lines if line.baseline < top + 2 or line.baseline > bottom - 2}


def _stands_as_head(line: Line, places: set[tuple[int, str, int]]) -> bool:
    """True for a head that is printed once, such as that of an only left page: it stands where the others do."""
    height, font, size = _place(line)
    return len(line.text) <= _HEAD_CHARS and any((height + near, font, size) in places for near in (-1, 0, 1))


def _is_page_number(line: Line, page: Page, label: str, body: float) -> bool:
    match = NUMBER.match(line.text)
    # A number larger than the text is that of a heading.
    if match is None or 0.25 * page.height < line.y0 < 0.75 * page.height or line.size > 1.1 * body:
        return False
    outermost = all(
        line.y1 <= other.y0 + 2 or line.y0 >= other.y1 - 2 for other in page.lines if other is not line
    ) or line.y0 in (min(other.y0 for other in page.lines), max(other.y0 for other in page.lines))
    if is_edge(line, page):
        return outermost or match[1] == label
    return outermost and match[1].isdigit()
