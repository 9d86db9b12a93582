"""Columns of a page and the order in which its lines are read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from indexer.pdf.bidi import reads_leftwards
from indexer.pdf.geometry import Line, Page, Span, common, make_line

_MIN_ROWS = 5
"""A gutter needs this many rows with text on both of its sides."""
_CROSSING = 0.5
"""A page of columns has at most this share of its text in lines across them."""
_SAME_GUTTER = 12.0
"""Gutters of two pages this near, in points, are those of one layout."""
_LEVEL = 20.0
"""Height, in points, of the bands in which fragments of one line are looked for."""
_USUAL = 0.3
"""A gutter on this share of the pages is that of the paper."""
_MAX_CANDIDATES = 40
"""Left edges tried as those of a column, the most frequent ones: a page strewn with numbers has hundreds."""
_SHORT_RUN = 3
"""Lines at the left between lines across the columns belong to those when they are no more than this."""
_STEP = 2.0
"""Resolution, in points, of the search for gutters."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Lines in reading order, with their columns; ``margin`` holds what stands beside the text."""

    lines: tuple[Line, ...]
    margin: tuple[Line, ...]


def order_pages(pages: Sequence[Page]) -> Ordered:
    """Join fragments into lines and put the lines of all pages in reading order."""
    lines: list[Line] = []
    margin: list[Line] = []
    column = 0
    found = [find_gutters(join_fragments(page.lines, max_gap=0.9, tolerance=0.03)) for page in pages]
    agreed = _agreed(found)
    usual = [gutters.positions[0] for gutters in found if gutters.certain and len(gutters.positions) == 1]
    for page, own in zip(pages, agreed, strict=True):
        known = usual if len(usual) >= _USUAL * len(pages) else ()
        gutters = _settled(page.lines, own, known) if own else _inherited(page.lines, known)
        # Where the columns stand close, lines of one height are joined across them until the gutter is known.
        fragments = join_fragments(page.lines, gutters, max_gap=0.9, tolerance=0.03)
        beside, rest, gutters = _split_margin(fragments, gutters)
        margin.extend(beside)
        stacks = _stacks(join_fragments(rest, gutters), gutters)
        for stack in stacks:
            lines.extend(_with_column(stack, column))
            column += 1
    return Ordered(tuple(lines), tuple(margin))


@dataclass(frozen=True, slots=True)
class Gutters:
    """The gutters of a page; ``certain`` when much of its text stands beside them."""

    positions: tuple[float, ...]
    certain: bool


def _agreed(found: Sequence[Gutters]) -> list[tuple[float, ...]]:
    """Gutters that stand on much of their page, or where other pages have theirs: a table's are no columns of text."""
    certain = [position for gutters in found if gutters.certain for position in gutters.positions]

    def holds(gutters: Gutters, position: float) -> bool:
        return gutters.certain or any(abs(position - other) < _SAME_GUTTER for other in certain)

    return [tuple(position for position in gutters.positions if holds(gutters, position)) for gutters in found]


def _settled(lines: Sequence[Line], own: Sequence[float], usual: Sequence[float]) -> tuple[float, ...]:
    """Gutters moved to where other pages have theirs, when fewer lines cross them there: labels may stand within."""

    def crossed(x: float) -> int:
        return sum(1 for line in lines if line.x0 < x - 1 and line.x1 > x + 1)

    settled: list[float] = []
    for x in own:
        near = [other for other in usual if abs(other - x) < 3 * _SAME_GUTTER]
        best = min(near, key=crossed, default=x)
        settled.append(best if crossed(best) < crossed(x) else x)
    return tuple(settled)


