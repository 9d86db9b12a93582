from __future__ import annotations

from dataclasses import replace
from math import cos, radians, sin

import pytest

from core.records import Box, Document, Passage
from indexer.pdf.geometry import Page
from indexer.pdf.scans.recognised import RecognisedLine, RecognisedPage, Word, set_back, with_recognised

PAGE = RecognisedPage(number=1, width=600, height=800)


def line(text: str, *, size: float = 10.0, weight: float = 0.08, y: float = 100.0) -> RecognisedLine:
    words = tuple(Word(text=word, x0=50.0 + 40 * n, x1=85.0 + 40 * n) for n, word in enumerate(text.split()))
    return RecognisedLine(words=words, y0=y - 8, y1=y + 2, baseline=y, size=size, weight=weight)


def blank(number: int = 1) -> Page:
    return Page(number=number, width=600, height=800, lines=(), unread=True)


def lines_of(*lines: RecognisedLine) -> list[tuple[str, float, bool]]:
    (page,) = with_recognised([blank()], [replace(PAGE, lines=lines)])
    return [(each.text, each.size, each.bold) for each in page.lines]


def test_sizes_that_scatter_become_one_and_others_stay() -> None:
    body = [line("words of the running text", size=size) for size in (9.8, 10.0, 10.1, 9.9, 10.2, 10.0)]
    found = lines_of(line("A Title of Size", size=16.2), *body, line("small print below", size=8.1))
    assert len({size for _, size, _ in found[1:-1]}) == 1
    assert found[0][1] == pytest.approx(16.2, abs=0.05)
    assert found[1][1] == pytest.approx(10.0, abs=0.1)
    assert found[-1][1] == pytest.approx(8.1, abs=0.05)


def test_a_line_within_a_paragraph_has_its_size() -> None:
    sizes = (10.0, 10.0, 12.2, 10.0, 10.0)
    close = [line("words of the running text", size=size, y=100 + 12 * n) for n, size in enumerate(sizes)]
    assert {size for _, size, _ in lines_of(*close)} == {10.0}
    apart = [line("words of the running text", size=size, y=100 + 19 * n) for n, size in enumerate(sizes)]
    assert {size for _, size, _ in lines_of(*apart)} == {10.0, 12.2}


def test_heavy_strokes_are_bold_but_not_because_the_type_is_small() -> None:
    body = [line("words of the running text") for _ in range(6)]
    found = lines_of(*body, line("A heading", weight=0.12), line("footnote", size=6.0, weight=0.12))
    assert [bold for _, _, bold in found] == [*[False] * 6, True, False]


def test_signs_of_a_formula_do_not_make_large_type() -> None:
    body = [line("words of the running text") for _ in range(6)]
    assert lines_of(*body, line("= ( 2 ) + 1", size=24.0))[-1][1] == pytest.approx(10.0)


def test_a_superscript_stands_against_its_word() -> None:
    words = (
        Word(text="read", x0=50, x1=70),
        Word(text="1,2", x0=70.5, x1=76, raised=1),
        Word(text="and", x0=79, x1=90),
    )
    (page,) = with_recognised([blank()], [replace(PAGE, lines=(replace(line("x"), words=words),))])
    assert page.lines[0].text == "read1,2 and"
    assert [span.raised for span in page.lines[0].spans] == [0, 1, 0]


def test_pages_keep_what_was_not_recognised() -> None:
    pages = with_recognised([blank(1), blank(2), blank(3)], [replace(PAGE, number=2, lines=(line("found"),))])
    assert [(page.unread, len(page.lines)) for page in pages] == [(True, 0), (False, 1), (True, 0)]
    assert [page.unread for page in with_recognised([blank()], [PAGE])] == [True]


def test_boxes_go_back_to_where_the_words_stand() -> None:
    box = Box(page=1, x0=100, y0=200, x1=140, y1=210)
    passage = Passage(index=0, text="x", page=1, start=0, end=1, boxes=(box, replace(box, page=2)))
    document = Document(title="t", page_count=2, passages=(passage,))
    angle = 2.0
    (turned, other) = set_back(document, [replace(PAGE, turn=angle)]).passages[0].boxes
    assert other.x0 == box.x0
    back = radians(-angle)
    x = 300 + (120 - 300) * cos(back) - (205 - 400) * sin(back)
    y = 400 + (120 - 300) * sin(back) + (205 - 400) * cos(back)
    assert ((turned.x0 + turned.x1) / 2, (turned.y0 + turned.y1) / 2) == pytest.approx((x, y))
    assert turned.x1 - turned.x0 == pytest.approx(40, abs=1)
    assert set_back(document, [PAGE]) is document
