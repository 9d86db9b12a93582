"""Scans through the parsing process; skipped where no language data of Tesseract are installed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from core.errors import JobCancelled, UnreadablePdf
from core.records import Box, Document
from indexer.config import OcrConfig
from indexer.pdf.isolated import IsolatedParser
from indexer.pdf.scans.ocr import mended
from indexer.pdf.scans.tessdata import find_ocr
from tests.indexer.pdf.samples import LIMITS, NUMERIC_TWO_COLUMNS, PROSE, SUPERSCRIPT, plain_pdf, typeset
from tests.pdfs import make_scan, scan_of

GRAY = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80), False)
GRAY.clear_with(200)
SHORT = NUMERIC_TWO_COLUMNS.replace(PROSE * 9, PROSE * 2).replace(PROSE * 5, PROSE)


@pytest.fixture(scope="module")
def ocr() -> OcrConfig:
    found = find_ocr("eng")
    if found is None:
        pytest.skip("needs Tesseract's language data (apt install tesseract-ocr)")
    return found


@pytest.fixture(scope="module")
def parser() -> Iterator[IsolatedParser]:
    with IsolatedParser(LIMITS) as parser:
        yield parser


@pytest.fixture(scope="module")
def askew(tmp_path_factory: pytest.TempPathFactory, ocr: OcrConfig, parser: IsolatedParser) -> Document:
    """A paper of two columns, scanned askew."""
    path = scan_of(typeset(SHORT), tmp_path_factory.mktemp("scan") / "scan.pdf", skew=0.9)
    return parser.parse(path, ocr=ocr)


def test_a_scan_is_parsed_like_a_paper(askew: Document) -> None:
    assert askew.title == "Columns and Gutters in Scholarly Documents"
    assert [author.family for author in askew.authors] == ["Lovelace", "Babbage", "van der Berg"]
    assert [(section.number, section.heading) for section in askew.sections] == [("1", "Introduction"), ("2", "Method")]
    assert [entry.label for entry in askew.references] == ["1", "2", "3", "4"]
    assert [entry.year for entry in askew.references] == [1984, 1982, 2022, 1948]
    assert askew.references[2].title == "Galactica: A large language model for science"
    assert {mention.reference_indices for mention in askew.mentions} >= {(0,), (1, 3), (0, 1, 2), (3,)}
    assert [notice.code for notice in askew.notices] == ["recognised"]


def test_superscript_numbers_are_citations(tmp_path: Path, ocr: OcrConfig, parser: IsolatedParser) -> None:
    path = scan_of(typeset(SUPERSCRIPT.replace(PROSE * 3, "")), tmp_path / "raised.pdf", dpi=300)
    document = parser.parse(path, ocr=ocr)
    assert [mention.reference_indices for mention in document.mentions] == [(0,), (1, 2), (0, 1, 2)]


def test_boxes_lie_on_the_words_of_the_page_as_scanned(askew: Document, tmp_path: Path) -> None:
    """The original knows where the words stand; the scan shows them turned by 0.9 degrees."""
    original = pymupdf.open(stream=typeset(SHORT), filetype="pdf")[0]
    turn = pymupdf.Matrix(1, 0, 0, 1, -297.5, -421) * pymupdf.Matrix(0.9) * pymupdf.Matrix(1, 0, 0, 1, 297.5, 421)
    for passage, word in (("FIRSTMARK", "FIRSTMARK"), ("SECONDMARK", "SECONDMARK")):
        (place,) = original.search_for(word)
        middle = pymupdf.Point((place.x0 + place.x1) / 2, (place.y0 + place.y1) / 2) * turn
        found = next(each for each in askew.passages if passage in each.text)
        assert any(_holds(box, middle) for box in found.boxes), (found.boxes, middle)
    (label,) = original.search_for("[2, 4]")
    mention = next(each for each in askew.mentions if each.reference_indices == (1, 3))
    (box,) = mention.boxes
    middle = pymupdf.Point((label.x0 + label.x1) / 2, (label.y0 + label.y1) / 2) * turn
    assert _holds(box, middle)
    assert box.x1 - box.x0 < 3 * (label.x1 - label.x0)


def _holds(box: Box, point: pymupdf.Point) -> bool:
    return box.x0 <= point.x <= box.x1 and box.y0 <= point.y <= box.y1


def mixed_pdf(tmp_path: Path) -> Path:
    """Two pages of text and between them two scanned ones."""
    document = pymupdf.open(plain_pdf(tmp_path / "plain.pdf", pages=2))
    sheet = pymupdf.open()
    for text in ("Gutters part the columns of a page.", "Hyphens end a line in the middle of words."):
        sheet.new_page().insert_text((72, 400), text, fontsize=12)
    scan = pymupdf.open(scan_of(sheet.tobytes(), tmp_path / "scan.pdf"))
    document.insert_pdf(scan, start_at=1)
    path = tmp_path / "mixed.pdf"
    document.save(path)
    return path


def test_only_the_pages_that_need_it_are_recognised(tmp_path: Path, ocr: OcrConfig, parser: IsolatedParser) -> None:
    steps: list[tuple[int, int]] = []
    document = parser.parse(mixed_pdf(tmp_path), ocr=ocr, on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert "Gutters part the columns of a page." in document.text
    assert "says something about parsing" in document.text
    (notice,) = document.notices
    assert "pages 2–3 of 4" in notice.message


def test_without_recognition_the_rest_is_parsed_and_the_gap_told(tmp_path: Path, parser: IsolatedParser) -> None:
    document = parser.parse(mixed_pdf(tmp_path))
    assert "says something about parsing" in document.text
    assert [notice.code for notice in document.notices] == ["pages_unread"]


def test_a_picture_without_text_says_that_it_was_looked_at(
    tmp_path: Path, ocr: OcrConfig, parser: IsolatedParser
) -> None:
    document = parser.parse(make_scan(tmp_path / "gray.pdf"), ocr=ocr)
    assert [notice.code for notice in document.notices] == ["no_text"]
    assert "apt install" not in document.notices[0].message


def test_papers_with_text_are_not_recognised(tmp_path: Path, ocr: OcrConfig, parser: IsolatedParser) -> None:
    path = plain_pdf(tmp_path / "plain.pdf")
    steps: list[int] = []
    assert parser.parse(path, ocr=ocr, on_progress=lambda done, _: steps.append(done)) == parser.parse(path)
    assert steps == []


def test_a_parse_can_be_cancelled_between_pages(tmp_path: Path, ocr: OcrConfig, parser: IsolatedParser) -> None:
    path = mixed_pdf(tmp_path)

    def stop(done: int, _: int) -> None:
        if done == 1:
            thread = threading.Thread(target=parser.cancel)
            thread.start()
            thread.join()

    with pytest.raises(JobCancelled):
        parser.parse(path, ocr=ocr, on_progress=stop)
    assert parser.parse(plain_pdf(tmp_path / "plain.pdf")).page_count == 1


def test_what_progress_raises_ends_the_parse(tmp_path: Path, ocr: OcrConfig, parser: IsolatedParser) -> None:
    def stop(done: int, _: int) -> None:
        raise KeyError(done)

    with pytest.raises(KeyError):
        parser.parse(mixed_pdf(tmp_path), ocr=ocr, on_progress=stop)
    parser.cancel()  # nothing is in progress: it must not end what follows
    assert parser.parse(plain_pdf(tmp_path / "plain.pdf")).page_count == 1


def test_language_data_that_do_not_work_leave_the_paper_unread(tmp_path: Path, parser: IsolatedParser) -> None:
    (tmp_path / "eng.traineddata").write_bytes(b"nonsense")
    document = parser.parse(mixed_pdf(tmp_path), ocr=OcrConfig(tessdata=str(tmp_path)))
    assert "says something about parsing" in document.text
    assert [notice.code for notice in document.notices] == ["pages_unread"]


def test_a_giant_picture_is_left_unread(tmp_path: Path, ocr: OcrConfig) -> None:
    """7.5 GB once unpacked, on each of six pages: recognition gives up after three."""
    document = pymupdf.open()
    for _ in range(6):
        document.new_page().insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=GRAY, keep_proportion=False)
    (picture, *_) = document[0].get_images()[0]
    document.update_stream(picture, b"\0" * 5_000_000)
    for key in ("Width", "Height"):
        document.xref_set_key(picture, key, "50000")
    path = tmp_path / "giant.pdf"
    document.save(path)
    steps: list[int] = []
    with IsolatedParser(LIMITS) as parser:
        parsed = parser.parse(path, ocr=ocr, on_progress=lambda done, _: steps.append(done))
    assert [notice.code for notice in parsed.notices] == ["no_text"]
    assert steps in ([0, 1, 2, 6], [0, 1, 2, 3, 4, 5, 6])  # refused for its memory, or drawn as an empty page


def test_a_page_beyond_the_limits_is_left_out(tmp_path: Path, ocr: OcrConfig) -> None:
    with IsolatedParser(replace(LIMITS, timeout_s=0.02)) as impatient:
        assert outcome(impatient, mixed_pdf(tmp_path), ocr) in ("pages_unread", "timeout")


def outcome(parser: IsolatedParser, path: Path, ocr: OcrConfig) -> str:
    """The last notice's code, or the reason of the refusal: on a busy machine not even text is read in time."""
    try:
        return parser.parse(path, ocr=ocr).notices[-1].code
    except UnreadablePdf as error:
        return error.reason


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("{6]", "[6]"),
        ("[{14].", "[14]."),
        ("{2,", "[2,"),
        ("[12}.", "[12]."),
        ("{9}", "[9]"),
        ("$.G.,", "S.G.,"),
        ("$5", "$5"),
        ("{x}", "{x}"),
        ("[3]", "[3]"),
    ],
)
def test_confusions_are_mended(read: str, meant: str) -> None:
    assert mended(read) == meant
