"""From an open PDF to pages of lines. The only module that asks the PDF library for text."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pymupdf

from core.text import clean
from indexer.pdf.bidi import has_leftward, in_reading_order, reads_leftwards
from indexer.pdf.dingbats import without_dingbats
from indexer.pdf.geometry import Line, Link, Page, Span, make_line
from indexer.pdf.glyphs import repair
from indexer.pdf.opening import is_memory_failure
from indexer.pdf.scans.unread import is_unread

_ITALIC, _BOLD = 2, 16
_BOLD_NAMES = ("bold", "black", "heavy", "-medi", "demi", "cmbx", "semibold", "cmssbx")
_FAR_PT = 20_000.0
"""No page is as large (the format ends at 14,400): what lies further out was put there by a damaged number."""
_STAMPED_PAGES = 2
"""Stamps are looked for on so many pages: a cover sheet may stand before the paper."""
_MAX_STAMPS, _STAMP_CHARS = 20, 300
_MAX_LINES = 5_000
"""Of one page: a plot with more fragments than this is not text."""


def read_pages(document: Any) -> Iterator[Page]:
    """Read the pages of an open ``pymupdf.Document`` one by one; a page that cannot be read is empty."""
    labelled = bool(document.get_page_labels())
    for index in range(document.page_count):
        yield _read_page(document, index, labelled=labelled)


def _read_page(document: Any, index: int, *, labelled: bool) -> Page:
    number = index + 1
    try:
        page = document.load_page(index)
        data = page.get_text("dict", flags=pymupdf.TEXT_MEDIABOX_CLIP)
        _turn_leftward_lines(page, data)
        links = _links(page)
        unread = is_unread(page, data)
    except Exception as error:  # one broken page must not lose the others
        if is_memory_failure(error):
            raise MemoryError from error
        return Page(number=number, width=0.0, height=0.0, lines=())
    turn = page.rotation_matrix if page.rotation else None
    lines = [line for raw in _raw_lines(data) if (line := _line(raw, number, turn)) is not None]
    return Page(
        number=number,
        width=page.rect.width,
        height=page.rect.height,
        lines=tuple(lines[:_MAX_LINES]),
        label=_label(page) if labelled else "",
        links=links,
        unread=unread,
        stamps=_stamps(data, turn) if number <= _STAMPED_PAGES else (),
    )


def _stamps(data: dict[str, Any], turn: Any) -> tuple[str, ...]:
    """Text that stands upright or upside down, such as an archive's stamp along the margin."""
    turned = (raw for raw in _raw_lines(data) if not _is_level(raw, turn))
    texts = (
        clean("".join(span["text"] for span in raw["spans"]))[:_STAMP_CHARS] for raw in islice(turned, _MAX_STAMPS)
    )
    return tuple(text for text in texts if len(text) > 3)


def _turn_leftward_lines(page: Any, data: dict[str, Any]) -> None:
    """Replace the text of lines that are read from right to left by that in the order of their characters' places."""
    lines = list(_raw_lines(data))
    texts = ["".join(span["text"] for span in line["spans"]) for line in lines]
    if page.rotation or not any(map(has_leftward, texts)):
        return
    placed = _raw_lines(page.get_text("rawdict", flags=pymupdf.TEXT_MEDIABOX_CLIP))
    for line, text, raw in zip(lines, texts, placed, strict=True):
        if reads_leftwards(text):
            chars = [(char["c"], char["bbox"][0], char["bbox"][2]) for span in raw["spans"] for char in span["chars"]]
            line["spans"] = [{**line["spans"][0], "text": in_reading_order(chars), "bbox": line["bbox"]}]


def _label(page: Any) -> str:
    """The label printed on a page.

    The library reads the prefix of a rule from the first "/P" in it, which may be that of "/Type /PageLabel".
    """
    label: str = page.get_label()
    return clean(label.removeprefix("ageLabel"))


def _links(page: Any) -> tuple[Link, ...]:
    return tuple(
        Link(uri=link["uri"], x0=link["from"].x0, y0=link["from"].y0, x1=link["from"].x1, y1=link["from"].y1)
        for link in page.get_links()
        if link.get("uri")
    )


def _raw_lines(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in data["blocks"]:
        yield from block.get("lines", ())


def _line(raw: dict[str, Any], page: int, turn: Any) -> Line | None:
    """A horizontal line, or None for rotated stamps and blank ones."""
    if not _is_level(raw, turn):
        return None
    spans = [span for piece in _pieces(raw["spans"], turn) if (span := _span(piece)) is not None]
    if not spans:
        return None
    line = make_line(page, spans)
    return line if max(abs(line.x0), abs(line.y0), abs(line.x1), abs(line.y1)) < _FAR_PT else None


def _is_level(raw: dict[str, Any], turn: Any) -> bool:
    direction = pymupdf.Point(raw["dir"])
    if turn is not None:
        origin = pymupdf.Point(0, 0) * turn
        direction = direction * turn - origin
    return bool(direction.x >= 0.97)


@dataclass(slots=True)
class _Piece:
    """Characters of one style that stand together, gathered from what the library parts."""

    text: str
    font: str
    flags: int
    size: float
    baseline: float
    x0: float
    y0: float
    x1: float
    y1: float


def _pieces(raw: list[dict[str, Any]], turn: Any) -> Iterator[_Piece]:
    """Words, each with the space after it; parts of one word in one style are joined."""
    piece: _Piece | None = None
    for data in raw:
        text = data["text"]
        if not text.strip():
            if piece is not None and text and not piece.text.endswith(" "):
                piece.text += " "
            continue
        x0, y0, x1, y1 = data["bbox"]
        baseline = data["origin"][1]
        if turn is not None:
            box = pymupdf.Rect(data["bbox"]) * turn
            x0, y0, x1, y1 = box.x0, box.y0, box.x1, box.y1
            baseline = (pymupdf.Point(data["origin"]) * turn).y
        font, size = data["font"], data["size"]
        if (
            piece is not None
            and not piece.text.endswith(" ")
            and (piece.font, piece.size, piece.baseline) == (font, size, baseline)
        ):
            piece.text += text
            piece.y0, piece.x1, piece.y1 = min(piece.y0, y0), max(piece.x1, x1), max(piece.y1, y1)
            continue
        if piece is not None:
            yield piece
        piece = _Piece(text, font, data["flags"], size, baseline, x0, y0, x1, y1)
    if piece is not None:
        yield piece


def _span(piece: _Piece) -> Span | None:
    text = repair(without_dingbats(piece.text) if piece.font.startswith("Type3") else piece.text)
    if not text.strip():
        return None
    bold, italic = _weight_and_slant(piece.font, piece.flags)
    return Span(
        text=text,
        x0=piece.x0,
        y0=piece.y0,
        x1=piece.x1,
        y1=piece.y1,
        baseline=piece.baseline,
        size=piece.size,
        font=piece.font,
        bold=bold,
        italic=italic,
    )


@functools.lru_cache(maxsize=1_024)
def _weight_and_slant(font: str, flags: int) -> tuple[bool, bool]:
    """Whether a font is bold and whether it is italic, by what the file says of it and by its name."""
    name = font.lower()
    bold = bool(flags & _BOLD) or any(part in name for part in _BOLD_NAMES)
    return bold, bool(flags & _ITALIC) or "ital" in name or "oblique" in name
