"""Settings of parsing and indexing, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserLimits:
    """What one PDF may cost. A file beyond a limit is refused with the limit named."""

    max_file_bytes: int = 200 * 2**20
    max_pages: int = 2_000
    max_memory_bytes: int = 1 * 2**30
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrConfig:
    """How the text of scanned pages is recognised; made by ``indexer.pdf.scans.tessdata.find_ocr``.

    ``languages`` are Tesseract's names, joined by ``+``, all of them installed in the folder ``tessdata``. The time
    limit of parsing holds for each page.
    """

    tessdata: str
    languages: str = "eng"
    dpi: int = 300
    max_pixels: int = 12_000_000
    """Of one picture of a page: A4 at 300 dpi has 8.7 million; larger pages are drawn more coarsely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchConfig:
    """How rankings are made and joined."""

    candidates: int = 100
    """Taken from each ranker before fusion."""
    fusion_constant: float = 60.0
    """k of reciprocal rank fusion (Cormack et al. 2009)."""
