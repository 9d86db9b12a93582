"""What the app offers of the sample library: questions that fit the papers a library holds."""

from __future__ import annotations

import hashlib

import streamlit as st

from app.samples import sample_pdfs, sample_questions
from app.ui.resources import galacite


def questions_to_try() -> list[str]:
    """Questions that the sample papers answer, when one of them is in the library; else none."""
    held = any(galacite().library.find(sha256) is not None for sha256 in _hashes())
    return [each.question for each in sample_questions()] if held else []


@st.cache_data(show_spinner=False)
def _hashes() -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sample_pdfs()]
