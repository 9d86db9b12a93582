"""The text of a page by looking at it: drawn, set straight, recognised by Tesseract, measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pymupdf
from numpy.typing import NDArray

from core.errors import InputError, UnreadablePdf
from core.text import display_name
from indexer.config import OcrConfig, ParserLimits
from indexer.pdf.glyphs import repair
from indexer.pdf.opening import is_memory_failure, open_pdf
from indexer.pdf.scans.ink import dark, measure, straightening
from indexer.pdf.scans.raised import with_raised
from indexer.pdf.scans.recognised import RecognisedLine, RecognisedPage, Word
from indexer.pdf.scans.zones import Zone, find_zones

_COARSE_DPI = 100
_LEAD = "number"
_SAME_PX = 0.6
_WIDEST_SPACE = 1.6
"""Of a line set justified, as a share of the height of its ink."""
_POOL = 3
_APART_PX = 40
_MAX_WORDS = 20_000
"""Of one page: more is noise."""
_MAX_SIZE = 100.0
_OPENING = re.compile(r"(?:\[\{|\{\[|\{)(?=\d{1,3}[\],;–}-])")
_CLOSING = re.compile(r"(?<=[\[,;–-])(\d{1,3})\}")
_INITIAL = re.compile(r"\$(?=[.,])")
_MAX_WORD_CHARS = 200
_BLOT = 0.3
"""A sign whose strokes are as wide as this share of its height is no letter but the dot of a list."""


class _Found(NamedTuple):
    """A word as recognised, and the block and line in which it stands."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    line: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Strip:
    """A zone of a page and the row at which it begins in the picture that is read."""

    top: int
    zone: Zone

    @property
    def bottom(self) -> int:
        """The row beyond it."""
        return self.top + self.zone.y1 - self.zone.y0


def recognise_page(
    path: Path, number: int, *, config: OcrConfig, limits: ParserLimits, name: str = ""
) -> RecognisedPage:
    """Recognise the text of a page, in this process.

    Args:
        number: 1-based.

    Raises:
        UnreadablePdf: The file cannot be opened, or the page cannot be drawn or recognised.
        InputError: There is no such page.
    """
    document = open_pdf(path, limits=limits, name=name)
    try:
        if not 1 <= number <= document.page_count:
            raise InputError(f"{display_name(name or path.name)}: no page {number}")
        return _recognise(document.load_page(number - 1), config)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # the library raises several kinds on damaged pages
        if is_memory_failure(error):
            raise MemoryError from error
        raise UnreadablePdf(
            f"{display_name(name or path.name)}: page {number} cannot be recognised", reason="damaged"
        ) from error
    finally:
        document.close()


def _recognise(page: Any, config: OcrConfig) -> RecognisedPage:
    width, height = page.rect.width, page.rect.height
    coarse = _draw(page, dpi=_COARSE_DPI, turn=0.0, max_pixels=config.max_pixels)
    turn = straightening(dark(_gray(coarse)))
    picture = _draw(page, dpi=config.dpi, turn=turn, max_pixels=config.max_pixels)
    gray = _gray(picture)
    ink = dark(gray)
    scale = _scale(page, dpi=config.dpi, max_pixels=config.max_pixels)
    strips = _strips(find_zones(_pooled(ink), dpi=72 * scale / _POOL), picture)
    words = _read(_stacked(picture, strips), config)
    lines = [line for row in _by_line(words) if (line := _line(_where_they_were(row, strips), ink)) is not None]
    lines = with_raised(lines, gray, ink, lead=_lead(), read=lambda sheet: _numbers(sheet, config))
    placed = tuple(_placed(line, picture.x, picture.y, scale) for line in lines)
    kept = tuple(line for line in placed if 0 < line.size <= _MAX_SIZE)
    return RecognisedPage(number=page.number + 1, width=width, height=height, turn=turn, lines=kept)


def mended(word: str) -> str:
    """A word without confusions that would mislead the parser: braces for brackets, $ for the initial S."""
    return _INITIAL.sub("S", _CLOSING.sub(r"\1]", _OPENING.sub("[", word)))


