"""The truth of the benchmark's own data stands in its papers; skipped where the data are not."""

from __future__ import annotations

import os
from pathlib import Path

import pymupdf
import pytest
from rapidfuzz import fuzz

from app.bench.parse.jose import find_jose, read_jose
from app.bench.parse.styles import find_styles, read_style
from core.text import title_key

DATA = Path(os.environ.get("GALACITE_DATA") or "absent") / "pdf"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs GALACITE_DATA")


def _letters(path: Path) -> str:
    with pymupdf.open(path) as document:
        return title_key("".join(page.get_text() for page in document))


def test_printed_entries_stand_in_the_papers() -> None:
    entries = wrong = 0
    for folder in find_styles(DATA / "latex_styles"):
        truth = read_style(folder)
        text = _letters(truth.path)
        keys = [title_key(each.text) for each in truth.references or ()]
        assert all(keys)
        entries += len(keys)
        # An entry that a page's head or foot divides is not in one piece.
        wrong += sum(key not in text and fuzz.partial_ratio(key, text) < 97 for key in keys)
    assert entries > 400
    assert wrong <= 0.01 * entries


def test_deposits_tell_of_their_papers() -> None:
    truths = [read_jose(folder) for folder in find_jose(DATA / "jose")]
    assert len(truths) >= 50
    assert sum(bool(truth.headings) for truth in truths) >= 20
    for truth in truths:
        assert truth.authors
        assert fuzz.partial_ratio(title_key(truth.title or ""), _letters(truth.path)) > 90, truth.name
