"""The sample library: eight short papers written for the project, which make the first run worth something offline.

The PDFs are package data; ``app.samples.build`` typesets them from ``sources/``.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the sample library lies inside the package."""


def sample_pdfs() -> list[Path]:
    """The sample papers, sorted by file name."""
    return sorted((FOLDER / "papers").glob("*.pdf"))
