"""The text of a page by looking at it: drawn, set straight, recognised by Tesseract, measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

from core.errors import InputError, UnreadablePdf
from core.text import display_name
from indexer.config import OcrConfig, ParserLimits
from indexer.pdf.glyphs import repair
from indexer.pdf.ink import dark, measure, straightening
from indexer.pdf.opening import is_memory_failure, open_pdf
from indexer.pdf.recognised import RecognisedLine, RecognisedPage, Word

_COARSE_DPI = 100
_MAX_WORDS = 20_000
"""Of one page: more is noise."""
_MAX_SIZE = 100.0
_OPENING = re.compile(r"(?:\[\{|\{\[|\{)(?=\d{1,3}[\],;–-])")
_CLOSING = re.compile(r"(?<=[\[,;–-])(\d{1,3})\}")
_INITIAL = re.compile(r"\$(?=[.,])")
_MAX_WORD_CHARS = 200
_BLOT = 0.3
"""A sign whose strokes are as wide as this share of its height is no letter but the dot of a list."""


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
    data = picture.pdfocr_tobytes(language=config.languages, tessdata=config.tessdata)
    ink = dark(_gray(picture))
    with pymupdf.open(stream=data, filetype="pdf") as read:
        words = read[0].get_text("words", flags=pymupdf.TEXT_MEDIABOX_CLIP)[:_MAX_WORDS]
        to_pixels = picture.width / max(read[0].rect.width, 1e-6)
    scale = _scale(page, dpi=config.dpi, max_pixels=config.max_pixels)
    lines = [line for rows in _by_line(words) if (line := _line(rows, ink, to_pixels)) is not None]
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


def _by_line(words: list[Any]) -> Iterator[list[Any]]:
    rows: dict[tuple[int, int], list[Any]] = {}
    for word in words:
        rows.setdefault((word[5], word[6]), []).append(word)
    yield from rows.values()


def _line(words: list[Any], ink: NDArray[np.bool_], to_pixels: float) -> RecognisedLine | None:
    """A line in pixels of the picture, or None when it says nothing."""
    read = tuple(
        Word(text=text, x0=word[0] * to_pixels, x1=word[2] * to_pixels)
        for word in words
        if (text := mended(repair(word[4]).strip()[:_MAX_WORD_CHARS]))
    )
    text = " ".join(word.text for word in read)
    if not any(char.isalnum() for char in text) and len(text) < 2:
        return None
    x0, x1 = min(word.x0 for word in read), max(word.x1 for word in read)
    y0, y1 = min(word[1] for word in words) * to_pixels, max(word[3] for word in words) * to_pixels
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
