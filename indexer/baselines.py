"""Plain reference rankers in memory, which the product's engines are held to and measured against."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.interfaces import Encoder
from core.records import Scored
from core.text import clean
from indexer.search.analysis import query_terms, word_terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something to be ranked."""

    id: int
    text: str
    paper_id: int | None = None


class RankBm25:
    """BM25Okapi of the package rank-bm25, on the terms that the product's analyser makes.

    Args:
        items: At least one.
    """

    name = "rank-bm25"

    def __init__(self, items: Sequence[Item]) -> None:
        # b and k1 as tantivy has them; rank-bm25's own k1 is 1.5.
        self._items = list(items)
        self._ranker: Any = importlib.import_module("rank_bm25").BM25Okapi(
            [word_terms(clean(item.text)) for item in self._items], k1=1.2, b=0.75
        )

    def search(self, query: str, *, top: int, paper_ids: frozenset[int] | None = None) -> list[Scored]:
        """See :class:`core.interfaces.SearchBackend`."""
        terms = [term for term, count in query_terms(query).items() for _ in range(count)]
        if not terms:
            return []
        scored = zip(self._items, self._ranker.get_scores(terms).tolist(), strict=True)
        found = [
            Scored(id=item.id, score=score)
            for item, score in scored
            if score > 0 and (paper_ids is None or item.paper_id in paper_ids)
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.id))[:top]


class FlatFaiss:
    """Exact inner products in single precision with FAISS.

    Args:
        items: At least one.
        encoder: Embeds items and queries.
    """

    name = "faiss-flat"

    def __init__(self, items: Sequence[Item], encoder: Encoder) -> None:
        self._faiss: Any = importlib.import_module("faiss")
        self._encoder = encoder
        self._ids = np.array([item.id for item in items], np.int64)
        self._papers = [item.paper_id for item in items]
        self._index: Any = self._faiss.IndexFlatIP(encoder.dimension)
        self._index.add(encoder.encode([item.text for item in items]))

    def search(self, query: str, *, top: int, paper_ids: frozenset[int] | None = None) -> list[Scored]:
        """See :class:`core.interfaces.SearchBackend`."""
        if not query.strip():
            return []
        rows = [row for row, paper in enumerate(self._papers) if paper_ids is None or paper in paper_ids]
        parameters = self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(rows))
        scores, found = self._index.search(self._encoder.encode([query]), top, params=parameters)
        pairs = zip(self._ids[found[0]].tolist(), scores[0].tolist(), found[0].tolist(), strict=True)
        return [Scored(id=id_, score=score) for id_, score, row in pairs if row >= 0]
