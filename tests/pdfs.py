"""Small PDFs for tests: good ones, and each kind of bad one."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pymupdf

BODY = (
    "Citation tokens let a language model of science name its sources in the running text. "
    "Retrieval by BM25 weighs each word by its rarity and by the length of the passage. "
    "Dense retrieval compares the meaning of a question with the meaning of a passage."
)


def make_pdf(path: Path, *, title: str = "A Study of Citation Tokens", pages: int = 2, body: str = BODY) -> Path:
    """A plain one-column paper with title, author, abstract, sections and one reference."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page(width=595, height=842)
        top = 72.0
        if number == 1:
            top = _line(page, title, top, size=18) + 8
            top = _line(page, "Ada Example", top, size=11) + 10
            top = _line(page, "Abstract", top, size=12) + 2
            top = _paragraph(page, f"{title} in short. {body}", top) + 8
        heading = "Introduction" if number == 1 else f"Part {number}"
        top = _line(page, f"{number} {heading}", top, size=14) + 4
        top = _paragraph(page, f"Page {number} tells of {title.lower()}. {body} As shown before [1].", top)
        if number == pages:
            top = _line(page, "References", top + 12, size=14) + 4
            _paragraph(page, "[1] R. Taylor and M. Kardas. Galactica: A Large Language Model for Science. 2022.", top)
    document.save(path)
    document.close()
    return path


def make_scan(path: Path) -> Path:
    """A page that is a picture: no text layer."""
    document = pymupdf.open()
    page = document.new_page()
    pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80), False)
    pixmap.clear_with(200)
    page.insert_image(page.rect, pixmap=pixmap)
    document.save(path)
    document.close()
    return path


def scan_of(source: bytes, path: Path, *, dpi: int = 200, skew: float = 0.0) -> Path:
    """A paper as a scanner would give it: pictures of its pages, a little askew and gray."""
    scanned = pymupdf.open()
    with pymupdf.open(stream=source, filetype="pdf") as original:
        for page in original:
            x, y = page.rect.width / 2, page.rect.height / 2
            turned = pymupdf.Matrix(1, 0, 0, 1, -x, -y) * pymupdf.Matrix(skew) * pymupdf.Matrix(1, 0, 0, 1, x, y)
            scale = pymupdf.Matrix(dpi / 72, dpi / 72)
            picture = page.get_pixmap(matrix=turned * scale, colorspace=pymupdf.csGRAY, alpha=False)
            half_width, half_height = 36 * picture.width / dpi, 36 * picture.height / dpi
            place = pymupdf.Rect(x - half_width, y - half_height, x + half_width, y + half_height)
            sheet = scanned.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(place, stream=picture.tobytes("jpeg"), keep_proportion=False)
    scanned.save(path)
    scanned.close()
    return path


def make_encrypted(path: Path) -> Path:
    """A PDF that asks for a password."""
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "secret")
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="user")
    document.close()
    return path


def make_long(path: Path, *, pages: int) -> Path:
    """Very many empty pages."""
    document = pymupdf.open()
    for _ in range(pages):
        document.new_page(width=10, height=10)
    document.save(path)
    document.close()
    return path


def make_truncated(path: Path, *, share: float) -> Path:
    """The first part of a PDF: a download that broke off."""
    whole = make_pdf(path, pages=3).read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    return path


def make_huge(path: Path, *, size_bytes: int) -> Path:
    """A sparse file that claims to be a PDF of any size."""
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(size_bytes)
    return path


def _line(page: Any, text: str, top: float, *, size: float) -> float:
    page.insert_text((72, top + size), text, fontsize=size, fontname="hebo")
    return top + size * 1.3


def _paragraph(page: Any, text: str, top: float) -> float:
    for line in textwrap.wrap(text, 96):
        page.insert_text((72, top + 10), line, fontsize=10, fontname="tiro")
        top += 12
    return top
