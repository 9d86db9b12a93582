from __future__ import annotations

import numpy as np
import pymupdf
import pytest

from indexer.pdf.scans.ink import dark, measure, straightening


def picture(lines: list[tuple[str, float]], *, font: str = "tiro", turn: float = 0.0, dpi: int = 300) -> np.ndarray:
    """Gray pixels of a page with lines of (text, size), one each 40 points."""
    document = pymupdf.open()
    page = document.new_page(width=400, height=60 + 40 * len(lines))
    for row, (text, size) in enumerate(lines):
        page.insert_text((30, 50 + 40 * row), text, fontsize=size, fontname=font)
    matrix = pymupdf.Matrix(turn) * pymupdf.Matrix(dpi / 72, dpi / 72)
    drawn = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY, alpha=False)
    return np.frombuffer(drawn.samples, dtype=np.uint8).reshape(drawn.height, drawn.stride)[:, : drawn.width]


@pytest.mark.parametrize("size", [8.0, 10.0, 14.0, 20.0])
@pytest.mark.parametrize("text", ["Reading the layout of a page", "among neurons", "WHITE SPACES", "1907"])
def test_size_and_baseline_of_a_line(text: str, size: float) -> None:
    found = measure(dark(picture([(text, size)])), text)
    assert found.size * 72 / 300 == pytest.approx(size, rel=0.09)
    assert found.baseline * 72 / 300 == pytest.approx(50, abs=0.4)


def test_bold_type_has_heavier_strokes() -> None:
    plain, bold = (
        measure(dark(picture([("Reading the layout", 10.0)], font=font)), "Reading the layout").weight
        for font in ("tiro", "tibo")
    )
    assert bold > 1.3 * plain


@pytest.mark.parametrize("turn", [-3.0, -0.6, 0.0, 1.4])
def test_a_page_askew_is_set_straight(turn: float) -> None:
    lines = [("Lines that share a baseline belong together unless", 12.0)] * 8
    assert straightening(dark(picture(lines, turn=turn, dpi=100))) == pytest.approx(-turn, abs=0.11)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_page_is_left_as_it_is(level: int) -> None:
    ink = dark(np.full((300, 200), level, dtype=np.uint8))
    assert not ink.any()
    assert straightening(ink) == 0.0
    assert measure(ink, "nothing").weight == 0.0


def test_noise_is_not_turned() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 300)).astype(np.uint8)
    assert straightening(noise < 40) == 0.0
