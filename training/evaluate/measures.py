"""Measures of ranked lists: per pair of place and target, so that they can be averaged over any part of the pairs."""

from __future__ import annotations

import numpy as np

from training.evaluate.ranking import NOBODY, Floats, Ints, Ranking

MEASURES = ("hit@1", "right first", "recall@10", "recall@100", "MRR")
"""``right first`` looks at the place: its first candidate is one of the works cited there, this pair's or another."""
_DEPTHS = (1, 10, 100)


def ranks(ranking: Ranking, places: Ints, targets: Ints) -> Floats:
    """The rank of each pair's target in the list of its place, from 1; inf where it is not in the list.

    Args:
        ranking: Lists of Q places.
        places: Which place a pair belongs to, shape (P,).
        targets: Its target among the candidates, shape (P,); ``NOBODY`` when it is none of them.

    Returns:
        Shape (P,). Other targets of the same place stay in the list: two works cannot both be first.
    """
    if not len(places):
        return np.empty(0)
    found = (ranking.indices[places] == targets[:, None]) & (targets[:, None] != NOBODY)
    return np.where(found.any(axis=1), found.argmax(axis=1) + 1.0, np.inf)


def outcomes(rank: Floats, right_first: Floats) -> Floats:
    """What each pair adds to each of ``MEASURES``, shape (P, 5).

    Args:
        rank: As ``ranks`` gives it.
        right_first: 1 where the first candidate of the pair's place is cited there, else 0, shape (P,).
    """
    first, *deeper = ((rank <= depth).astype(np.float64) for depth in _DEPTHS)
    return np.stack([first, right_first, *deeper, 1.0 / rank], axis=1)


def measured(depth: int) -> tuple[str, ...]:
    """The measures that a ranker with lists of this length can be held to: those of the first alone need one."""
    return MEASURES if depth >= _DEPTHS[-1] else MEASURES[:2]


def ks_distance(first: Floats | Ints, second: Floats | Ints) -> float:
    """Kolmogorov-Smirnov distance: the largest difference of the two samples' distribution functions, in [0, 1].

    Raises:
        ValueError: A sample is empty.
    """
    if not len(first) or not len(second):
        raise ValueError("two samples are compared, and one is empty")
    values = np.union1d(first, second)
    left = np.searchsorted(np.sort(first), values, side="right") / len(first)
    right = np.searchsorted(np.sort(second), values, side="right") / len(second)
    return float(np.abs(left - right).max())


BUCKETS: tuple[tuple[str, int, int | None], ...] = (
    ("0 (unseen)", 0, 0), ("1", 1, 1), ("2–4", 2, 4), ("5–9", 5, 9), ("10–24", 10, 24), ("25–99", 25, 99),
    ("100 and more", 100, None),
)  # fmt: skip
"""Name, least and most training papers that cite a work."""


def bucket_of(counts: Ints) -> Ints:
    """The bucket of each count, as a position in ``BUCKETS``; shape as given."""
    return np.searchsorted([low for _, low, _ in BUCKETS], counts, side="right") - 1