def _inherited(lines: Sequence[Line], usual: Sequence[float]) -> tuple[float, ...]:
    """The gutter of other pages, on a page with too few lines beside it to show its own."""
    for x in sorted(usual)[len(usual) // 2 :][:1]:
        crossing = sum(1 for line in lines if line.x0 < x - 1 and line.x1 > x + 1)
        before = sum(1 for line in lines if line.x1 <= x + 1)
        after = sum(1 for line in lines if line.x0 >= x - 1)
        if min(before, after) >= 2 and crossing <= 0.1 * len(lines):
            return (x,)
    return ()


def find_gutters(lines: Sequence[Line]) -> Gutters:
    """The x positions of white strips that part columns of running text, left to right; empty for one column.

    A strip counts when rows of long lines stand on both sides and few lines cross it.
    """
    if len(lines) < 2 * _MIN_ROWS:
        return Gutters((), certain=False)
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    edge = 0.12 * (right - left)
    gutters: list[tuple[float, float]] = []
    for position in _candidates(lines):
        if not left + edge <= position <= right - edge:
            continue
        score = _gutter_score(lines, position)
        if score <= 0:
            continue
        if not gutters or position - gutters[-1][0] >= edge:
            gutters.append((position, score))
        elif score > gutters[-1][1]:
            gutters[-1] = (position, score)
    best = max((score for _, score in gutters), default=0.0)
    positions = tuple(_centre(lines, position) for position, score in gutters if score >= 0.5 * best)
    crossing = [line for line in lines if any(line.x0 < x - 1 and line.x1 > x + 1 for x in positions)]
    chars = sum(len(line.text) for line in lines)
    return Gutters(positions, certain=sum(len(line.text) for line in crossing) <= _CROSSING * chars)


def _candidates(lines: Sequence[Line]) -> list[float]:
    """Just left of where several lines begin, left to right: a column has a straight left edge."""
    starts = Counter(round(line.x0 / _STEP) for line in lines)
    counts = {edge: count + starts[edge - 1] + starts[edge + 1] for edge, count in starts.items()}
    edges = sorted((edge for edge, count in counts.items() if count >= _MIN_ROWS), key=lambda edge: -counts[edge])
    return [edge * _STEP - 1.5 * _STEP for edge in sorted(edges[:_MAX_CANDIDATES])]


def _gutter_score(lines: Sequence[Line], x: float) -> float:
    """Rows parted at x less the lines that cross it; 0 or less when x is no gutter."""
    crossing = [line for line in lines if line.x0 < x - 1 and line.x1 > x + 1]
    before = [line for line in lines if line.x1 <= x + 1]
    after = [line for line in lines if line.x0 >= x - 1]
    if len(before) < _MIN_ROWS or len(after) < _MIN_ROWS or len(crossing) > len(before) + len(after):
        return 0.0
    # Only what stands level with the other side speaks for columns; a table's cells are short, lines of text are not.
    near, far = _level_with(before, after), _level_with(after, before)
    if min(len(near), len(far)) < _MIN_ROWS or not (_is_prose(near) and _is_prose(far)):
        return 0.0
    inside = _crossing_inside(crossing, near, far)
    return min(len(near), len(far)) - 2.0 * inside


def _level_with(lines: Sequence[Line], others: Sequence[Line]) -> list[Line]:
    """The lines that have one of the others beside them, give or take a line."""
    taken: set[int] = set()
    for other in others:
        taken.update(range(int(other.y0 - other.height), int(other.y1 + other.height) + 1))
    return [line for line in lines if int((line.y0 + line.y1) / 2) in taken]


def _is_prose(lines: Sequence[Line]) -> bool:
    """Most rows are about as wide as the widest: text that fills a column."""
    rows: Counter[int] = Counter()
    chars: Counter[int] = Counter()
    for line in lines:
        row = round(line.baseline / 3)
        rows[row] += int(line.width)
        chars[row] += len(line.text)
    widest = sorted(rows.values())[int(0.9 * (len(rows) - 1))]
    filled = sum(1 for width in rows.values() if width >= 0.7 * widest)
    return filled >= 0.4 * len(rows) and sorted(chars.values())[len(chars) // 2] >= 16


def _crossing_inside(crossing: Sequence[Line], near: Sequence[Line], far: Sequence[Line]) -> int:
    """Crossing lines that stand between rows of both sides, less those in runs (a wide figure or table)."""
    heights = sorted(line.baseline for line in (*near, *far))
    count = 0
    for line in crossing:
        beside = sum(1 for baseline in heights if abs(baseline - line.baseline) < 1.5 * line.size)
        count += 1 if beside >= 3 else 0
    return count


def _centre(lines: Sequence[Line], x: float) -> float:
    before = [line.x1 for line in lines if line.x1 <= x + 1]
    after = [line.x0 for line in lines if line.x0 >= x - 1]
    right_edge = sorted(before)[int(0.95 * (len(before) - 1))]
    left_edge = sorted(after)[int(0.05 * (len(after) - 1))]
    return (right_edge + left_edge) / 2


def _split_margin(
    lines: Sequence[Line], gutters: tuple[float, ...]
) -> tuple[list[Line], list[Line], tuple[float, ...]]:
    """Take a narrow column of notes off the left or right of the text.

    Returns:
        The lines of the margin, the others, and the gutters that remain.
    """
    if len(gutters) != 1:
        return [], list(lines), gutters
    x = gutters[0]
    before = [line for line in lines if line.x1 <= x + 1]
    after = [line for line in lines if line.x0 >= x - 1]
    for side, text in ((before, after), (after, before)):
        width = max(line.x1 for line in side) - min(line.x0 for line in side)
        other = max(line.x1 for line in text) - min(line.x0 for line in text)
        if width < 0.55 * other:
            inside = {id(line) for line in side}
            return list(side), [line for line in lines if id(line) not in inside], ()
    return [], list(lines), gutters


def join_fragments(
    lines: Sequence[Line], gutters: tuple[float, ...] = (), *, max_gap: float = 2.2, tolerance: float = 0.12
) -> list[Line]:
    """Join fragments that stand on one line of one column: wide spaces and raised characters part them in the file.

    Args:
        lines: Fragments of one page.
        gutters: x positions that are never bridged.
        max_gap: Widest space bridged, in font sizes.
        tolerance: Largest difference of baselines on one line, in font sizes.
    """
    rows: list[list[Line]] = []
    # Most fragments continue none: rows are looked up by height, and those that ended too far to the left are dropped.
    levels: dict[int, list[list[Line]]] = {}
    reach = max(max_gap, 1.6) * max((line.size for line in lines), default=0.0)
    for line in sorted(lines, key=lambda line: (line.x0, line.y0)):
        best = None
        level = int(line.baseline / _LEVEL)
        for near in (level - 1, level, level + 1):
            levels[near] = [row for row in levels.get(near, ()) if row[-1].x1 + reach >= line.x0]
        for row in (row for near in (level - 1, level, level + 1) for row in levels[near]):
            last = row[-1]
            if _continues(last, line, max_gap, tolerance) and not any(last.x1 - 1 <= x <= line.x0 + 1 for x in gutters):
                best = row
        if best is None:
            rows.append([line])
            levels.setdefault(level, []).append(rows[-1])
        else:
            best.append(line)
    return [row[0] if len(row) == 1 else _joined(row) for row in rows]


def _continues(last: Line, line: Line, max_gap: float, tolerance: float) -> bool:
    gap = line.x0 - last.x1
    size = max(last.size, line.size)
    # Between columns the space may be no wider than a heading's letters, so the smaller of two sizes measures it.
    reach_of_gap = max_gap * min(last.size, line.size)
    # A subscript stands below the superscript that it begins with, as far back as that is wide.
    stacked = last.spans[-1].raised * line.spans[0].raised < 0
    if not (-1.2 if stacked else -0.3) * size <= gap <= reach_of_gap:
        return False
    if abs(last.baseline - line.baseline) <= tolerance * size:
        return True
    overlap = min(last.y1, line.y1) - max(last.y0, line.y0)
    smaller = min(last.size, line.size)
    # An icon may stand between a name and its mark; between other raised text and its word there is no space.
    reach = 1.6 if line.size < last.size and not any(char.isalpha() for char in line.text) else 0.5
    return smaller < 0.86 * size and gap < reach * size and overlap > 0.3 * min(last.height, line.height)


def _joined(row: Sequence[Line]) -> Line:
    spans: list[Span] = []
    leftward = reads_leftwards("".join(line.text for line in row))
    for line in reversed(row) if leftward else row:
        gap = spans[-1].x0 - line.x1 if spans and leftward else line.x0 - spans[-1].x1 if spans else 0.0
        if gap > 0.12 * line.size and not spans[-1].text.endswith(" "):
            spans[-1] = replace(spans[-1], text=spans[-1].text + " ")
        spans.extend(line.spans)
    return make_line(row[0].page, spans)


def _stacks(lines: Sequence[Line], gutters: tuple[float, ...]) -> list[list[Line]]:
    """Columns in reading order: lines across a gutter close the columns above them."""
    if not lines:
        return []
    ordered = sorted(lines, key=lambda line: (line.baseline, line.x0))
    if not gutters:
        return [_by_row(ordered)]
    stacks: list[list[Line]] = []
    current: list[list[Line]] = [[] for _ in range(len(gutters) + 1)]
    wide: list[Line] = []
    for line, crosses in zip(ordered, _crossing(ordered, gutters), strict=True):
        if crosses:
            stacks.extend(stack for stack in current if stack)
            current = [[] for _ in range(len(gutters) + 1)]
            wide.append(line)
            continue
        if wide and any(current) is False:
            stacks.append(_by_row(wide))
            wide = []
        current[sum(1 for x in gutters if line.x0 >= x - 1)].append(line)
    stacks.extend(stack for stack in ([_by_row(wide)] if wide and not any(current) else [*current]) if stack)
    return stacks


def _crossing(ordered: Sequence[Line], gutters: tuple[float, ...]) -> list[bool]:
    """Which lines run across the columns: also a few short ones at the left below those, with nothing beside them."""
    crosses = [any(line.x0 < x - 1 and line.x1 > x + 1 for x in gutters) for line in ordered]
    first = 0
    for wide, group in groupby(list(crosses)):
        end = first + len(list(group))
        if not wide and first > 0:
            rest = ordered[first:end]
            beside = min((line.baseline for line in rest if line.x0 >= gutters[0] - 1), default=math.inf)
            alone = [line for line in rest if line.baseline + line.size < beside]
            reach = 3.0 if len(alone) == len(rest) else 1.6
            if len(alone) <= _SHORT_RUN and _run_below(ordered[first - 1], alone, reach):
                crosses[first : first + len(alone)] = [True] * len(alone)
        first = end
    return crosses


def _run_below(last: Line, lines: Sequence[Line], reach: float) -> bool:
    """True when lines begin about where the last did, none further below the one before it than the reach in sizes."""
    return all(
        abs(line.x0 - last.x0) < 3 * line.size and line.baseline - before.baseline < reach * line.size
        for before, line in pairwise([last, *lines])
    )


def _by_row(lines: Sequence[Line]) -> list[Line]:
    """Top to bottom, and left to right where lines share a row although their baselines differ a little."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.baseline, line.x0)):
        if rows and line.baseline - rows[-1][0].baseline < 0.3 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.x0)]


def _with_column(stack: Sequence[Line], column: int) -> list[Line]:
    left = common(((line.x0, len(line.text)) for line in stack), step=1.0)
    right = common(((line.x1, len(line.text)) for line in stack), step=1.0)
    # The usual edge wins over outliers, but the left edge is never right of most lines: lists and hanging indents.
    starts = sorted(line.x0 for line in stack)
    left = min(left, starts[len(starts) // 4])
    return [replace(line, column=column, left=left, right=max(right, line.left)) for line in stack]
