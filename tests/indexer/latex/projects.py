"""Small LaTeX projects, written to a folder or read at once."""

from __future__ import annotations

from pathlib import Path

from core.records import Document
from indexer.config import ParserLimits
from indexer.latex.parser import parse_latex

LIMITS = ParserLimits()


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder; returns the first."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def read(folder: Path, source: str, **others: str) -> Document:
    """Read a project of a main file and others, whose names are given with underscores for dots."""
    files = {"main.tex": source, **{name.replace("_", "."): text for name, text in others.items()}}
    return parse_latex(write(folder, files), limits=LIMITS)


def body(folder: Path, text: str, *, preamble: str = "", options: str = "article", **others: str) -> Document:
    """Read a document with that text."""
    source = f"\\documentclass{{{options}}}\n{preamble}\n\\begin{{document}}\n{text}\n\\end{{document}}\n"
    return read(folder, source, **others)


def texts(document: Document, kind: str = "paragraph") -> list[str]:
    """The passages of a kind."""
    return [passage.text for passage in document.passages if passage.kind == kind]


def check(document: Document) -> Document:
    """The invariants of every document."""
    text = document.text
    assert all(text[passage.start : passage.end] == passage.text for passage in document.passages)
    assert all(text[mention.start : mention.end] == mention.text for mention in document.mentions)
    assert all(mention.text in mention.sentence for mention in document.mentions)
    assert [passage.index for passage in document.passages] == list(range(len(document.passages)))
    assert [section.index for section in document.sections] == list(range(len(document.sections)))
    assert [reference.index for reference in document.references] == list(range(len(document.references)))
    assert document.page_count == 0
    assert {passage.page for passage in document.passages} <= {0}
    return document
