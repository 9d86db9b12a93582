"""Boxes beside the abstract of a first page: dates, editors, citation, correspondence, keywords."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Sequence

from indexer.pdf.banners import is_banner
from indexer.pdf.geometry import Line

_CUE = re.compile(
    r"\b(?:received|accepted|published|revised|edited by|reviewed by|editor|citation|correspond|copyright|open access|"
    r"article (?:info|history)|a r t i c l e|keywords|key words|doi|funding|competing interest|conflicts? of interest|"
    r"handling|licen[cs]e|specialty|article type|how to cite|cite this|e-?mail|data availability|issn)\b|©|10\.\d{4}/",
    re.IGNORECASE,
)
_MIN_MAIN = 5
"""Lines that the text beside a box has at least, all beginning at one edge."""
_MIN_SIDE = 3
_MAX_LINES = 1_500
"""A page with more fragments is a drawing."""
_MAX_WIDTH = 0.6
"""A box is at most this wide, as a share of the text beside it: the columns of a paper are equal."""
_EDGE = 2.5


def side_boxes(lines: Sequence[Line]) -> frozenset[int]:
    """Identities of the lines of boxes left or right of the text.

    Args:
        lines: Of the first page.
    """
    if not _MIN_MAIN + _MIN_SIDE <= len(lines) <= _MAX_LINES:
        return frozenset()
    found: set[int] = set()
    for side in (*_left_boxes(lines), *_right_boxes(lines)):
        if sum(1 for line in side if _CUE.search(line.text) or is_banner(line.text)) >= 2:
            found.update(id(line) for line in side)
    return frozenset(found)


def _left_boxes(lines: Sequence[Line]) -> list[list[Line]]:
    boxes: list[list[Line]] = []
    for edge in _edges([line.x0 for line in lines if line.width > 100]):
        main = [line for line in lines if abs(line.x0 - edge) <= _EDGE]
        others = [line for line in lines if line.x1 <= edge - 4]
        crossing = [line for line in lines if line.x0 < edge - 4 and line.x1 > edge + 4]
        boxes.append(_box(main, others, crossing))
    return boxes


def _right_boxes(lines: Sequence[Line]) -> list[list[Line]]:
    boxes: list[list[Line]] = []
    for edge in _edges([line.x1 for line in lines if line.width > 100]):
        main = [line for line in lines if abs(line.x1 - edge) <= _EDGE]
        others = [line for line in lines if line.x0 >= edge + 4]
        crossing = [line for line in lines if line.x0 < edge - 4 and line.x1 > edge + 4]
        boxes.append(_box(main, others, crossing))
    return boxes


def _edges(values: Sequence[float]) -> list[float]:
    """Where several lines begin or end."""
    counts = Counter(round(value / _EDGE) for value in values)
    peaks = [
        level
        for level, count in counts.items()
        if count >= 3 and count + counts[level - 1] + counts[level + 1] >= _MIN_MAIN
    ]
    return [level * _EDGE for level in sorted(peaks)]


def _box(main: Sequence[Line], others: Sequence[Line], crossing: Sequence[Line]) -> list[Line]:
    """The lines beside the longest stretch of text that no line crosses, when they are narrow enough."""
    if len(main) < _MIN_MAIN or len(others) < _MIN_SIDE:
        return []
    bars = sorted(line.baseline for line in crossing)
    best: list[Line] = []
    stretches: dict[int, tuple[list[Line], list[Line]]] = defaultdict(lambda: ([], []))
    for kind, group in enumerate((main, others)):
        for line in group:
            stretches[bisect(bars, line.baseline)][kind].append(line)
    for text, candidates in stretches.values():
        if len(text) < _MIN_MAIN or len(candidates) < _MIN_SIDE:
            continue
        side = _beside(candidates, text)
        if len(side) >= _MIN_SIDE and len(side) > len(best) and _is_narrow(side, text):
            best = side
    return best


def _beside(others: Sequence[Line], text: Sequence[Line]) -> list[Line]:
    """Lines level with the text, and those above or below that follow closely in the same type."""
    if not others or not text:
        return []
    top, bottom = min(line.y0 for line in text), max(line.y1 for line in text)
    level = [line for line in others if top - line.size < line.baseline < bottom + line.size]
    if not level:
        return []
    sizes = Counter(round(2 * line.size) for line in level)
    usual = sizes.most_common(1)[0][0] / 2
    low, high = min(line.baseline for line in level), max(line.baseline for line in level)
    for line in sorted(others, key=lambda line: line.baseline):
        if 0 < line.baseline - high < 3 * usual and abs(line.size - usual) < 0.08 * usual:
            level.append(line)
            high = line.baseline
    for line in sorted(others, key=lambda line: -line.baseline):
        if 0 < low - line.baseline < 3 * usual and abs(line.size - usual) < 0.08 * usual:
            level.append(line)
            low = line.baseline
    return level


def _is_narrow(side: Sequence[Line], text: Sequence[Line]) -> bool:
    width = max(line.x1 for line in side) - min(line.x0 for line in side)
    beside = sorted(line.width for line in text)[len(text) // 2]
    return width <= _MAX_WIDTH * beside
