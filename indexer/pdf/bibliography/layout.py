"""Where entries without labels begin, told by the place of their lines: hanging indents, gaps, indents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from indexer.pdf.bibliography.reading import begins_with_people, ends
from indexer.pdf.geometry import Line, common

_LEVEL = 0.45
"""Lines whose left ends differ by less than this, in font sizes, begin at one edge."""
_GAP = 1.22
"""A distance of baselines beyond this, in usual distances, parts entries."""


def hanging(lines: Sequence[Line]) -> list[int]:
    """Lines at the left edge of their column, when others are indented under them."""
    edges = left_edges(lines)
    starts = [index for index, line in enumerate(lines) if line.x0 < edges[line.column] + _LEVEL * line.size]
    indented = len(lines) - len(starts)
    return starts if indented >= max(1, 0.04 * len(lines)) else []


def left_edges(lines: Sequence[Line]) -> dict[int, float]:
    """The left edge of each column; a column with only one level takes that of an alike column."""
    columns: dict[int, list[Line]] = {}
    for line in lines:
        columns.setdefault(line.column, []).append(line)
    edges = {column: _left_edge(group) for column, group in columns.items()}
    indent = common(
        ((line.x0 - edges[line.column], 1) for line in lines if line.x0 - edges[line.column] > _LEVEL * line.size),
        step=0.5,
    )
    for column, group in columns.items():
        outermost = min(line.x0 for line in group)
        # A column may hold the first line of one entry only, and further lines for the rest.
        if indent and abs(edges[column] - outermost - indent) < 0.2 * group[0].size:
            edges[column] = outermost
        one_level = all(line.x0 - edges[column] < _LEVEL * line.size for line in group)
        # A short rest at the top of a column may be nothing but the end of an entry: all of it is indented.
        if one_level and indent and len(group) <= 4 and not any(begins_with_people(line.text) for line in group):
            edges[column] -= indent
    return edges


def _left_edge(group: Sequence[Line]) -> float:
    """The leftmost edge that several lines share: a stray mark in the margin must not count."""
    starts = sorted(line.x0 for line in group)
    tolerance = _LEVEL * group[0].size
    shared = (x for x, following in pairwise(starts) if following - x < tolerance)
    return next(shared, starts[0]) if len(group) > 4 else starts[0]


def indented(lines: Sequence[Line]) -> list[int]:
    """Lines indented beyond the left edge, when entries begin like paragraphs."""
    edges = left_edges(lines)
    starts = [index for index, line in enumerate(lines) if line.x0 > edges[line.column] + 0.7 * line.size]
    return starts if starts and starts[0] == 0 and len(starts) <= 0.6 * len(lines) else []


def line_pitch(lines: Sequence[Line]) -> float:
    """The distance of baselines within entries, in points."""
    distances = [after.baseline - before.baseline for before, after in pairwise(lines) if after.column == before.column]
    inner = sorted(distance for distance in distances if distance > 0)
    return inner[len(inner) // 5] if inner else 0.0


def gapped(lines: Sequence[Line]) -> list[int]:
    """Lines after a wider space; at the top of a column, lines that read like a beginning."""
    pitch = line_pitch(lines)
    starts = [0]
    for index in range(1, len(lines)):
        before, line = lines[index - 1], lines[index]
        if line.column != before.column:
            if opens(before, line):
                starts.append(index)
        elif line.baseline - before.baseline > _GAP * pitch:
            starts.append(index)
    return starts if len(starts) > 1 else []


def read(lines: Sequence[Line]) -> list[int]:
    """Lines that read like the beginning of an entry after a line that reads like an end."""
    return [0, *(index for index in range(1, len(lines)) if opens(lines[index - 1], lines[index]))]


def opens(before: Line, line: Line) -> bool:
    """True when a line reads like the beginning of an entry and the one before like the end of another."""
    if not begins_with_people(line.text) or not ends(before.text):
        return False
    return before.x1 < before.right - 1.5 * before.size or before.text.endswith(".") or "doi" in before.text


RULES: tuple[Callable[[Sequence[Line]], list[int]], ...] = (hanging, gapped, indented, read)
"""Layout is more telling than wording: earlier rules are preferred when they do nearly as well."""
