"""In-text citations to the entries of the reference list."""

from __future__ import annotations

from indexer.references.linking.linker import Linker, make_linker
from indexer.references.linking.links import Link

__all__ = ["Link", "Linker", "make_linker"]
