from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.services.ingestion import follow
from app.services.summaries import word_vectors
from app.wiring import Galacite
from core.errors import InputError
from tests.pdfs import make_pdf, make_scan


def test_a_summary_quotes_the_paper_with_pages(galacite: Galacite, tmp_path: Path) -> None:
    (report,) = follow(galacite, [galacite.library.add(make_pdf(tmp_path / "a.pdf", pages=3), name="a.pdf")])
    assert report.paper_id is not None
    summary = galacite.summaries.summarize(report.paper_id, sentences=3)
    assert len(summary.sentences) == 3
    for sentence in summary.sentences:
        assert sentence.kind == "quote"
        assert all(sentence.text in summary.evidence[position].text for position in sentence.evidence)
    assert {notice.code for notice in summary.notices} == {"no_encoder", "generator_failed"}


def test_a_scan_cannot_be_summed_up_and_says_why(galacite: Galacite, tmp_path: Path) -> None:
    (report,) = follow(galacite, [galacite.library.add(make_scan(tmp_path / "s.pdf"), name="s.pdf")])
    assert report.paper_id is not None
    with pytest.raises(InputError) as caught:
        galacite.summaries.summarize(report.paper_id)
    assert "OCR" in caught.value.hint


def test_word_vectors_are_unit_length_and_equal_for_equal_words() -> None:
    vectors = word_vectors(["retrieval of passages", "passage retrieval", "cats"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    assert vectors[0] @ vectors[1] == pytest.approx(1.0)
    assert vectors[0] @ vectors[2] == pytest.approx(0.0)
