"""The sample library: eight short papers written for the project, which make the first run worth something offline.

The PDFs are package data; ``app.samples.build`` typesets them from ``sources/``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the sample library lies inside the package."""


def sample_pdfs() -> list[Path]:
    """The sample papers, sorted by file name."""
    return sorted((FOLDER / "papers").glob("*.pdf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleQuestion:
    """A question that the sample library answers: in which paper's file, on which page (1-based), with which words."""

    question: str
    paper: str
    page: int
    phrase: str


def sample_questions() -> list[SampleQuestion]:
    """Questions that a newcomer may try."""
    entries = json.loads((FOLDER / "questions.json").read_text(encoding="utf-8"))
    return [SampleQuestion(**entry) for entry in entries]


def sample_draft() -> str:
    """A short manuscript in which places that need a citation are marked ``[?]``."""
    return (FOLDER / "draft.md").read_text(encoding="utf-8")
