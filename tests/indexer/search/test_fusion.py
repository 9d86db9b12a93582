from __future__ import annotations

import pytest

from core.records import Scored
from indexer.search.fusion import fuse


def ranking(*ids: int) -> list[Scored]:
    return [Scored(id=id_, score=-float(place)) for place, id_ in enumerate(ids)]


def ids(scored: list[Scored]) -> list[int]:
    return [each.id for each in scored]


def test_what_several_rankings_agree_on_stands_first() -> None:
    assert ids(fuse([ranking(1, 2, 3), ranking(4, 2)], top=3)) == [2, 1, 4]


def test_a_ranking_counts_by_its_weight() -> None:
    left, right = ranking(1, 2), ranking(3, 4)
    assert ids(fuse([left, right], top=4, weights=[1.0, 3.0])) == [3, 4, 1, 2]
    assert ids(fuse([left, right], top=4, weights=[3.0, 1.0])) == [1, 2, 3, 4]
    assert fuse([left, right], top=4, weights=[1.0, 1.0]) == fuse([left, right], top=4)


def test_each_ranking_has_a_weight() -> None:
    with pytest.raises(ValueError, match="argument"):
        fuse([ranking(1)], top=1, weights=[1.0, 2.0])


def test_nothing_joins_to_nothing() -> None:
    assert fuse([], top=5) == []
