"""Places on pages as GROBID writes them: ``coords="page,x,y,width,height;…"``, in points from the top left.

Source: https://grobid.readthedocs.io/en/latest/Coordinates-in-PDF/
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.records import Box

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_BOXES = 400
"""One element may have; a reference list that was taken as one entry has fewer lines."""
_MAX_POINTS = 20_000.0
_PAGE = re.compile(r"(?:^|;)\s*(\d{1,6}),")


@dataclass(frozen=True, slots=True)
class Pages:
    """How many pages there are, and the sizes of those that the source tells (left, top, right, bottom)."""

    count: int
    sizes: Mapping[int, tuple[float, float, float, float]]

    def boxes(self, element: _Element) -> tuple[Box, ...]:
        """The places of an element; those that are malformed or off the page are passed over."""
        if not self.count:
            return ()
        parts = (element.get("coords") or "").split(";", _MAX_BOXES)[:_MAX_BOXES]
        return tuple(box for part in parts if (box := self._box(part)) is not None)

    def _box(self, text: str) -> Box | None:
        try:
            page_text, *numbers = text.split(",")
            page = int(page_text)
            x, y, width, height = (float(number) for number in numbers)
        except ValueError:
            return None
        if not (1 <= page <= self.count and all(math.isfinite(value) for value in (x, y, width, height))):
            return None
        left, top, right, bottom = self.sizes.get(page, (0.0, 0.0, _MAX_POINTS, _MAX_POINTS))
        x0, x1 = max(x, left), min(x + width, right)
        y0, y1 = max(y, top), min(y + height, bottom)
        if x1 <= x0 or y1 <= y0:
            return None
        return Box(page=page, x0=x0 - left, y0=y0 - top, x1=x1 - left, y1=y1 - top)


def read_pages(root: _Element, *, most: int) -> Pages:
    """Pages of a TEI file: as it lists them, else as many as its places name, at most ``most``."""
    surfaces = list(root.iter("surface"))
    if surfaces:
        sizes = {number: size for number, element in enumerate(surfaces, 1) if (size := _size(element)) is not None}
        return Pages(len(surfaces), sizes)
    named = (
        int(page) for element in root.iter("*") if (coords := element.get("coords")) for page in _PAGE.findall(coords)
    )
    return Pages(max((page for page in named if page <= most), default=0), {})


def _size(surface: _Element) -> tuple[float, float, float, float] | None:
    try:
        left, top, right, bottom = (float(surface.get(name, "")) for name in ("ulx", "uly", "lrx", "lry"))
    except ValueError:
        return None
    fits = all(math.isfinite(value) and abs(value) <= _MAX_POINTS for value in (left, top, right, bottom))
    return (left, top, right, bottom) if fits and right > left and bottom > top else None
