"""Superscript numbers of scanned lines: found by where their ink is, enlarged, and read by themselves.

The recognition of whole lines takes a small raised figure for a quotation mark, an asterisk or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indexer.pdf.scans.recognised import RecognisedLine, Word

_ABOVE, _LOW = 0.2, 0.3
"""Raised ink ends as far above the baseline; full stops and commas begin no higher; as shares of the type size."""
_TALL = (0.34, 0.62)
"""Heights of raised figures; quotation marks are lower."""
_MOST = 400
_ROW_PX, _HEIGHT_PX, _MARGIN_PX = 96, 34, 40
_NUMBERS = re.compile(r"\d{1,3}(?:[,;–-]\d{1,3})*")
_MEANT = str.maketrans("lI|!iOo—S&’.", "1111100–58,,")
_PARTING = re.compile(r"[:;]+")
_BESIDE = 0.08
"""So much, as a share of the type size, the ink of a word may reach beyond where it is said to end."""


@dataclass(frozen=True, slots=True)
class Raised:
    """Raised ink at the end of a word, in pixels; ``signs`` is how many pieces it has, ``x1`` beyond it."""

    line: int
    word: int
    x0: int
    y0: int
    x1: int
    y1: int
    signs: int
    tail: bool


def find_raised(lines: Sequence[RecognisedLine], ink: NDArray[np.bool_]) -> list[Raised]:
    """The words of a page that end in raised ink of the height of figures; lines in pixels of the picture."""
    found: list[Raised] = []
    for number, line in enumerate(lines):
        top, bottom = int(line.baseline - 0.95 * line.size), int(line.baseline + 0.3 * line.size)
        if top < 0 or not 8 <= line.size <= ink.shape[0]:
            continue
        for place, word in enumerate(line.words):
            left = max(0, int(word.x0 - _BESIDE * line.size))
            pieces = _pieces(ink[top:bottom, left : int(word.x1 + _BESIDE * line.size) + 1])
            raised = _raised(pieces, baseline=line.baseline - top, size=line.size)
            if raised is not None:
                first, last, tail = raised
                box = pieces[first : last + 1]
                x0, x1 = box[0][0] + left, box[-1][1] + left
                y0, y1 = min(piece[2] for piece in box) + top, max(piece[3] for piece in box) + top
                found.append(Raised(number, place, x0, y0, x1, y1, len(box), tail))
    return found[:_MOST]


def _pieces(ink: NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Pieces of ink parted by white columns, each (x0, x1, y0, y1), from left to right."""
    edges = np.diff(np.pad(ink.any(axis=0), 1).astype(np.int8))
    pieces: list[tuple[int, int, int, int]] = []
    for x0, x1 in zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0], strict=True):
        rows = np.nonzero(ink[:, x0:x1].any(axis=1))[0]
        pieces.append((int(x0), int(x1), int(rows[0]), int(rows[-1]) + 1))
    return pieces


def _raised(
    pieces: Sequence[tuple[int, int, int, int]], *, baseline: float, size: float
) -> tuple[int, int, bool] | None:
    """First and last of the raised pieces that end a word, and whether a full stop or the like follows them."""
    last = len(pieces) - 1
    tail = last > 0 and pieces[last][2] > baseline - _LOW * size
    last -= tail
    first = last + 1
    while first > 0 and pieces[first - 1][3] < baseline - _ABOVE * size:
        first -= 1
    group = pieces[first : last + 1]
    if not any(_TALL[0] * size <= y1 - y0 <= _TALL[1] * size for _, _, y0, y1 in group):
        return None
    return first, last, tail


def with_raised(
    lines: Sequence[RecognisedLine],
    gray: NDArray[np.uint8],
    ink: NDArray[np.bool_],
    *,
    lead: NDArray[np.uint8],
    read: Callable[[NDArray[np.uint8]], list[tuple[float, str]]],
) -> list[RecognisedLine]:
    """The lines with their raised numbers read.

    Args:
        lines: In pixels of the picture.
        gray, ink: The picture, both of shape (H, W).
        lead: The picture of a word that is put before each number, since a single figure is seldom recognised.
        read: Recognises a picture: (row of its middle, text) of each line in it.
    """
    found = find_raised(lines, ink)
    if not found:
        return list(lines)
    texts: dict[int, str] = {}
    for middle, text in read(_sheet([gray[each.y0 : each.y1, each.x0 : each.x1] for each in found], lead)):
        row = int(middle // _ROW_PX)
        texts[row] = f"{texts.get(row, '')}{text}"
    changed = list(lines)
    # From right to left, so that the places of words stay true.
    for row, raised in sorted(enumerate(found), key=lambda each: -each[1].word):
        number = _PARTING.sub(";", texts.get(row, "").translate(_MEANT))
        if _NUMBERS.fullmatch(number):
            changed[raised.line] = _put(changed[raised.line], raised, number)
    return changed


def _sheet(figures: Sequence[NDArray[np.uint8]], lead: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture with the figures in rows, enlarged, each behind the lead."""
    left = _MARGIN_PX + lead.shape[1] + _HEIGHT_PX // 2
    width = left + 12 * _HEIGHT_PX + _MARGIN_PX
    sheet = np.full((_ROW_PX * (len(figures) + 1), width), 255, dtype=np.uint8)
    for row, figure in enumerate(figures):
        bottom = _ROW_PX * (row + 1)
        sheet[bottom - lead.shape[0] : bottom, _MARGIN_PX : _MARGIN_PX + lead.shape[1]] = lead
        large = _enlarged(figure, width - left - _MARGIN_PX)
        sheet[bottom - large.shape[0] : bottom, left : left + large.shape[1]] = large
    return sheet


def _enlarged(figure: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """A picture at the height of the lead's figures, not wider than ``most``, by linear interpolation."""
    factor = min(_HEIGHT_PX / figure.shape[0], most / figure.shape[1])
    by_row = _between(figure.astype(np.float64), factor)
    return np.asarray(_between(by_row.T, factor).T.round(), dtype=np.uint8)


def _between(values: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Rows at ``factor`` times as many places, each between its two neighbours."""
    places = ((np.arange(max(1, int(values.shape[0] * factor))) + 0.5) / factor - 0.5).clip(0, values.shape[0] - 1)
    lower = places.astype(np.int64)
    upper = (lower + 1).clip(max=values.shape[0] - 1)
    share = (places - lower)[:, None]
    return np.asarray(values[lower] * (1 - share) + values[upper] * share, dtype=np.float64)


def _put(line: RecognisedLine, raised: Raised, number: str) -> RecognisedLine:
    """The line with a number in the place of what its word was taken to end in."""
    word = line.words[raised.word]
    text, tail = word.text, ""
    if raised.tail and text[-1:] in ".,;:":
        text, tail = text[:-1], text[-1]
    # The last signs are what the figures were taken for, from the first among them that is no letter.
    start = max(0, len(text) - raised.signs)
    text = text[: next((place for place in range(start, len(text)) if not text[place].isalpha()), len(text))]
    parts = [Word(text=number, x0=raised.x0, x1=raised.x1, raised=1)]
    if text and raised.x0 - word.x0 > 0.15 * line.size:
        parts.insert(0, replace(word, text=text, x1=min(word.x1, raised.x0)))
    if tail:
        parts.append(Word(text=tail, x0=raised.x1, x1=max(word.x1, raised.x1)))
    return replace(line, words=(*line.words[: raised.word], *parts, *line.words[raised.word + 1 :]))
