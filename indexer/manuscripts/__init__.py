"""Drafts under writing: their sentences, and the places in them that cite or want to."""

from __future__ import annotations

from indexer.manuscripts.reading import MAX_BYTES, READABLE, read_manuscript, read_text
from indexer.manuscripts.records import MARK, Block, Heading, Listed, Manuscript, Mark, Sentence

__all__ = [
    "MARK",
    "MAX_BYTES",
    "READABLE",
    "Block",
    "Heading",
    "Listed",
    "Manuscript",
    "Mark",
    "Sentence",
    "read_manuscript",
    "read_text",
]
