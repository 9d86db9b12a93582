"""The lines of a reference list to its entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.pdf.bibliography.labels import label_of_line, labelled_starts, strip
from indexer.pdf.bibliography.layout import RULES
from indexer.pdf.bibliography.reading import begins_with_people, is_dated, likeness
from indexer.pdf.geometry import Line

_LABELLED = 0.45
"""What the entries between labels must look like, by ``likeness``, for the labels to be believed."""
_MAX_PREAMBLE, _SURE = 15, 5
"""Lines that may introduce a list, when so many labels follow."""
_ALMOST = 0.12
"""An earlier rule wins over a later one that does better by less than this."""


_REMARK = re.compile(r"^[(\[]?(?:accessed|retrieved|available|cited (?:on|by|in|at)|visited|last)\b", re.IGNORECASE)
_LEAST_CHARS = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its lines, and its label without brackets (empty when it has none)."""

    lines: tuple[Line, ...]
    label: str = ""


def split_entries(lines: Sequence[Line]) -> list[Entry]:
    """Part the lines of a reference list into entries: by label, by hanging indent, by gap, or by how lines read.

    The parting whose entries look most like references wins.
    """
    lines = [line for line in lines if any(char.isalnum() for char in line.text)]
    if not lines:
        return []
    starts = _by_label(lines)
    if starts:
        return _entries(lines, starts, labelled=True)
    return _entries(lines, _by_layout(lines), labelled=False)


def _by_label(lines: Sequence[Line]) -> list[int]:
    for starts in labelled_starts(lines):
        late = starts[:1] > [2] and (starts[0] > _MAX_PREAMBLE or len(starts) < _SURE)
        if len(starts) < 2 or late or len(starts) < 0.08 * len(lines):
            continue
        if likeness([strip(text) for text in _texts(lines, starts)]) >= _LABELLED:
            return starts
    return []


def _by_layout(lines: Sequence[Line]) -> list[int]:
    scored = [(likeness(_texts(lines, starts)), starts) for rule in RULES if (starts := rule(lines))]
    best = max((score for score, _ in scored), default=0.0)
    starts = next((starts for score, starts in scored if score >= best - _ALMOST), [0])
    texts = _texts(lines, starts)
    return [start for start, text in zip(starts, texts, strict=True) if start == 0 or not _is_remark(text)]


def _is_remark(text: str) -> bool:
    """True for what is set on a line of its own under an entry: its kind, a date of access, pages that cite it."""
    if begins_with_people(text):
        return False
    return bool(_REMARK.match(text)) or (len(text) < _LEAST_CHARS and not is_dated(text))


def _texts(lines: Sequence[Line], starts: Sequence[int]) -> list[str]:
    bounds = [*starts, len(lines)]
    return [" ".join(line.text for line in lines[first:end]) for first, end in pairwise(bounds)]


def _entries(lines: Sequence[Line], starts: Sequence[int], *, labelled: bool) -> list[Entry]:
    bounds = [*starts, len(lines)]
    if bounds[0] > 0 and not labelled:
        bounds.insert(0, 0)
    return [
        Entry(tuple(lines[first:end]), label_of_line(lines[first]) if labelled else "")
        for first, end in pairwise(bounds)
    ]
