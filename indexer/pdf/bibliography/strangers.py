"""Lines among the entries of a reference list that belong to the body: footnotes, captions, cells of tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from indexer.pdf.bibliography.labels import raised_label
from indexer.pdf.bibliography.layout import line_pitch
from indexer.pdf.bibliography.reading import begins_with_people
from indexer.pdf.bibliography.titles import is_title
from indexer.pdf.blocks import is_caption
from indexer.pdf.geometry import Line, body_size

_SIZE = 0.14
"""Lines of another size than the list's by more than this share do not belong to it."""
_NOTE = re.compile(r"^[*†‡§¶∗]")
_LABELLED = 5
"""With so many raised numbers at the beginnings of lines they are labels of entries, not marks of footnotes."""


def find_strangers(lines: Sequence[Line], start: int, end: int) -> frozenset[int]:
    """Positions between ``start`` and ``end`` of lines that do not belong to the list there."""
    inside = lines[start:end]
    if not inside:
        return frozenset()
    size = body_size(inside)
    pitch = line_pitch(inside)
    marked = sum(1 for line in inside if raised_label(line)) > _LABELLED
    found = {index for index in range(start, end) if is_running_head(lines, index, size)}
    position = start
    for _, group in groupby(inside, lambda line: line.column):
        column = list(group)
        found.update(position + index for index in _of_column(column, size=size, pitch=pitch, marked=marked))
        position += len(column)
    return frozenset(found)


def is_running_head(lines: Sequence[Line], index: int, size: float) -> bool:
    """True for the list's title above a page that goes on with entries of a ``size`` in points."""
    line = lines[index]
    first = index > 0 and lines[index - 1].page != line.page
    return first and not line.bold and line.size < 1.05 * size and is_title(line.text)


def _of_column(column: Sequence[Line], *, size: float, pitch: float, marked: bool) -> set[int]:
    found = {index for index, line in enumerate(column) if abs(line.size - size) > _SIZE * size and len(line.text) > 1}
    note = None if marked else _first_note(column, size=size, pitch=pitch)
    if note is not None:
        found.update(range(note, len(column)))
    for index, line in enumerate(column):
        if index not in found and is_caption(line.text) and _stands_apart(column, index, pitch):
            found.update(_around_caption(column, index, pitch))
    return found


def _first_note(column: Sequence[Line], *, size: float, pitch: float) -> int | None:
    """The first line of the footnotes at the foot of a column."""
    for index, line in enumerate(column):
        if not (raised_label(line) or _NOTE.match(line.text) or line.spans[0].raised > 0):
            continue
        smaller = line.size < 0.97 * size
        apart = index == 0 or line.baseline - column[index - 1].baseline > (1.15 if smaller else 1.4) * pitch
        if apart and not begins_with_people(line.text):
            return index
    return None


def _stands_apart(column: Sequence[Line], index: int, pitch: float) -> bool:
    return index == 0 or column[index].baseline - column[index - 1].baseline > 1.3 * pitch


def _around_caption(column: Sequence[Line], index: int, pitch: float) -> set[int]:
    """A caption's lines, and the cells over or under it: all up to a line that is set like an entry's."""
    last = index
    while last + 1 < len(column) and column[last + 1].baseline - column[last].baseline < 1.3 * pitch:
        last += 1
    found = set(range(index, last + 1))
    left = min(line.x0 for line in column)
    for step, position in ((1, last + 1), (-1, index - 1)):
        while 0 <= position < len(column) and _is_cell(column[position], left):
            found.add(position)
            position += step
    return found


def _is_cell(line: Line, left: float) -> bool:
    return line.x0 > left + 3.0 * line.size and line.width < 0.7 * (line.right - line.left)
