"""The reference lists of a paper: where they stand, and how they part into entries."""

from __future__ import annotations

from indexer.pdf.bibliography.entries import Entry, split_entries
from indexer.pdf.bibliography.labels import label_of
from indexer.pdf.bibliography.regions import Region, find_regions
from indexer.pdf.bibliography.titles import is_title

__all__ = ["Entry", "Region", "find_regions", "is_title", "label_of", "split_entries"]
