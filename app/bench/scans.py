"""How well scanned papers are read: papers with a text layer, made into scans, against what their text layer says."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pymupdf

from app.paths import expand_paths
from core.errors import InputError
from core.records import Document, Reference
from core.text import title_key
from indexer.config import OcrConfig, ParserLimits
from indexer.pdf.isolated import IsolatedParser

_ALIKE = 0.9
"""Entries of which so much agrees are the same, with some letters misread."""
_JPEG_QUALITY = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanScore:
    """One paper: what its text layer says, and how much of that its scan gave; ``words`` is a share."""

    name: str
    pages: int
    elapsed_s: float
    title: bool
    words: float
    sections: int
    sections_found: int
    references: int
    references_found: int
    mentions: int
    mentions_found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanBench:
    """The papers, and how their scans were made: resolution and degrees askew."""

    dpi: int
    skew: float
    papers: tuple[ScanScore, ...]

    @property
    def s_per_page(self) -> float:
        """Seconds a page, recognition and parsing."""
        return sum(paper.elapsed_s for paper in self.papers) / sum(paper.pages for paper in self.papers)


def bench_scans(
    paths: Sequence[str],
    *,
    limits: ParserLimits,
    ocr: OcrConfig,
    dpi: int,
    skew: float,
    on_progress: Callable[[int, int], None] | None = None,
) -> ScanBench:
    """Make scans of papers, parse both, and compare.

    Args:
        paths: PDFs with a text layer: files, folders or patterns.
        dpi, skew: Resolution of the scans, and by how many degrees their pages lie askew.

    Raises:
        InputError: There are no PDFs.
        UnreadablePdf: One of them cannot be parsed.
    """
    files = expand_paths(paths)
    if not files:
        raise InputError("no PDF files there", hint="Name papers with a text layer.")
    scores: list[ScanScore] = []
    with IsolatedParser(limits) as parser, tempfile.TemporaryDirectory(prefix="galacite-scans-") as folder:
        for done, path in enumerate(files):
            if on_progress is not None:
                on_progress(done, len(files))
            true = parser.parse(path)
            scan = make_scan(path, Path(folder) / "scan.pdf", dpi=dpi, skew=skew)
            started = time.perf_counter()
            found = parser.parse(scan, ocr=ocr)
            scores.append(score(true, found, name=path.name, elapsed_s=time.perf_counter() - started))
    return ScanBench(dpi=dpi, skew=skew, papers=tuple(scores))


def make_scan(source: Path, target: Path, *, dpi: int, skew: float) -> Path:
    """Write a PDF of pictures of another's pages, in gray and turned by ``skew`` degrees; returns ``target``."""
    with pymupdf.open(source) as original, pymupdf.open() as scanned:
        for page in original:
            _add_picture(scanned, page, dpi=dpi, skew=skew)
        scanned.save(target)
    return target


def _add_picture(scanned: Any, page: Any, *, dpi: int, skew: float) -> None:
    x, y = page.rect.width / 2, page.rect.height / 2
    turned = pymupdf.Matrix(1, 0, 0, 1, -x, -y) * pymupdf.Matrix(skew) * pymupdf.Matrix(1, 0, 0, 1, x, y)
    scale = pymupdf.Matrix(dpi / 72, dpi / 72)
    picture = page.get_pixmap(matrix=turned * scale, colorspace=pymupdf.csGRAY, alpha=False)
    half_width, half_height = 36 * picture.width / dpi, 36 * picture.height / dpi
    sheet = scanned.new_page(width=page.rect.width, height=page.rect.height)
    place = pymupdf.Rect(x - half_width, y - half_height, x + half_width, y + half_height)
    sheet.insert_image(place, stream=picture.tobytes("jpeg", jpg_quality=_JPEG_QUALITY), keep_proportion=False)


def score(true: Document, found: Document, *, name: str, elapsed_s: float) -> ScanScore:
    """Compare what a scan gave with what the text layer says."""
    pairs = _same_entries(true.references, found.references)
    linked = Counter(frozenset(mention.reference_indices) for mention in true.mentions)
    given = Counter(
        frozenset(pairs[index] for index in mention.reference_indices if index in pairs) for mention in found.mentions
    )
    headings = Counter(title_key(section.heading) for section in true.sections)
    words, read = Counter(true.text.split()), Counter(found.text.split())
    return ScanScore(
        name=name,
        pages=found.page_count,
        elapsed_s=elapsed_s,
        title=title_key(true.title) == title_key(found.title),
        words=(words & read).total() / max(1, words.total()),
        sections=headings.total(),
        sections_found=(headings & Counter(title_key(section.heading) for section in found.sections)).total(),
        references=len(true.references),
        references_found=len(pairs),
        mentions=linked.total(),
        mentions_found=(linked & given).total(),
    )


def _same_entries(true: Sequence[Reference], found: Sequence[Reference]) -> dict[int, int]:
    """The index of an entry of the scan to that of the entry it is; each at most once, in the order of the list."""
    pairs: dict[int, int] = {}
    left = list(true)
    for entry in found:
        same = next((other for other in left if _alike(other.raw, entry.raw)), None)
        if same is not None:
            left.remove(same)
            pairs[entry.index] = same.index
    return pairs


def _alike(left: str, right: str) -> bool:
    matcher = SequenceMatcher(None, title_key(left), title_key(right), autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