def _scale(page: Any, *, dpi: int, max_pixels: int) -> float:
    width, height = max(1.0, page.rect.width), max(1.0, page.rect.height)
    return float(min(dpi / 72, (max_pixels / (width * height)) ** 0.5))


def _draw(page: Any, *, dpi: int, turn: float, max_pixels: int) -> Any:
    """The page in colours, since the recognition takes nothing else, turned around its centre."""
    scale = _scale(page, dpi=dpi, max_pixels=max_pixels)
    x, y = page.rect.width / 2, page.rect.height / 2
    matrix = pymupdf.Matrix(1, 0, 0, 1, -x, -y) * pymupdf.Matrix(turn) * pymupdf.Matrix(1, 0, 0, 1, x, y)
    picture = page.get_pixmap(matrix=matrix * pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    picture.set_dpi(round(72 * scale), round(72 * scale))
    return picture


def _gray(picture: Any) -> NDArray[np.uint8]:
    """Shape (H, W): the green of each pixel, which is most of its brightness."""
    pixels = np.frombuffer(picture.samples, dtype=np.uint8).reshape(picture.height, picture.stride)
    gray: NDArray[np.uint8] = np.ascontiguousarray(pixels[:, 1 : picture.width * 3 : 3])
    return gray


def _pooled(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ink at a coarser resolution: a pixel is dark where one of those it stands for is."""
    height, width = ink.shape[0] // _POOL, ink.shape[1] // _POOL
    cells = ink[: height * _POOL, : width * _POOL].reshape(height, _POOL, width, _POOL)
    return np.asarray(cells.any(axis=(1, 3)), dtype=np.bool_)


def _strips(zones: Sequence[Zone], picture: Any) -> list[_Strip]:
    """Where each zone of a page goes in a picture of a single column."""
    strips: list[_Strip] = []
    top = 0
    for zone in zones:
        x0, y0, x1, y1 = (edge * _POOL for edge in (zone.x0, zone.y0, zone.x1, zone.y1))
        # What the coarser resolution left out at the far edges is the margin of the page.
        strip = _Strip(top, Zone(x0, y0, min(x1, picture.width), min(y1, picture.height)))
        strips.append(strip)
        top = strip.bottom + _APART_PX
    return strips


def _stacked(picture: Any, strips: Sequence[_Strip]) -> Any:
    """The zones of a page one below the other: columns that stand side by side are easily read across."""
    if len(strips) < 2:
        return picture
    pixels = np.frombuffer(picture.samples, dtype=np.uint8).reshape(picture.height, picture.width, 3)
    width = max(strip.zone.x1 - strip.zone.x0 for strip in strips)
    stack = np.full((strips[-1].bottom, width, 3), 255, dtype=np.uint8)
    for strip in strips:
        zone = strip.zone
        stack[strip.top : strip.bottom, : zone.x1 - zone.x0] = pixels[zone.y0 : zone.y1, zone.x0 : zone.x1]
    stacked = pymupdf.Pixmap(pymupdf.csRGB, width, stack.shape[0], stack.tobytes(), False)
    stacked.set_dpi(picture.xres, picture.yres)
    return stacked


def _read(picture: Any, config: OcrConfig) -> list[_Found]:
    """The words of a picture, in its pixels."""
    data = picture.pdfocr_tobytes(language=config.languages, tessdata=config.tessdata)
    with pymupdf.open(stream=data, filetype="pdf") as read:
        to_pixels = picture.width / max(read[0].rect.width, 1e-6)
        words = read[0].get_text("words", flags=pymupdf.TEXT_MEDIABOX_CLIP)[:_MAX_WORDS]
    return [_found(word, to_pixels) for word in words]


def _lead() -> NDArray[np.uint8]:
    """A word in large type, for numbers to stand behind."""
    with pymupdf.open() as document:
        page = document.new_page(width=len(_LEAD) * 7 + 8, height=20)
        page.insert_text((4, 14), _LEAD, fontsize=12, fontname="tiro")
        gray = _gray(page.get_pixmap(dpi=300, colorspace=pymupdf.csRGB, alpha=False))
    ink = gray < 128
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    return gray[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _numbers(sheet: NDArray[np.uint8], config: OcrConfig) -> list[tuple[float, str]]:
    """What stands behind the lead in each row of a sheet, and the row of its middle."""
    pixels = np.repeat(sheet[:, :, None], 3, axis=2)
    picture = pymupdf.Pixmap(pymupdf.csRGB, sheet.shape[1], sheet.shape[0], pixels.tobytes(), False)
    picture.set_dpi(300, 300)
    lines = _by_line(_read(picture, config))
    texts = [((line[0].y0 + line[0].y1) / 2, "".join(word.text for word in line)) for line in lines]
    return [(middle, text.removeprefix(_LEAD)) for middle, text in texts if text.startswith(_LEAD)]


def _found(word: Sequence[Any], to_pixels: float) -> _Found:
    x0, y0, x1, y1 = (edge * to_pixels for edge in word[:4])
    return _Found(x0, y0, x1, y1, mended(repair(word[4]).strip()), (word[5], word[6]))


def _where_they_were(words: Sequence[_Found], strips: Sequence[_Strip]) -> list[_Found]:
    """The words of a line in pixels of the page."""
    middle = (words[0].y0 + words[0].y1) / 2
    strip = next((strip for strip in strips if middle < strip.bottom + _APART_PX / 2), strips[-1])
    right, down = strip.zone.x0, strip.zone.y0 - strip.top
    return [
        word._replace(x0=word.x0 + right, x1=word.x1 + right, y0=word.y0 + down, y1=word.y1 + down) for word in words
    ]


def _by_line(words: Sequence[_Found]) -> Iterator[list[_Found]]:
    """Words that stand in one line: the recognition gives them the same height, however wide the spaces between."""
    line: list[_Found] = []
    for word in words:
        if not word.text:
            continue
        if line and not _goes_on(line[-1], word):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _goes_on(before: _Found, word: _Found) -> bool:
    if before.line == word.line:
        return True
    level = abs(before.y0 - word.y0) < _SAME_PX and abs(before.y1 - word.y1) < _SAME_PX
    return level and 0 <= word.x0 - before.x1 < _WIDEST_SPACE * (word.y1 - word.y0)


def _line(words: Sequence[_Found], ink: NDArray[np.bool_]) -> RecognisedLine | None:
    """A line in pixels of the picture, or None when it says nothing."""
    read = tuple(Word(text=word.text[:_MAX_WORD_CHARS], x0=word.x0, x1=word.x1) for word in words)
    text = " ".join(word.text for word in read)
    if not any(char.isalnum() for char in text) and len(text) < 2:
        return None
    x0, x1 = min(word.x0 for word in read), max(word.x1 for word in read)
    y0, y1 = min(word.y0 for word in words), max(word.y1 for word in words)
    part = ink[max(0, int(y0) - 1) : int(y1) + 2, max(0, int(x0) - 1) : int(x1) + 2]
    if not part.size:
        return None
    found = measure(part, text)
    weight = round(found.weight / found.size, 4) if found.size else 0.0
    if len(text) == 1 and weight > _BLOT:
        read = (replace(read[0], text="•"),)
    return RecognisedLine(
        words=read, y0=y0, y1=y1, baseline=max(0, int(y0) - 1) + found.baseline, size=found.size, weight=weight
    )


def _placed(line: RecognisedLine, left: int, top: int, scale: float) -> RecognisedLine:
    """The line in points: a picture of a turned page begins left of it and above it."""
    return replace(
        line,
        words=tuple(
            replace(word, x0=round((word.x0 + left) / scale, 2), x1=round((word.x1 + left) / scale, 2))
            for word in line.words
        ),
        y0=round((line.y0 + top) / scale, 2),
        y1=round((line.y1 + top) / scale, 2),
        baseline=round((line.baseline + top) / scale, 2),
        size=round(line.size / scale, 2),
    )
