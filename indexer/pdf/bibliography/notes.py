"""References that stand nowhere but in footnotes."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.pdf.bibliography.labels import raised_label
from indexer.pdf.bibliography.reading import begins_with_people, is_dated
from indexer.pdf.geometry import Line, body_size

_SMALLER = 0.93
"""Footnotes are set at most this large, in sizes of the body."""
_LEAST, _LEAST_SHARE = 5, 0.25
"""So many notes, and this share of all, must be references."""
_LEAST_CHARS, _MAX_CHARS = 40, 900


def find_citing_notes(lines: Sequence[Line]) -> frozenset[int]:
    """Positions of the lines of footnotes that each are one whole reference; empty when notes do other things."""
    notes = _notes(lines)
    citing = [note for note in notes if _is_reference(lines, note)]
    if len(citing) < max(_LEAST, _LEAST_SHARE * len(notes)):
        return frozenset()
    return frozenset(index for note in citing for index in note)


def _notes(lines: Sequence[Line]) -> list[range]:
    """Footnotes: small lines from one with a raised number to the next, or to the end of their column."""
    size = _SMALLER * body_size(lines)
    notes: list[range] = []
    start: int | None = None
    for index, line in enumerate(lines):
        begins = line.size <= size and bool(raised_label(line))
        goes_on = start is not None and line.size <= size and line.column == lines[start].column
        if start is not None and (begins or not goes_on):
            notes.append(range(start, index))
            start = None
        if begins:
            start = index
    return [*notes, range(start, len(lines))] if start is not None else notes


def _is_reference(lines: Sequence[Line], note: range) -> bool:
    text = " ".join(lines[index].text for index in note)
    label = raised_label(lines[note.start])
    return (
        _LEAST_CHARS <= len(text) <= _MAX_CHARS
        and is_dated(text)
        and begins_with_people(text.removeprefix(label).lstrip())
    )
