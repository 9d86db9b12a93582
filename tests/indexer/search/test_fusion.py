from __future__ import annotations

from core.records import Scored
from indexer.search.fusion import fuse


def ranking(*ids: int) -> list[Scored]:
    return [Scored(id=id_, score=-float(place)) for place, id_ in enumerate(ids)]


def ids(scored: list[Scored]) -> list[int]:
    return [each.id for each in scored]


def test_what_several_rankings_agree_on_stands_first() -> None:
    assert ids(fuse([ranking(1, 2, 3), ranking(4, 2)], top=3)) == [2, 1, 4]


def test_nothing_joins_to_nothing() -> None:
    assert fuse([], top=5) == []
