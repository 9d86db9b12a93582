"""citation-checker: references with their fields."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from harness import person  # type: ignore[import-not-found]

MODULE = "citation_checker.pdf_parser"
PROVIDES = ("segmentation", "usable", "references")


def read(file: str) -> dict[str, Any]:
    """The record of one file."""
    entries = import_module(MODULE).parse_pdf_file(file)
    return {
        "references": [
            {
                "index": index,
                "raw": entry.raw_fields.get("raw_text", ""),
                "title": entry.title or "",
                "authors": [person(name) for name in entry.authors],
                "year": entry.year,
                "doi": entry.doi or "",
            }
            for index, entry in enumerate(entries)
        ]
    }
