from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from core.errors import SearchIndexError
from indexer.search.dense import DenseIndex
from tests.indexer.search.library import HashingEncoder, ids

ENCODER = HashingEncoder()


def make_index(folder: Path, groups: dict[int, list[str]], *, exact_rows: int = 200_000) -> DenseIndex:
    """Items of group g get the ids 100 g, 100 g + 1, …"""
    index = DenseIndex.create(folder, ENCODER, exact_rows=exact_rows)
    for group, texts in groups.items():
        index.replace(group, range(100 * group, 100 * group + len(texts)), texts)
    index.commit()
    return index


def words(seed: int, count: int = 6) -> str:
    """A text of random words."""
    return " ".join(f"w{value}" for value in np.random.default_rng(seed).integers(0, 300, count))


def test_nearest_text_first_with_its_cosine(tmp_path: Path) -> None:
    index = make_index(tmp_path, {1: ["red green", "blue"], 2: ["red"]})
    found = index.search("red", top=3)
    assert found[0].id == 200
    assert found[0].score == pytest.approx(1.0, abs=2e-3)
    expected = float((ENCODER.encode(["red"]) @ ENCODER.encode(["red green"]).T)[0, 0])
    assert {item.id: item.score for item in found}[100] == pytest.approx(expected, abs=2e-3)


def test_groups_are_replaced_removed_and_filtered(tmp_path: Path) -> None:
    index = make_index(tmp_path, {1: ["a b", "c"], 2: ["a"], 3: ["a"]})
    index.replace(1, [7], ["a"])
    index.remove(3)
    index.remove(99)
    index.commit()
    assert sorted(ids(index.search("a", top=9))) == [7, 200]
    assert ids(index.search("a", top=9, paper_ids=frozenset({1, 3, 99}))) == [7]
    assert index.search("a", top=9, paper_ids=frozenset()) == []
    assert index.search("  ", top=9) == []
    assert len(index) == index.count() == 2


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    assert make_index(tmp_path, {}).search("a", top=3) == []


def test_readers_follow_each_commit(tmp_path: Path) -> None:
    writer = make_index(tmp_path, {1: ["a"]})
    reader = DenseIndex(tmp_path, ENCODER)
    assert ids(reader.search("a", top=5)) == [100]
    writer.replace(2, [200, 201], ["a b", "a c"])
    writer.commit()
    assert sorted(ids(reader.search("a", top=5))) == [100, 200, 201]
    writer.replace(2, [202], ["a"])
    writer.remove(1)
    writer.commit()
    assert ids(reader.search("a", top=5)) == [202]


def test_a_known_text_keeps_its_vector_and_is_not_encoded_again(tmp_path: Path) -> None:
    encoded: list[str] = []

    class Counting(HashingEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]
            encoded.extend(texts)
            return super().encode(texts)

    index = DenseIndex.create(tmp_path, Counting())
    index.replace(1, [1, 2, 3], ["one", "two", "two"])
    index.commit()
    index.replace(1, [4, 5, 6], ["two", "three", "one"])
    index.commit()
    assert encoded == ["one", "two", "three"]
    assert ids(index.search("two", top=1)) == [4]


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    make_index(tmp_path, {1: ["a"]})
    with pytest.raises(SearchIndexError, match="hashing of dimension 64, not other"):
        DenseIndex(tmp_path, HashingEncoder(name="other"))


@pytest.mark.parametrize("damage", ["truncated", "garbage", "flipped vector", "missing"])
def test_damage_is_told_and_never_searched(tmp_path: Path, damage: str) -> None:
    make_index(tmp_path, {group: [words(group)] * 20 for group in range(1, 40)}).close()
    path = tmp_path / "vectors.sqlite"
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "garbage":
        path.write_bytes(b"no database" * 500)
    elif damage == "missing":
        path.unlink()
    else:
        with sqlite3.connect(path) as database:
            (codes,) = database.execute("SELECT codes FROM vectors WHERE group_id = 3").fetchone()
            flipped = bytes([codes[0] ^ 0xFF]) + codes[1:]
            database.execute("UPDATE vectors SET codes = ? WHERE group_id = 3", (flipped,))
        database.close()
    with pytest.raises(SearchIndexError, match="cannot be read"):
        DenseIndex(tmp_path, ENCODER).search("w1", top=5)


def test_graph_agrees_with_exact_search_through_changes(tmp_path: Path) -> None:
    groups = {group: [words(100 * group + number) for number in range(20)] for group in range(1, 50)}
    exact = make_index(tmp_path / "exact", groups)
    graph = make_index(tmp_path / "graph", groups, exact_rows=400)
    graph.optimize()
    assert list((tmp_path / "graph").glob("graph-*.faiss"))
    _assert_same(exact, graph)
    reader = DenseIndex(tmp_path / "graph", ENCODER, exact_rows=400)
    for step in range(3):  # small changes stay outside the graph, larger ones extend it, many removals renew it
        for index in (exact, graph):
            for group in range(1 + 12 * step, 13 + 12 * step):
                index.remove(group)
            for group in range(100 * (step + 1), 100 * (step + 1) + 12 * step + 1):
                index.replace(group, range(100 * group, 100 * group + 20), [words(7 * group + n) for n in range(20)])
            index.commit()
            index.optimize()
        _assert_same(exact, graph)
        _assert_same(exact, reader)
        assert len(exact) == len(graph) == len(reader) == graph.count()


def _assert_same(exact: DenseIndex, other: DenseIndex) -> None:
    """Nine in ten of what the other finds belongs to the ten nearest, up to ties within the codes' rounding."""
    good = 0
    for seed in range(20):
        query = words(50_000 + seed)
        for papers in (None, frozenset(range(20, 45))):
            truth = {item.id: item.score for item in exact.search(query, top=5_000, paper_ids=papers)}
            tenth = sorted(truth.values(), reverse=True)[9]
            found = ids(other.search(query, top=10, paper_ids=papers))
            good += sum(truth.get(item, -1.0) >= tenth - 0.02 for item in found)
    assert good >= 0.9 * 400, good
