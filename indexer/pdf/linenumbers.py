"""Numbers that count the lines of a manuscript along its margins, apart from the text or glued to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from indexer.pdf.geometry import Line, Page, make_line

_BIN = 4.0
"""Width, in points, of the strips in which numbers are looked for."""
_STEPS = (1, 5, 10, 2)
_MIN_RUN = 5
_MIN_ALONE = 8
"""Numbers that a file of one page must have."""
_RULER = 15
"""Numbers at equal distances, as reviewing styles print them whatever stands beside."""
_PAGE_SHARE = 0.3
"""Share of the pages that must be numbered; left and right pages may differ in their margin."""
_MAX_DIGITS = 4

_Side = Literal["left", "right"]
_Strip = tuple[_Side, int]


@dataclass(frozen=True, slots=True)
class _Number:
    """A number at the beginning or end of a line, or alone on it."""

    line: int
    value: int
    y: float
    alone: bool


def without_line_numbers(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The pages without the numbers of their lines."""
    found = [_numbers(page) for page in pages]
    strips: Counter[_Strip] = Counter()
    for page, by_strip in zip(pages, found, strict=True):
        strips.update(strip for strip, numbers in by_strip.items() if _counts_lines(numbers, page, strip))
    least = max(1.0, _PAGE_SHARE * len(pages))
    sure = {strip for strip, count in strips.items() if count >= least}
    if len(pages) > 1 and sum(strips.values()) < 2:
        # One page of several: the labels of a list.
        return tuple(pages)
    if len(pages) == 1:
        sure = {strip for strip in sure if len(found[0][strip]) >= _MIN_ALONE}
    if not sure:
        return tuple(pages)
    return tuple(_stripped(page, by_strip, sure) for page, by_strip in zip(pages, found, strict=True))


def _numbers(page: Page) -> dict[_Strip, list[_Number]]:
    """Numbers by the strip in which they end (before the text) or begin (after it)."""
    strips: dict[_Strip, list[_Number]] = defaultdict(list)
    for index, line in enumerate(page.lines):
        first, last = line.spans[0], line.spans[-1]
        alone = len(line.spans) == 1
        if (value := _value(first.text)) is not None:
            gap = 0.0 if alone else line.spans[1].x0 - first.x1
            if alone or gap > 0.4 * first.size:
                strips["left", _strip(first.x1)].append(_Number(index, value, line.baseline, alone))
        if (value := _value(last.text)) is not None:
            gap = 0.0 if alone else last.x0 - line.spans[-2].x1
            if alone or gap > 0.4 * last.size:
                strips["right", _strip(last.x0)].append(_Number(index, value, line.baseline, alone))
    return strips


def _value(text: str) -> int | None:
    text = text.strip()
    return int(text) if len(text) <= _MAX_DIGITS and text.isascii() and text.isdigit() else None


def _strip(x: float) -> int:
    return round(x / _BIN)


def _counts_lines(numbers: Sequence[_Number], page: Page, strip: _Strip) -> bool:
    """True for a run of numbers that grow by one step, as many as there are lines beside them, outside of the text."""
    run = sorted(numbers, key=lambda number: (number.y, number.value))
    if len(run) < _MIN_RUN:
        return False
    differences = [after.value - before.value for before, after in pairwise(run)]
    step, count = Counter(differences).most_common(1)[0]
    if step not in _STEPS or count < 0.8 * len(differences) or min(differences) < 0:
        return False
    heights = {
        round(line.baseline / 4)
        for line in page.lines
        if run[0].y - 2 <= line.baseline <= run[-1].y + 2 and not line.text.isdigit()
    }
    # A list or a table has lines without a number, or numbers within its text; a ruler is regular.
    dense = len(heights) <= (1.2 if step == 1 else 1.6 * step) * len(run) or _is_ruler(run)
    return dense and _is_outside(run, page, strip)


def _is_ruler(run: Sequence[_Number]) -> bool:
    distances = sorted(after.y - before.y for before, after in pairwise(run))
    usual = distances[len(distances) // 2]
    same = sum(1 for distance in distances if abs(distance - usual) < 0.06 * usual)
    return len(run) >= _RULER and same >= 0.9 * len(distances)


def _is_outside(run: Sequence[_Number], page: Page, strip: _Strip) -> bool:
    """True when no text stands beyond the numbers on the same lines, nor across them anywhere."""
    x = strip[1] * _BIN
    own = {number.line for number in run}
    across = sum(1 for index, line in enumerate(page.lines) if index not in own and line.x0 < x - 6 < x + 6 < line.x1)
    if across > max(1, 0.1 * len(page.lines)):
        return False
    heights = {round(number.y / 4) for number in run}
    beyond = 0
    for index, line in enumerate(page.lines):
        if index in own or round(line.baseline / 4) not in heights:
            continue
        # The numbers of the other column stand beyond, but no text that comes near.
        beyond += line.x0 < x - 8 < line.x1 + 4 if strip[0] == "left" else line.x1 > x + 8 > line.x0 - 4
    return beyond <= 0.1 * len(run)


def _stripped(page: Page, by_strip: dict[_Strip, list[_Number]], sure: set[_Strip]) -> Page:
    gone: set[int] = set()
    trimmed: dict[int, Line] = {}
    for side, position in sure:
        numbers = [number for near in (-1, 0, 1) for number in by_strip.get((side, position + near), ())]
        for number in _rising(numbers):
            if number.alone:
                gone.add(number.line)
                continue
            line = trimmed.get(number.line, page.lines[number.line])
            spans = line.spans[1:] if side == "left" else line.spans[:-1]
            if spans:
                trimmed[number.line] = make_line(line.page, spans)
    lines = tuple(trimmed.get(index, line) for index, line in enumerate(page.lines) if index not in gone)
    return replace(page, lines=lines)


def _rising(numbers: Sequence[_Number]) -> list[_Number]:
    """The numbers without those that are smaller than one above them, such as a page number at the foot."""
    kept: list[_Number] = []
    for number in sorted(numbers, key=lambda number: number.y):
        if not kept or number.value > kept[-1].value:
            kept.append(number)
    return kept
