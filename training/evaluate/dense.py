"""FAISS over vectors of the candidates' texts: exact inner products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.interfaces import Encoder
from training.contexts import CitedPlace
from training.evaluate.ranking import DEPTH, Asking, Progress, Ranking, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1_024
_QUERIES = 256


class DenseRanker:
    """Ranks candidates by the cosine of their vectors to the place's.

    Args:
        texts: One for each candidate; embedded at once.
        encoder: Embeds texts and queries.
        wording: Makes the query of a place, as ``Wording.text`` does: what is embedded.
        on_progress: Told how many texts are embedded.
    """

    def __init__(self, texts: Sequence[str], encoder: Encoder, wording: Asking, *, on_progress: Progress) -> None:
        import faiss

        self._encoder = encoder
        self._wording = wording
        self._index: Any = faiss.IndexFlatIP(encoder.dimension)
        for start in range(0, len(texts), _BLOCK):
            self._index.add(encoder.encode(texts[start : start + _BLOCK]))
            on_progress(min(start + _BLOCK, len(texts)), len(texts))

    def reworded(self, wording: Asking) -> DenseRanker:
        """The same vectors, asked in other words."""
        other = object.__new__(DenseRanker)
        other._encoder, other._index, other._wording = self._encoder, self._index, wording
        return other

    def rank(self, places: Sequence[CitedPlace], *, on_progress: Progress) -> Ranking:
        """The nearest candidates of each place."""
        lists: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
        top = min(DEPTH, self._index.ntotal)
        for start in range(0, len(places), _QUERIES):
            queries = [self._wording(place) for place in places[start : start + _QUERIES]]
            scores, rows = self._index.search(self._encoder.encode(queries), top)
            lists.extend(zip(rows, scores.astype(np.float64), strict=True))
            on_progress(min(start + _QUERIES, len(places)), len(places))
        return stacked(lists)
