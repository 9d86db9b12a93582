"""Settings of parsing and indexing, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserLimits:
    """What one PDF may cost. A file beyond a limit is refused with the limit named."""

    max_file_bytes: int = 200 * 2**20
    max_pages: int = 2_000
    max_memory_bytes: int = 1 * 2**30
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchConfig:
    """How rankings are made and joined."""

    candidates: int = 100
    """Taken from each ranker before fusion."""
    fusion_constant: float = 60.0
    """k of reciprocal rank fusion (Cormack et al. 2009)."""
