"""Pages whose text is not to be had as text: which they are, and what the user is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from core.records import Notice
from indexer.pdf.geometry import Page
from indexer.pdf.scans.tessdata import INSTALL_HINT

MIN_CHARS = 40
"""A page, or a file, with less text than this has no text layer worth the name."""
_STAMP_CHARS = 250
"""What archives print on each scanned page may be as long as this."""
_MEANINGLESS = 0.3
_COVERED, _FILLED = 0.5, 0.85
_OUTLINES = 300
_GLYPH_PT = (1.5, 40.0)
_PICTURES = frozenset({"fill-image", "fill-imgmask"})


def is_unread(page: Any, data: dict[str, Any]) -> bool:
    """Whether a page has to be looked at to be read.

    True for a picture that covers most of a page with next to no text, for text drawn as outlines, and for a text layer
    that is mostly characters without meaning.

    Args:
        page: A ``pymupdf.Page``.
        data: Its text, as ``page.get_text("dict")`` gives it.
    """
    good, bad = _characters(data)
    if bad > _MEANINGLESS * (good + bad) and good + bad >= MIN_CHARS:
        return True
    if good >= _STAMP_CHARS:
        return False
    covered, outlines = _drawn(page)
    if good >= MIN_CHARS:
        return covered >= _FILLED
    return covered >= _COVERED or outlines >= _OUTLINES


def _characters(data: dict[str, Any]) -> tuple[int, int]:
    """How many characters of a page's text have a meaning, and how many have none."""
    good = bad = 0
    for block in data["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                text = span["text"]
                count = len(text) - text.count(" ")
                lost = 0 if text.isprintable() and "\ufffd" not in text else sum(map(_means_nothing, text))
                lost += 5 * text.count("(cid:")
                lost = min(lost, count)
                good, bad = good + count - lost, bad + lost
    return good, bad


def _means_nothing(char: str) -> bool:
    return char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " " or "\x7f" <= char < "\xa0"


def _drawn(page: Any) -> tuple[float, int]:
    """The share of a page that pictures cover, counting strips together, and the number of letter-sized outlines."""
    whole = page.rect
    area = max(1.0, whole.width * whole.height)
    covered, outlines = 0.0, 0
    for kind, (x0, y0, x1, y1), *_ in page.get_bboxlog():
        if kind in _PICTURES:
            width = min(x1, whole.width) - max(x0, 0.0)
            height = min(y1, whole.height) - max(y0, 0.0)
            covered += max(0.0, width) * max(0.0, height) / area
        elif kind == "fill-path" and _GLYPH_PT[0] < y1 - y0 < _GLYPH_PT[1] and x1 - x0 < _GLYPH_PT[1]:
            outlines += 1
    return covered, outlines


def scan_notices(pages: Sequence[Page], *, recognised: Iterable[int], tried: bool) -> tuple[Notice, ...]:
    """What to tell of pages that were recognised, or could not be.

    Args:
        pages: As they will be parsed; ``unread`` is set where nothing could be read.
        recognised: Numbers of the pages whose text comes from recognition.
        tried: Whether recognition was at work at all.
    """
    notices: list[Notice] = []
    done = [number for number in recognised if not pages[number - 1].unread]
    unread = [page.number for page in pages if page.unread]
    if done:
        which = "all pages" if len(done) == len(pages) else f"{_pages(done)} of {len(pages)}"
        message = f"The text of {which} was recognised from pictures (OCR): expect misread words."
        notices.append(Notice(code="recognised", message=message))
    if not unread:
        return tuple(notices)
    way_out = (
        "Recognition (OCR) found no text on them."
        if tried
        else f"{INSTALL_HINT}; then add the file again, or run: galacite reread PAPER"
    )
    if len(unread) == len(pages) or not any(page.lines for page in pages):
        message = f"The pages hold no text, only pictures. {way_out}"
        notices.append(Notice(code="no_text", message=message))
    else:
        message = f"Not read, since they are pictures without text: {_pages(unread)} of {len(pages)}. {way_out}"
        notices.append(Notice(code="pages_unread", message=message))
    return tuple(notices)


def _pages(numbers: Sequence[int]) -> str:
    """Page 3; pages 3, 7–9."""
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after != before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after != before + 1), numbers[-1]]
    runs = [str(start) if start == end else f"{start}–{end}" for start, end in zip(starts, ends, strict=True)]
    return f"{'page' if len(numbers) == 1 else 'pages'} {', '.join(runs)}"
