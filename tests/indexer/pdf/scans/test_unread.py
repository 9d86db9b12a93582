from __future__ import annotations

from pathlib import Path

import pymupdf

from indexer.pdf.geometry import Line, Page, make_line
from indexer.pdf.parser import read_pdf
from indexer.pdf.scans.unread import scan_notices
from tests.indexer.pdf.lines import span
from tests.indexer.pdf.samples import LIMITS

GRAY = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80), False)
GRAY.clear_with(200)


def unread(document: pymupdf.Document, folder: Path) -> tuple[int, ...]:
    path = folder / "paper.pdf"
    document.save(path)
    return read_pdf(path, limits=LIMITS).unread


def text(page: pymupdf.Page, rows: int) -> None:
    for row in range(rows):
        page.insert_text((72, 100 + 14 * row), "Lines that share a baseline belong together.", fontsize=10)


def test_pages_that_are_pictures(tmp_path: Path) -> None:
    document = pymupdf.open()
    text(document.new_page(), 30)
    document.new_page().insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=GRAY, keep_proportion=False)
    strips = document.new_page()
    for top in range(0, 842, 40):
        strips.insert_image(pymupdf.Rect(20, top, 580, top + 40), pixmap=GRAY, keep_proportion=False)
    stamped = document.new_page()
    stamped.insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=GRAY, keep_proportion=False)
    text(stamped, 2)
    assert unread(document, tmp_path) == (2, 3, 4)


def test_pages_that_need_no_looking_at(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page()
    with_figure = document.new_page()
    with_figure.insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=GRAY, keep_proportion=False)
    text(with_figure, 30)
    captioned = document.new_page()
    captioned.insert_image(pymupdf.Rect(72, 300, 520, 700), pixmap=GRAY, keep_proportion=False)
    text(captioned, 3)
    assert unread(document, tmp_path) == ()


def test_text_drawn_as_outlines(tmp_path: Path) -> None:
    document = pymupdf.open()
    shape = document.new_page().new_shape()
    for n in range(400):
        x, y = 72 + 8 * (n % 50), 100 + 14 * (n // 50)
        shape.draw_rect(pymupdf.Rect(x, y, x + 5, y + 8))
        shape.finish(fill=(0, 0, 0), color=None)
    shape.commit()
    assert unread(document, tmp_path) == (1,)


def test_a_text_layer_without_meaning(tmp_path: Path) -> None:
    document = pymupdf.open()
    text(document.new_page(), 20)
    to_private_use = document.get_new_xref()
    document.update_object(to_private_use, "<<>>")
    codes = b"1 begincodespacerange <00> <FF> endcodespacerange"
    cmap = b"begincmap " + codes + b" 1 beginbfrange <00> <FF> <E000> endbfrange endcmap"
    document.update_stream(to_private_use, cmap)
    document.xref_set_key(document[0].get_fonts()[0][0], "ToUnicode", f"{to_private_use} 0 R")
    document.new_page().insert_text((72, 100), "Lines that share a baseline belong together.", fontname="cour")
    assert unread(document, tmp_path) == (1,)


def page(number: int, *, read: bool) -> Page:
    lines: tuple[Line, ...] = (make_line(number, [span("text", 50, 100)]),) if read else ()
    return Page(number=number, width=600, height=800, lines=lines, unread=not read)


def test_notices() -> None:
    def told(pages: str, recognised: list[int], *, tried: bool) -> list[tuple[str, str]]:
        made = [page(n, read=sign == "x") for n, sign in enumerate(pages, 1)]
        return [(each.code, each.message) for each in scan_notices(made, recognised=recognised, tried=tried)]

    assert told("xxx", [], tried=False) == []
    ((code, message),) = told("xxx", [1, 2, 3], tried=True)
    assert (code, "all pages" in message) == ("recognised", True)
    ((code, message),) = told("...", [], tried=False)
    assert (code, "tesseract-ocr" in message) == ("no_text", True)
    ((code, message),) = told("...", [], tried=True)
    assert (code, "tesseract-ocr" in message) == ("no_text", False)
    first, second = told("xxx.x..", [2, 5], tried=True)
    assert (first[0], "pages 2, 5 of 7" in first[1]) == ("recognised", True)
    assert (second[0], "pages 4, 6–7 of 7" in second[1]) == ("pages_unread", True)
