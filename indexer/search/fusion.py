"""Joining rankings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.records import Scored


def fuse(rankings: Sequence[Sequence[Scored]], *, top: int, constant: float = 60.0) -> list[Scored]:
    """Join rankings of the same items by reciprocal rank; best first, equal scores in order of id.

    Args:
        rankings: Each best first. The scores inside do not matter, only the order.
        top: At most this many are returned.
        constant: Dampens the weight of the first ranks.

    Source: Cormack, Clarke and Büttcher 2009, Reciprocal Rank Fusion outperforms Condorcet.
    """
    sums: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            sums[item.id] += 1 / (constant + rank)
    best = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:top]
    return [Scored(id=id_, score=score) for id_, score in best]
