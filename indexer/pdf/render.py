"""Pictures of pages with highlighted places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf

from core.errors import InputError, UnreadablePdf
from core.records import Box
from core.text import display_name
from indexer.config import ParserLimits
from indexer.pdf.opening import is_memory_failure, open_pdf

HIGHLIGHT = (255, 224, 102)
"""A marker pen's yellow, as red, green, blue in 0–255."""
MIN_WIDTH_PX, MAX_WIDTH_PX = 16, 4_000
MAX_PIXELS = 24_000_000


def render_page(
    path: Path,
    page: int,
    *,
    width_px: int,
    highlights: Sequence[Box] = (),
    color: tuple[int, int, int] = HIGHLIGHT,
    limits: ParserLimits | None = None,
    name: str = "",
) -> bytes:
    """Render a page as PNG, in this process; a page of extreme shape becomes narrower than asked.

    Args:
        path: The file.
        page: 1-based.
        width_px: 16 to 4,000.
        highlights: Places to mark as with a pen; boxes of other pages are ignored.
        color: Red, green, blue, 0–255.
        limits: Size and page limits; the defaults when None.
        name: What the user calls the file, for messages.

    Raises:
        UnreadablePdf: The file cannot be opened, or the page cannot be drawn.
        InputError: There is no such page, or the width is out of range.
    """
    if not MIN_WIDTH_PX <= width_px <= MAX_WIDTH_PX:
        raise InputError(f"width of {width_px} px is not within {MIN_WIDTH_PX} to {MAX_WIDTH_PX}")
    document = open_pdf(path, limits=limits or ParserLimits(), name=name)
    try:
        if not 1 <= page <= document.page_count:
            raise InputError(f"{display_name(name or path.name)}: no page {page}, the file has {document.page_count}")
        return _draw(document.load_page(page - 1), width_px, [box for box in highlights if box.page == page], color)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # the library raises several kinds on damaged pages
        if is_memory_failure(error):
            raise MemoryError from error
        raise UnreadablePdf(
            f"{display_name(name or path.name)}: page {page} cannot be drawn",
            reason="damaged",
            hint="Download or copy the file again; qpdf IN OUT may repair it.",
        ) from error
    finally:
        document.close()


def _draw(page: Any, width_px: int, boxes: Sequence[Box], color: tuple[int, int, int]) -> bytes:
    width, height = max(1.0, page.rect.width), max(1.0, page.rect.height)
    scale = min(width_px / width, (MAX_PIXELS / (width * height)) ** 0.5)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    if boxes:
        pixmap = _highlighted(pixmap, boxes, scale, color)
    return bytes(pixmap.tobytes("png"))


def _highlighted(pixmap: Any, boxes: Sequence[Box], scale: float, color: tuple[int, int, int]) -> Any:
    """Multiply the colour in, as ink does: paper takes it, print stays dark. Overlaps are inked once."""
    pixels = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.width, 3)
    mask = np.zeros((pixmap.height, pixmap.width), dtype=np.bool_)
    for box in boxes:
        x0, y0 = max(0, int(box.x0 * scale) - 1), max(0, int(box.y0 * scale) - 1)
        mask[y0 : int(box.y1 * scale) + 2, x0 : int(box.x1 * scale) + 2] = True
    ink = np.asarray(color, dtype=np.uint16)
    painted = pixels.copy()
    painted[mask] = (pixels[mask].astype(np.uint16) * ink // 255).astype(np.uint8)
    return pymupdf.Pixmap(pymupdf.csRGB, pixmap.width, pixmap.height, painted.tobytes(), False)
