"""Labels before the entries: [1], 1., (1), a bare or raised 1, [Knu84]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from indexer.pdf.bibliography.layout import left_edges
from indexer.pdf.geometry import Line

_MAX_STEP, _MAX_RAISED_STEP = 3, 50
"""A label or two may be lost; more than that between two labels means that one of them is none. Raised numbers stand
seldom at the beginning of another line, and among footnotes many are no references."""

BRACKET = re.compile(r"^\[\s?([A-Z]{0,2}\d{1,4}[a-z]?)\s?\]")
PAREN = re.compile(r"^\(([A-Z]?(?:\d{1,3}|1[0-4]\d\d))\)(?=\s|$|[^\W\d_])")
DOTTED = re.compile(r"^([A-Z]?(?:\d{1,3}|1[0-4]\d\d))[.)](?=\s|$|[^\W\d_]|[\"“‘'–—-])")
BARE = re.compile(r"^(\d{1,3}|1[0-4]\d\d)(?=$|\s+[^\W\d_\"“‘'(–—-]|\s+[\"“‘'(–—-]\s?[^\W\d_]|\s+https?:)")
KEY = re.compile(
    r"^\[(?!(?i:online|accessed|internet|available|retrieved|doi|pdf|video|computer|data ?set|software)\b)"
    r"(?=[^\]]{0,60}\d)(?=[^\]]{0,60}[^\W\d_])([^\[\]]{2,70})\]"
)
_NUMBERED = (BRACKET, DOTTED, PAREN, BARE)
_LEAST = 0.5
"""In font sizes: labels stand at least this much left of the other lines, or say nothing by their place."""
_OUTER = 1.2
"""In font sizes: how far right of the edge a short number may stand above a long one."""
_MAX_OPENINGS = 5


def label_of(text: str) -> str:
    """The label that an entry begins with, without its brackets; empty when it has none."""
    match = _match(text)
    return match[1].strip() if match is not None else ""


def strip(text: str) -> str:
    """A line without the label that it begins with."""
    match = _match(text)
    return text[match.end() :].lstrip() if match is not None else text


def _match(text: str) -> re.Match[str] | None:
    for pattern in (BRACKET, KEY, DOTTED, PAREN, BARE):
        match = pattern.match(text)
        if match is not None:
            return match
    return None


def raised_label(line: Line) -> str:
    """The superscript number that a line begins with; empty when there is none."""
    first = line.spans[0]
    text = first.text.strip(" .,)]([")
    return text if first.raised > 0 and text.isdigit() and len(text) <= 4 else ""


def label_of_line(line: Line) -> str:
    """The label that a line begins with, printed level or raised."""
    return raised_label(line) or label_of(line.text)


def labelled_starts(lines: Sequence[Line]) -> list[list[int]]:
    """For each form of label, the lines that begin with one in the right order; likeliest form first."""
    found = [_keyed(lines)]
    raised = [(index, raised_label(line)) for index, line in enumerate(lines)]
    found.append(_rising(raised, lines, step=_MAX_RAISED_STEP))
    for pattern in _NUMBERED:
        labels = [(index, match[1]) for index, line in enumerate(lines) if (match := pattern.match(line.text))]
        found.append(_rising(labels, lines))
    numbered = sorted(found[1:], key=len, reverse=True)
    # Keys hold digits too: what is a row of numbers in brackets is no row of keys.
    return [*numbered[:1], found[0], *numbered[1:]] if len(numbered[0]) >= len(found[0]) else [found[0], *numbered]


def _keyed(lines: Sequence[Line]) -> list[int]:
    """Lines at the edge of their column that begin with a key in brackets."""
    edges = left_edges(lines)
    found = [
        index
        for index, line in enumerate(lines)
        if line.x0 < edges[line.column] + _LEAST * line.size and KEY.match(line.text)
    ]
    return found if any(not BRACKET.match(lines[index].text) for index in found) else []


def _rising(labels: Sequence[tuple[int, str]], lines: Sequence[Line], *, step: int = _MAX_STEP) -> list[int]:
    """The longest row of labels that count upwards, as positions of lines."""
    numbers = _at_the_edge([(index, _number(label)) for index, label in labels if label], lines)
    edges = left_edges(lines)
    outer = [
        item for item in numbers if lines[item[0]].x0 - edges[lines[item[0]].column] < _OUTER * lines[item[0]].size
    ]
    rows = (_best_row(numbers, step), _best_row(outer, step))
    # A further line may begin with a number too: those at the very edge are labels when they are enough.
    return rows[1] if len(rows[1]) >= 0.8 * len(rows[0]) else rows[0]


def _best_row(numbers: Sequence[tuple[int, int]], step: int) -> list[int]:
    openings = [position for position, (_, number) in enumerate(numbers) if number in (0, 1)][:_MAX_OPENINGS]
    return max((_row(numbers, position, step) for position in openings or [0]), key=len) if numbers else []


def _row(numbers: Sequence[tuple[int, int]], first: int, step: int) -> list[int]:
    """Lines whose numbers follow one another from a first one on; a number that was lost is passed over."""
    starts = [numbers[first][0]]
    last = numbers[first][1]
    for position in range(first + 1, len(numbers)):
        index, number = numbers[position]
        if number - last == 1 or (1 < number - last <= step and not _follows(numbers, position, last + 1)):
            starts.append(index)
            last = number
    return starts


def _follows(numbers: Sequence[tuple[int, int]], position: int, wanted: int) -> bool:
    """True when the number that should come next stands a little later: then the one here is no label."""
    return any(number == wanted for _, number in numbers[position + 1 : position + 5])


def _number(label: str) -> int:
    return int("".join(char for char in label if char.isdigit()))


def _at_the_edge(numbers: Sequence[tuple[int, int]], lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Without numbers that stand where the other lines of entries do, when labels stand further left."""
    edges = left_edges(lines)
    places = {index: lines[index].x0 - edges[lines[index].column] for index, _ in numbers}
    others = [line.x0 - edges[line.column] for index, line in enumerate(lines) if index not in places]
    if not places or not others:
        return list(numbers)
    labels, rest = median(places.values()), median(others)
    if rest - labels < _LEAST * lines[0].size:
        return list(numbers)
    return [(index, number) for index, number in numbers if places[index] < (labels + rest) / 2 + 0.1 * (rest - labels)]
