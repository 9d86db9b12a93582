from __future__ import annotations

import html
import os
import re
import socket
import tempfile
import time
from pathlib import Path

import pymupdf
import pytest

from core.errors import UnreadablePdf
from core.records import Document
from core.text import title_key
from indexer.config import ParserLimits
from indexer.pdf.parser import parse_pdf
from tests.indexer.pdf.samples import (
    AUTHOR_YEAR,
    LIMITS,
    NUMERIC_TWO_COLUMNS,
    SUPERSCRIPT,
    draw_pdf,
    jose_folder,
    plain_pdf,
    typeset,
)
from tests.pdfs import make_scan, make_truncated


def parse_source(folder: Path, source: str) -> Document:
    path = folder / "paper.pdf"
    path.write_bytes(typeset(source))
    return parse_pdf(path, limits=LIMITS)


def refusal(path: Path, limits: ParserLimits = LIMITS) -> UnreadablePdf:
    with pytest.raises(UnreadablePdf) as caught:
        parse_pdf(path, limits=limits)
    assert path.name.split("\n")[0][:8] in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def check_invariants(document: Document) -> None:
    text = document.text
    for index, passage in enumerate(document.passages):
        assert passage.index == index
        assert text[passage.start : passage.end] == passage.text
        assert passage.boxes
        assert len(passage.text) <= 1_200
        assert all(box.x0 <= box.x1 and box.y0 <= box.y1 for box in passage.boxes)
        assert passage.section is None or document.sections[passage.section].index == passage.section
    for mention in document.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert mention.text in mention.sentence
        assert mention.boxes
        assert all(0 <= index < len(document.references) for index in mention.reference_indices)
    for section in document.sections:
        assert 0 <= section.start <= section.end <= len(text)
    assert [reference.index for reference in document.references] == list(range(len(document.references)))


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    document = parse_source(tmp_path, NUMERIC_TWO_COLUMNS)
    check_invariants(document)
    assert document.title == "Columns and Gutters in Scholarly Documents"
    assert [author.name for author in document.authors] == ["Ada Lovelace", "Charles Babbage", "Mary van der Berg"]
    assert document.authors[2].family == "van der Berg"
    assert document.abstract.startswith("ABSTRACTMARK We parse papers")
    assert [(section.number, section.heading) for section in document.sections] == [
        ("1", "Introduction"),
        ("2", "Method"),
    ]
    text = document.text
    assert text.index("ABSTRACTMARK") < text.index("FIRSTMARK") < text.index("SECONDMARK")
    assert text.count("Lines that share a baseline belong together unless a gutter parts them") == 16
    assert "Literate programming" not in text


def test_numeric_references_and_mentions(tmp_path: Path) -> None:
    document = parse_source(tmp_path, NUMERIC_TWO_COLUMNS)
    titles = [reference.title for reference in document.references]
    assert titles == [
        "Literate programming",
        "The Byzantine generals problem",
        "Galactica: A large language model for science",
        "A mathematical theory of communication",
    ]
    assert [reference.year for reference in document.references] == [1984, 1982, 2022, 1948]
    assert document.references[1].doi == "10.1145/357172.357176"
    assert document.references[2].arxiv_id == "2211.09085"
    assert [mention.reference_indices for mention in document.mentions] == [(0,), (1, 3), (0, 1, 2), (3,)]
    assert document.mentions[-1].sentence == "The last sentence cites a number [4]."


