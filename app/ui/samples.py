"""The sample library as the app offers it: the papers, questions that fit them, and a draft to cite in."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import streamlit as st

from app.ui.resources import galacite


def sample_files() -> list[Path]:
    """The sample papers; empty when this installation has none."""
    from app.samples import sample_pdfs

    return list(sample_pdfs())


def samples_present() -> bool:
    """True when the library holds a sample paper."""
    return any(galacite().library.find(sha256) is not None for sha256 in _hashes())


def questions_to_try() -> list[str]:
    """Questions that the sample papers answer, when they are in the library; else none."""
    if not samples_present():
        return []
    from app import samples

    path = samples.FOLDER / "questions.json"
    return _questions(path) if path.is_file() else []


def sample_draft() -> str:
    """A draft with places that want citations; empty when this installation has none."""
    from app import samples

    path = samples.FOLDER / "draft.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _questions(path: Path) -> list[str]:
    return [str(entry["question"]) for entry in json.loads(path.read_text(encoding="utf-8"))]


@st.cache_data(show_spinner=False)
def _hashes() -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sample_files()]
