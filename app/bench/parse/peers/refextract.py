"""refextract: references with some of their fields."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from harness import people  # type: ignore[import-not-found]

MODULE = "refextract"
PROVIDES = ("segmentation", "usable", "references")


def read(file: str) -> dict[str, Any]:
    """The record of one file."""
    found = import_module(MODULE).extract_references_from_file(file)
    return {"references": [_reference(index, each) for index, each in enumerate(found)]}


def _reference(index: int, found: dict[str, list[str]]) -> dict[str, Any]:
    def first(name: str) -> str:
        return (found.get(name) or [""])[0]

    return {
        "index": index,
        "raw": first("raw_ref"),
        "title": first("title"),
        "authors": people(first("author")),
        "year": first("year"),
        "doi": first("doi").removeprefix("doi:"),
    }
