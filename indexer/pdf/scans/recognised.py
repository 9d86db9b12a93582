"""Recognised text as frozen records: what the parsing child reads from the picture of a page.

Places are in PDF points from the top left of the page as displayed, after the page has been turned by ``turn`` degrees
around its centre, so that its lines are level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin

from core.records import Box, Document
from indexer.pdf.geometry import Line, Page, Span, common, make_line

_STEP = 0.07
"""Sizes this near, as a share, are one size: they are measured on ink."""
_BOLD = 1.25
"""Strokes wider than the page's usual by this factor, and wider for their size, are bold."""
_MIN_TURN = 0.05
_PITCH = 1.5
"""Lines of a paragraph stand no further apart, in type sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word and its horizontal extent; ``raised`` is 1 for a superscript."""

    text: str
    x0: float
    x1: float
    raised: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedLine:
    """A line; ``size`` is that of its type, ``weight`` the width of its strokes as a share of that."""

    words: tuple[Word, ...]
    y0: float
    y1: float
    baseline: float
    size: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedPage:
    """What was read from one page; without lines, nothing."""

    number: int
    width: float
    height: float
    turn: float = 0.0
    lines: tuple[RecognisedLine, ...] = ()


def with_recognised(pages: Sequence[Page], recognised: Sequence[RecognisedPage]) -> tuple[Page, ...]:
    """The pages, those that were recognised with the lines found on them."""
    found = {page.number: page for page in recognised}
    sizes = _even_sizes([line for page in recognised for line in page.lines])
    return tuple(
        replace(page, lines=_lines(found[page.number], sizes), unread=not found[page.number].lines)
        if page.number in found
        else page
        for page in pages
    )


def set_back(document: Document, recognised: Sequence[RecognisedPage]) -> Document:
    """The document with its boxes where the words stand on the pages as they are, however askew they were scanned."""
    askew = {page.number: page for page in recognised if abs(page.turn) >= _MIN_TURN}
    if not askew:
        return document

    def back(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
        return tuple(_turned(box, askew[box.page]) if box.page in askew else box for box in boxes)

    return replace(
        document,
        passages=tuple(replace(each, boxes=back(each.boxes)) for each in document.passages),
        references=tuple(replace(each, boxes=back(each.boxes)) for each in document.references),
        mentions=tuple(replace(each, boxes=back(each.boxes)) for each in document.mentions),
    )


def _lines(page: RecognisedPage, sizes: dict[float, float]) -> tuple[Line, ...]:
    weight = common(((line.weight, _letters(line)) for line in page.lines), step=0.005)
    usual = common(((sizes[line.size], _letters(line)) for line in page.lines), step=0.1)
    made: list[Line] = []
    for index, line in enumerate(page.lines):
        size = _size_among(page.lines, index, sizes)
        # Signs of a formula reach above and below any type: they tell nothing of its size.
        if 2 * sum(char.isalpha() for word in line.words for char in word.text) < _letters(line):
            size = min(size, usual)
        bold = line.weight > _BOLD * weight > 0 and line.weight * line.size > _BOLD * weight * usual
        made.append(make_line(page.number, _spans(line, size=size, bold=bold)))
    return tuple(made)


def _size_among(lines: Sequence[RecognisedLine], index: int, sizes: dict[float, float]) -> float:
    """The size of a line: that of the lines above and below when these agree and stand as near as in one paragraph."""
    own = sizes[lines[index].size]
    if not 0 < index < len(lines) - 1:
        return own
    above, line, below = lines[index - 1 : index + 2]
    size = sizes[above.size]
    gaps = (line.baseline - above.baseline, below.baseline - line.baseline)
    near = all(0.5 * size < gap < _PITCH * size for gap in gaps) and max(gaps) < 1.15 * min(gaps)
    beside = all(
        other.words[0].x0 < line.words[-1].x1 and other.words[-1].x1 > line.words[0].x0 for other in (above, below)
    )
    return size if size == sizes[below.size] and near and beside else own


def _spans(line: RecognisedLine, *, size: float, bold: bool) -> list[Span]:
    spans: list[Span] = []
    for index, word in enumerate(line.words):
        after = line.words[index + 1] if index + 1 < len(line.words) else None
        touching = after is not None and after.raised != word.raised and after.x0 - word.x1 < 0.12 * size
        spans.append(
            Span(
                text=word.text if after is None or touching else f"{word.text} ",
                x0=word.x0,
                y0=line.y0,
                x1=word.x1,
                y1=line.y1,
                baseline=line.baseline - 0.33 * size * word.raised,
                size=0.66 * size if word.raised else size,
                font="recognised",
                bold=bold,
            )
        )
    return spans


def _even_sizes(lines: Sequence[RecognisedLine]) -> dict[float, float]:
    """A common size for measured ones that differ too little to be meant, the most frequent first."""
    left: dict[float, int] = {}
    for line in lines:
        left[line.size] = left.get(line.size, 0) + _letters(line)
    evened: dict[float, float] = {}
    while left:
        middle = common(left.items(), step=0.2) or max(left)
        near = [size for size in left if abs(size - middle) <= _STEP * middle] or [max(left, key=lambda key: left[key])]
        total = sum(left[size] for size in near)
        shared = round(sum(size * left[size] for size in near) / total, 2) if total else near[0]
        for size in near:
            evened[size] = shared
            del left[size]
    return evened


def _letters(line: RecognisedLine) -> int:
    return sum(len(word.text) for word in line.words)


def _turned(box: Box, page: RecognisedPage) -> Box:
    """The smallest box around a box that is turned back with its page."""
    angle = radians(-page.turn)
    x, y = (box.x0 + box.x1 - page.width) / 2, (box.y0 + box.y1 - page.height) / 2
    middle_x = page.width / 2 + x * cos(angle) - y * sin(angle)
    middle_y = page.height / 2 + x * sin(angle) + y * cos(angle)
    width, height = box.x1 - box.x0, box.y1 - box.y0
    half_x = (width * abs(cos(angle)) + height * abs(sin(angle))) / 2
    half_y = (width * abs(sin(angle)) + height * abs(cos(angle))) / 2
    return Box(page=box.page, x0=middle_x - half_x, y0=middle_y - half_y, x1=middle_x + half_x, y1=middle_y + half_y)
