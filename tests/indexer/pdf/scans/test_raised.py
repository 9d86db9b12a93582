from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymupdf
import pytest
from numpy.typing import NDArray

from indexer.pdf.scans.raised import find_raised, with_raised
from indexer.pdf.scans.recognised import RecognisedLine, Word

SCALE = 300 / 72
SIZE = 11.0
LEAD = np.full((34, 100), 0, dtype=np.uint8)


def drawn(*parts: tuple[str, bool]) -> tuple[NDArray[np.uint8], float]:
    """The picture of one word of (text, raised) parts that begins at 30 points, and where it ends."""
    document = pymupdf.open()
    page = document.new_page(width=300, height=60)
    x = 30.0
    for text, raised in parts:
        size, up = (0.66 * SIZE, 0.33 * SIZE) if raised else (SIZE, 0.0)
        page.insert_text((x, 40 - up), text, fontsize=size, fontname="tiro")
        x += pymupdf.get_text_length(text, fontname="tiro", fontsize=size)
    picture = page.get_pixmap(dpi=300, colorspace=pymupdf.csGRAY, alpha=False)
    gray = np.frombuffer(picture.samples, dtype=np.uint8).reshape(picture.height, picture.stride)
    return gray[:, : picture.width], x


def line(text: str, end: float) -> RecognisedLine:
    words = (Word(text=text, x0=30 * SCALE, x1=end * SCALE),)
    return RecognisedLine(words=words, y0=120, y1=180, baseline=40 * SCALE, size=SIZE * SCALE, weight=0.08)


def read_as(taken: str, number: str, *parts: tuple[str, bool]) -> list[tuple[str, int]]:
    """The words of a line that was taken for ``taken``, when its raised part is read as ``number``."""
    gray, end = drawn(*parts)
    found = with_raised([line(taken, end)], gray, gray < 128, lead=LEAD, read=lambda sheet: [(80.0, number)])
    return [(word.text, word.raised) for word in found[0].words]


@pytest.mark.parametrize("text", ["plain", "end.", "“quoted”", "don’t", "it’s,", "(2020)", "fjord", "A", "l", "—"])
def test_ordinary_words_have_nothing_raised(text: str) -> None:
    gray, end = drawn((text, False))
    assert find_raised([line(text, end)], gray < 128) == []


@pytest.mark.parametrize("number", ["1", "12", "2,3", "4-7"])
def test_raised_figures_are_found(number: str) -> None:
    gray, end = drawn(("read", False), (number, True))
    (found,) = find_raised([line("read’", end)], gray < 128)
    assert found.x1 / SCALE == pytest.approx(end, abs=1.2)
    assert found.y1 < 39 * SCALE


def test_the_number_takes_the_place_of_what_it_was_taken_for() -> None:
    assert read_as("read’", "1", ("read", False), ("1", True)) == [("read", 0), ("1", 1)]
    assert read_as("agree*’", "2,3", ("agree", False), ("2,3", True)) == [("agree", 0), ("2,3", 1)]
    assert read_as("gates!4s", "11:12", ("gates", False), ("11;12", True)) == [("gates", 0), ("11;12", 1)]
    assert read_as("(so)?", "l", ("(so)", False), ("1", True)) == [("(so)", 0), ("1", 1)]


def test_a_full_stop_behind_the_number_stays_behind_it() -> None:
    assert read_as("read’.", "1", ("read", False), ("1", True), (".", False)) == [("read", 0), ("1", 1), (".", 0)]


def test_a_number_that_stands_alone() -> None:
    assert read_as("*’", "23", ("23", True)) == [("23", 1)]


@pytest.mark.parametrize("nonsense", ["", "TM", "a", "*", "1234", "1,", "number"])
def test_what_is_no_number_changes_nothing(nonsense: str) -> None:
    assert read_as("read’", nonsense, ("read", False), ("1", True)) == [("read’", 0)]


def test_lines_of_odd_sizes_are_passed_over() -> None:
    gray, end = drawn(("read", False), ("1", True))
    for size in (0.0, 3.0, 10_000.0):
        assert find_raised([replace(line("read’", end), size=size)], gray < 128) == []
    assert find_raised([replace(line("read’", end), baseline=1.0)], gray < 128) == []
