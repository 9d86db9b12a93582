"""Which parts of a scanned page are columns: found by the white between them, before anything is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_GUTTER_PT, _COLUMN_PT, _HEIGHT_PT = 8.0, 85.0, 60.0
"""The least width of the white between columns, width of a column, and height that columns share."""
_MAX_DEPTH = 4
_TRIED = 60


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a picture, in pixels; ``x1`` and ``y1`` are beyond it."""

    x0: int
    y0: int
    x1: int
    y1: int


def find_zones(ink: NDArray[np.bool_], *, dpi: float) -> list[Zone]:
    """Part a page where columns stand side by side; in reading order, together they cover the page.

    Args:
        ink: Shape (H, W), of a page set straight.
        dpi: Its resolution.

    Source: the recursive X-Y cut (Nagy and Seth 1984), with cuts along gutters only.
    """
    whole = Zone(0, 0, ink.shape[1], ink.shape[0])
    return _parted(ink, whole, dpi / 72, _MAX_DEPTH)


def _parted(ink: NDArray[np.bool_], zone: Zone, scale: float, depth: int) -> list[Zone]:
    found = _gutter(ink[zone.y0 : zone.y1, zone.x0 : zone.x1], scale) if depth else None
    if found is None:
        return [zone]
    middle, top, bottom = found[0] + zone.x0, found[1] + zone.y0, found[2] + zone.y0
    above = Zone(zone.x0, zone.y0, zone.x1, top)
    left, right = Zone(zone.x0, top, middle, bottom), Zone(middle, top, zone.x1, bottom)
    below = Zone(zone.x0, bottom, zone.x1, zone.y1)
    parts = [part for part in (above, left, right, below) if part.y1 > part.y0]
    return [each for part in parts for each in _parted(ink, part, scale, depth - 1)]


def _gutter(ink: NDArray[np.bool_], scale: float) -> tuple[int, int, int] | None:
    """The middle of the highest gutter of a part, and the rows between which it is white; None without one."""
    columns = np.nonzero(ink.any(axis=0))[0]
    width, least = max(2, round(_GUTTER_PT * scale)), round(_COLUMN_PT * scale)
    if not len(columns) or columns[-1] - columns[0] < 2 * least + width:
        return None
    low, high = int(columns[0]) + least, int(columns[-1]) - least - width
    sums = np.pad(np.cumsum(ink, axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    white = (sums[:, low + width : high + width] - sums[:, low:high]) == 0
    runs, ends = _longest_runs(white)
    for at in np.argsort(-runs, kind="stable")[:_TRIED]:
        if runs[at] < _HEIGHT_PT * scale:
            return None
        start, end = int(ends[at] - runs[at]), int(ends[at])
        same = np.nonzero((runs >= 0.97 * runs[at]) & (np.abs(ends - ends[at]) <= 0.03 * runs[at] + 1))[0]
        near = same[np.abs(same - at) <= 12 * width]
        middle = low + int(near.mean()) + width // 2
        if _is_column(ink[start:end, :middle], least) and _is_column(ink[start:end, middle:], least):
            rows = np.nonzero(ink[start:end].any(axis=1))[0]
            if rows[-1] - rows[0] >= _HEIGHT_PT * scale:
                return middle, start + int(rows[0]), start + int(rows[-1]) + 1
    return None


def _longest_runs(white: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each column, the length of its longest run of white rows, and the row beyond it."""
    now = np.zeros(white.shape[1], dtype=np.int64)
    best, ends = now.copy(), now.copy()
    for row in range(white.shape[0]):
        now = (now + 1) * white[row]
        longer = now > best
        best[longer] = now[longer]
        ends[longer] = row + 1
    return best, ends


def _is_column(ink: NDArray[np.bool_], least: int) -> bool:
    """Whether there is enough text on a side: wide enough, and not just a line or two."""
    columns, rows = np.nonzero(ink.any(axis=0))[0], ink.any(axis=1)
    return len(columns) > 0 and int(columns[-1] - columns[0]) >= least and float(rows.mean()) > 0.25
