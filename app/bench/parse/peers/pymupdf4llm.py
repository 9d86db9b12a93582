"""pymupdf4llm: the paper as Markdown."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from harness import markdown_record  # type: ignore[import-not-found]

MODULE = "pymupdf4llm"
PROVIDES = ("segmentation", "title", "headings")


def read(file: str) -> dict[str, Any]:
    """The record of one file."""
    record: dict[str, Any] = markdown_record(import_module(MODULE).to_markdown(file, show_progress=False))
    return record
