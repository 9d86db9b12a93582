"""paper-preflight: references with their fields."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from harness import people, person  # type: ignore[import-not-found]

MODULE = "paper_preflight.bib.pdftext"
PROVIDES = ("segmentation", "usable", "references")


def read(file: str) -> dict[str, Any]:
    """The record of one file."""
    pdf = import_module(MODULE)
    plain = import_module("paper_preflight.bib.plaintext")
    _, section = pdf.reference_section(pdf.pdf_text(Path(file)))
    entries = [text for _, text in plain.split_references(section, True)]
    return {
        "references": [_reference(index, text, plain.parse_reference(text)[1]) for index, text in enumerate(entries)]
    }


def _reference(index: int, text: str, fields: dict[str, str]) -> dict[str, Any]:
    names = fields.get("author", "")
    return {
        "index": index,
        "raw": text,
        "title": fields.get("title", ""),
        "authors": [person(name) for name in names.split(" and ")] if " and " in names else people(names),
        "year": fields.get("year", "")[:4],
        "doi": fields.get("doi", ""),
    }
