from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.bench.scans import bench_scans, score
from core.errors import InputError
from indexer.config import OcrConfig, ParserLimits
from indexer.pdf.scans.tessdata import find_ocr
from tests.builders import make_document, make_reference
from tests.pdfs import make_pdf

TRUE = make_document(
    "Tokens for Citing",
    passages=["Tokens store knowledge [1].", "And lists of it [2]."],
    references=[
        make_reference("Galactica: A Large Language Model for Science"),
        make_reference("Literate Programming", authors=["Donald Knuth"], year=1984),
    ],
)


def test_a_perfect_scan() -> None:
    found = score(TRUE, TRUE, name="paper.pdf", elapsed_s=2.0)
    assert found.title
    assert found.words == 1.0
    assert (found.sections_found, found.references_found, found.mentions_found) == (1, 2, 2)
    assert (found.sections, found.references, found.mentions) == (1, 2, 2)


def test_misread_letters_count_by_word_but_entries_stay_the_same() -> None:
    first, second = TRUE.references
    first = replace(first, raw=first.raw.replace("la", "1a"))
    misread = replace(TRUE, title="Tokens tor Citing", references=(first, second))
    found = score(TRUE, misread, name="paper.pdf", elapsed_s=2.0)
    assert not found.title
    assert found.references_found == 2


def test_a_lost_entry_takes_its_citations_along() -> None:
    _, second = TRUE.references
    _, mention = TRUE.mentions
    lost = replace(TRUE, references=(replace(second, index=0),), mentions=(replace(mention, reference_indices=(0,)),))
    found = score(TRUE, lost, name="paper.pdf", elapsed_s=2.0)
    assert (found.references_found, found.mentions_found) == (1, 1)


def test_scans_are_made_recognised_and_compared(tmp_path: Path) -> None:
    ocr = find_ocr("eng")
    if ocr is None:
        pytest.skip("needs Tesseract's language data (apt install tesseract-ocr)")
    make_pdf(tmp_path / "paper.pdf", pages=1)
    steps: list[tuple[int, int]] = []
    found = bench_scans(
        [str(tmp_path)],
        limits=ParserLimits(),
        ocr=ocr,
        dpi=200,
        skew=0.5,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    (paper,) = found.papers
    assert paper.title
    assert paper.words > 0.9
    assert (paper.references_found, paper.references) == (1, 1)
    assert found.s_per_page > 0
    assert steps == [(0, 1)]


def test_without_files_there_is_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        bench_scans([str(tmp_path)], limits=ParserLimits(), ocr=OcrConfig(tessdata=""), dpi=200, skew=0.0)
