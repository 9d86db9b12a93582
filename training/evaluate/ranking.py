"""What every ranker returns: for each question a list of candidates, best first, and how lists are cut from scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from training.contexts import CitedPlace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]
Asking = Callable[[CitedPlace], str]
"""Makes a query of a place."""

DEPTH = 100
"""How many candidates are kept for a question; what is ranked below counts as not found."""
NOBODY = -1
"""Stands where a list is shorter than the others."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Lists of candidates for Q questions, best first.

    Args:
        indices: Positions among the candidates, shape (Q, K); ``NOBODY`` fills up.
        scores: Shape (Q, K); only order within a row. -inf where there is nobody.
    """

    indices: Ints
    scores: Floats

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def first(self) -> Ints:
        """The best candidate of each question, shape (Q,)."""
        return self.indices[:, 0]


class Ranker(Protocol):
    """Ranks the candidates for places that cite."""

    def rank(self, places: Sequence[CitedPlace], *, on_progress: Progress) -> Ranking:
        """The best ``DEPTH`` candidates of each place.

        Raises:
            ModelError: Scores are not numbers.
        """
        ...


def best(scores: NDArray[np.floating[Any] | np.integer[Any]], top: int = DEPTH) -> tuple[Ints, Floats]:
    """The highest of N scores, best first; of equal ones the first candidate goes first.

    Returns:
        Positions and scores, each of shape (min(N, top),).

    Raises:
        ModelError: A score is not a number.
    """
    if np.isnan(scores).any():
        raise ModelError("a ranker gave scores that are not numbers", hint="The model or its vectors are damaged.")
    if len(scores) > top:
        # All above the last score that fits, then of those equal to it the first ones.
        limit = np.partition(scores, len(scores) - top)[len(scores) - top]
        above = np.flatnonzero(scores > limit)
        rows = np.concatenate([above, np.flatnonzero(scores == limit)[: top - len(above)]])
    else:
        rows = np.arange(len(scores))
    order = np.lexsort((rows, -scores[rows]))
    return rows[order].astype(np.int64), scores[rows[order]].astype(np.float64)


def stacked(lists: Iterable[tuple[Sequence[int] | Ints, Sequence[float] | Floats]], *, width: int = DEPTH) -> Ranking:
    """Lists of different lengths as one ranking; each is (candidates, scores), best first.

    Raises:
        ModelError: A score is not a number.
    """
    rows = list(lists)
    indices = np.full((len(rows), max(1, width)), NOBODY, dtype=np.int64)
    scores = np.full(indices.shape, -np.inf)
    for row, (found, values) in enumerate(rows):
        count = min(len(found), indices.shape[1])
        indices[row, :count] = found[:count]
        scores[row, :count] = values[:count]
    if np.isnan(scores).any():
        raise ModelError("a ranker gave scores that are not numbers", hint="The model or its vectors are damaged.")
    return Ranking(indices, scores)


class MostCited:
    """The same list for every place: the works that the training papers cite most.

    Args:
        counts: How many training papers cite each candidate, shape (N,).
    """

    def __init__(self, counts: Ints) -> None:
        self._indices, self._scores = best(counts)

    def rank(self, places: Sequence[CitedPlace], *, on_progress: Progress) -> Ranking:
        """The most cited works, once for each place."""
        on_progress(len(places), len(places))
        shape = (len(places), len(self._indices))
        return Ranking(np.broadcast_to(self._indices, shape).copy(), np.broadcast_to(self._scores, shape).copy())
