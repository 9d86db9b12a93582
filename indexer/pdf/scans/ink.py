"""What the ink of a scanned page tells: how far it is askew, and the size and strokes of a line of type."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_X_HEIGHT, _CAP_HEIGHT, _ASCENT, _DESCENT = 0.45, 0.67, 0.7, 0.21
"""Of usual text faces, as shares of the type size."""
_LOW = frozenset("acegmnopqrsuvwxyz")
"""Letters whose top is the x-height."""
_BELOW = frozenset("gjpqy,;()[]{}Q|@")
_MAX_TURN, _FINE = 4.0, 0.05
_CLEAR = 1.5
"""Lines of text, seen level, stand out from other angles by more than this factor."""
_MAX_MARKS = 60_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A line of type, in pixels: ``weight`` is the usual width of its upright strokes."""

    baseline: float
    size: float
    weight: float


def dark(gray: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels are ink: those darker than the threshold that parts the two kinds best.

    Args:
        gray: Shape (H, W).

    Returns:
        Shape (H, W).

    Source: Otsu, A threshold selection method from gray-level histograms, 1979.
    """
    counts = np.bincount(gray.ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(counts)
    total = below[-1]
    sums = np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (sums[-1] * below / total - sums) ** 2 / (below * (total - below))
    threshold = int(np.argmax(np.nan_to_num(spread, nan=0.0, posinf=0.0)))
    ink: NDArray[np.bool_] = gray <= threshold
    return ink if ink.mean() < 0.5 else np.zeros_like(ink)


def straightening(ink: NDArray[np.bool_]) -> float:
    """By how many degrees to turn a page so that its lines are level; 0 when that cannot be told.

    The right angle is the one at which rows are either full of ink or empty. Within 4 degrees either way.

    Args:
        ink: Shape (H, W), of coarse resolution.
    """
    rows, columns = np.nonzero(ink)
    if len(rows) < 500:
        return 0.0
    if len(rows) > _MAX_MARKS:
        chosen = np.linspace(0, len(rows) - 1, _MAX_MARKS).astype(np.int64)
        rows, columns = rows[chosen], columns[chosen]
    x, y = columns - ink.shape[1] / 2, rows - ink.shape[0] / 2
    coarse = np.arange(-_MAX_TURN, _MAX_TURN + 0.1, 0.25)
    contrasts = [_contrast(x, y, angle) for angle in coarse]
    best = coarse[int(np.argmax(contrasts))]
    fine = np.arange(best - 0.25, best + 0.251, _FINE)
    best = max(fine, key=lambda angle: _contrast(x, y, angle))
    found = _contrast(x, y, best)
    if abs(best) >= _MAX_TURN or found < 1.05 * _contrast(x, y, 0.0) or found < _CLEAR * float(np.median(contrasts)):
        return 0.0
    return round(float(best), 3)


def _contrast(x: NDArray[np.float64], y: NDArray[np.float64], angle: float) -> float:
    """The variance of the ink a row, of a page turned by so many degrees."""
    turned = x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
    rows = np.bincount((turned - turned.min()).astype(np.int64)).astype(np.float64)
    return float(np.sum(np.diff(rows) ** 2))


def measure(ink: NDArray[np.bool_], text: str) -> Measure:
    """Measure a line of type.

    Args:
        ink: Shape (H, W): the line, with nothing of its neighbours.
        text: What it says: which letters reach how high.
    """
    profile = ink.sum(axis=1).astype(np.float64)
    filled = np.nonzero(profile)[0]
    if not len(filled):
        return Measure(float(ink.shape[0]), float(ink.shape[0]), 0.0)
    top, bottom = int(filled[0]), int(filled[-1]) + 1
    outer = _by_outline(text, top, bottom)
    letters = [char for char in text if char.isalnum()]
    low = sum(char in _LOW for char in letters)
    if len(letters) < 4 or bottom - top < 6:
        return Measure(outer.baseline, outer.size, _stroke(ink))
    foot = len(profile) - bottom
    baseline = len(profile) - _edge(profile[::-1], foot, foot + int(0.55 * (bottom - top)))
    rise = baseline - _edge(profile, top, int(baseline) - 2)
    # The steepest rise is at the x-height, or where there are many capitals and figures, at their tops.
    heights = (_X_HEIGHT, _CAP_HEIGHT) if low else (_CAP_HEIGHT,)
    size = min((rise / height for height in heights), key=lambda each: abs(np.log(max(each, 0.1) / outer.size)))
    if not 0.7 * outer.size < size < 1.35 * outer.size:
        return Measure(outer.baseline, outer.size, _stroke(ink))
    return Measure(baseline, size, _stroke(ink))


def _by_outline(text: str, top: int, bottom: int) -> Measure:
    """Size and baseline by the topmost and lowest ink, and by which letters there are."""
    above = _CAP_HEIGHT if any(char.isdigit() or char.isupper() for char in text) else 0.0
    if any(char in "bdfhklt()[]{}|/" for char in text):
        above = _ASCENT
    above = above or _X_HEIGHT
    below = _DESCENT if any(char in _BELOW for char in text) else 0.0
    size = (bottom - top) / (above + below)
    return Measure(bottom - below * size, size, 0.0)


def _edge(profile: NDArray[np.float64], start: int, end: int) -> float:
    """Where rows of little ink give way to rows of much, between two rows: to a fraction of a row.

    It is the steepest rise over three rows, placed where the ink is half of what it grows to.
    """
    span = profile[start : max(end, start + 4)]
    if len(span) < 4:
        return float(start)
    padded = np.concatenate(([0.0, 0.0], span))
    rises = padded[3:] - padded[:-3]
    at = int(np.argmax(rises))
    before, after = padded[at], padded[at + 3]
    half = (before + after) / 2
    for row in range(at, at + 3):
        if padded[row] <= half <= padded[row + 1]:
            step = padded[row + 1] - padded[row]
            share = (half - padded[row]) / step if step > 0 else 0.0
            return float(start - 2 + row + 0.5 + share)
    return float(start - 2 + at + 2)


def _stroke(ink: NDArray[np.bool_]) -> float:
    """The mean width of runs of ink along the rows, bars and rules aside."""
    edges = np.diff(np.pad(ink, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.nonzero(edges == 1)[1], np.nonzero(edges == -1)[1]
    runs = ends - starts
    if not len(runs):
        return 0.0
    return float(runs[runs <= 1.6 * np.median(runs) + 0.5].mean())