def test_mention_boxes_lie_on_the_marker(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(typeset(NUMERIC_TWO_COLUMNS))
    document = parse_pdf(path, limits=LIMITS)
    mention = next(mention for mention in document.mentions if mention.text == "[2, 4]")
    with pymupdf.open(path) as pdf:
        found = pdf[mention.page - 1].search_for("[2, 4]")
    wanted, box = found[0], mention.boxes[0]
    assert abs(box.x0 - wanted.x0) < 6
    assert box.y0 < (wanted.y0 + wanted.y1) / 2 < box.y1


def test_author_year_mentions_and_ambiguity(tmp_path: Path) -> None:
    document = parse_source(tmp_path, AUTHOR_YEAR)
    check_invariants(document)
    assert document.title == "Names and Years in Citations"
    assert [author.family for author in document.references[4].authors] == ["Taylor", "Kardas", "Cucurull", "Scialom"]
    links = [(mention.text, mention.reference_indices, mention.ambiguous) for mention in document.mentions]
    assert links == [
        ("(Knuth, 1984; Lamport and Shostak, 1982a)", (2, 3), False),
        ("Taylor et al. (2022)", (4,), False),
        ("(Doe, 2020)", (0, 1), True),
    ]


def test_superscript_mentions_and_exponents(tmp_path: Path) -> None:
    document = parse_source(tmp_path, SUPERSCRIPT)
    check_invariants(document)
    assert [mention.reference_indices for mention in document.mentions] == [(0,), (1, 2), (0, 1, 2)]
    assert document.mentions[1].text == "²,³"
    assert "5 m² here" in document.text


def test_the_same_file_gives_the_same_document(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(typeset(AUTHOR_YEAR))
    assert parse_pdf(path, limits=LIMITS) == parse_pdf(path, limits=LIMITS)


def test_rotated_page_has_boxes_as_displayed(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=842, height=595)
    for row in range(12):
        point = pymupdf.Point(60 + 14 * row, 540)
        page.insert_text(point, f"Row {row} of a page that lies on its side says something.", fontsize=11, rotate=90)
    page.set_rotation(90)
    path = tmp_path / "rotated.pdf"
    document.save(path)
    parsed = parse_pdf(path, limits=LIMITS)
    assert "Row 3 of a page that lies on its side" in parsed.text
    boxes = [box for passage in parsed.passages for box in passage.boxes]
    assert all(0 <= box.x0 < box.x1 <= 595 and 0 <= box.y0 < box.y1 <= 842 for box in boxes)


def test_rotated_stamp_is_left_out(tmp_path: Path) -> None:
    path = plain_pdf(tmp_path / "plain.pdf")
    document = pymupdf.open(path)
    document[0].insert_text((30, 600), "arXiv:2211.09085v1 [cs.CL] 16 Nov 2022", fontsize=20, rotate=90)
    stamped = tmp_path / "stamped.pdf"
    document.save(stamped)
    parsed = parse_pdf(stamped, limits=LIMITS)
    assert parsed.title == "A Small Paper about Nothing"
    assert "cs.CL" not in parsed.text


def test_page_labels_follow_printed_numbers(tmp_path: Path) -> None:
    rows = [
        (72.0, 120.0 + 14 * row, f"Row {row} of the text says something about parsing papers.", 11.0)
        for row in range(30)
    ]
    pages = [[*rows, (290.0, 800.0, str(number), 9.0)] for number in (117, 118, 119)]
    document = parse_pdf(draw_pdf(tmp_path / "numbered.pdf", pages), limits=LIMITS)
    assert document.page_labels == ("117", "118", "119")
    assert {passage.page_label for passage in document.passages if passage.page == 2} == {"118"}
    assert "118" not in document.text


def test_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.pdf").reason == "missing"


def test_empty(tmp_path: Path) -> None:
    path = tmp_path / "nothing.pdf"
    path.touch()
    assert refusal(path).reason == "empty"


def test_not_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "webpage.pdf"
    path.write_text("<html>Please log in</html>")
    assert refusal(path).reason == "not_pdf"


@pytest.mark.parametrize(
    "name", ['it\'s "quoted".pdf', "two\nlines.pdf", "..%2F..%2Fetc.pdf", "näme.pdf", "a;rm -rf.pdf"]
)
def test_strange_names_are_only_names(tmp_path: Path, name: str) -> None:
    path = plain_pdf(tmp_path / name)
    assert parse_pdf(path, limits=LIMITS).title == "A Small Paper about Nothing"
    path.write_text("no pdf")
    assert refusal(path).reason == "not_pdf"


def test_dotted_path_is_followed_but_named_by_its_end(tmp_path: Path) -> None:
    plain_pdf(tmp_path / "paper.pdf")
    (tmp_path / "sub").mkdir()
    assert parse_pdf(tmp_path / "sub" / ".." / "paper.pdf", limits=LIMITS).page_count == 1


def test_encrypted_with_a_password(tmp_path: Path) -> None:
    path = plain_pdf(tmp_path / "secret.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="user")
    error = refusal(path)
    assert error.reason == "encrypted"
    assert "qpdf" in error.hint


def test_encrypted_with_an_empty_user_password_opens(tmp_path: Path) -> None:
    path = plain_pdf(tmp_path / "open.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="")
    assert parse_pdf(path, limits=LIMITS).title == "A Small Paper about Nothing"


def test_truncated_is_repaired_with_a_notice_or_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = plain_pdf(tmp_path / "whole.pdf", pages=3).read_bytes()
    kept = tmp_path / "cut_late.pdf"
    kept.write_bytes(whole[: len(whole) - 200])
    document = parse_pdf(kept, limits=LIMITS)
    assert [notice.code for notice in document.notices] == ["repaired"]
    lost = tmp_path / "cut_early.pdf"
    lost.write_bytes(whole[:100])
    assert refusal(lost).reason == "damaged"
    assert capfd.readouterr() == ("", "")


def test_pages_without_text_are_kept_with_a_notice(tmp_path: Path) -> None:
    parsed = parse_pdf(make_scan(tmp_path / "scan of 1923.pdf"), limits=LIMITS)
    assert parsed.title == "scan of 1923"
    assert [notice.code for notice in parsed.notices] == ["no_text"]
    assert "apt install tesseract-ocr" in parsed.notices[0].message
    assert parsed.passages == ()


def test_pages_without_anything_are_not_taken_for_scans(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().draw_rect(pymupdf.Rect(50, 50, 200, 200), fill=(0, 0, 0))
    path = tmp_path / "blank.pdf"
    document.save(path)
    assert [notice.code for notice in parse_pdf(path, limits=LIMITS).notices] == ["empty"]


def test_a_damaged_file_of_which_nothing_is_left_is_no_scan(tmp_path: Path) -> None:
    path = make_truncated(tmp_path / "cut.pdf", share=0.1)
    assert refusal(path).reason == "damaged"


def test_too_many_pages_are_refused_fast(tmp_path: Path) -> None:
    document = pymupdf.open()
    for _ in range(5_000):
        document.new_page()
    path = tmp_path / "handbook.pdf"
    document.save(path)
    before = time.monotonic()
    error = refusal(path)
    assert error.reason == "too_many_pages"
    assert "5,000" in error.message
    assert time.monotonic() - before < 5


def test_too_large_is_refused_without_reading(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(300 * 2**20)
    before = time.monotonic()
    error = refusal(path)
    assert error.reason == "too_large"
    assert "300 MiB" in error.message
    assert time.monotonic() - before < 1


def test_fifo_socket_device_and_folder_never_hang(tmp_path: Path) -> None:
    fifo = tmp_path / "fifofifo.pdf"
    os.mkfifo(fifo)
    assert refusal(fifo).reason == "not_pdf"
    (tmp_path / "folder.pdf").mkdir()
    assert refusal(tmp_path / "folder.pdf").reason == "not_pdf"
    assert refusal(Path("/dev/zero")).reason == "not_pdf"
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/socket.pdf")
        assert refusal(Path(short) / "socket.pdf").reason == "not_pdf"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_no_permission(tmp_path: Path) -> None:
    path = plain_pdf(tmp_path / "private.pdf")
    path.chmod(0)
    assert refusal(path).reason == "permission"


def test_no_permission_is_told_apart_from_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = plain_pdf(tmp_path / "private.pdf")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path).reason == "permission"


def test_jose_titles_match_their_deposits() -> None:
    papers = sorted(jose_folder().glob("*/*.pdf"))[:6]
    for paper in papers:
        deposit = next(paper.parent.glob("*.crossref.xml")).read_text()
        found = re.search(r"<journal_article.*?<title>(.*?)</title>", deposit, re.DOTALL)
        assert found is not None
        wanted = html.unescape(found[1])
        document = parse_pdf(paper, limits=LIMITS)
        check_invariants(document)
        assert title_key(document.title) == title_key(wanted)
        assert "retain copyright" not in document.text
        assert document.doi.startswith("10.21105/jose.")
