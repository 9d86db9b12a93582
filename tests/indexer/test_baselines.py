"""The product's engines against plain reference implementations, on real text: the project's own documentation."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from indexer.baselines import FlatFaiss, Item, RankBm25
from indexer.search.dense import DenseIndex
from indexer.search.lexical import PASSAGE_FIELDS, LexicalIndex, LexicalItem, passage_fields
from tests.indexer.search.library import HashingEncoder, ids

ROOT = Path(__file__).parents[2]
ENCODER = HashingEncoder(dimension=256)


@cache
def items() -> list[Item]:
    """Docstrings of the project, each a paragraph of prose; the paper is the file."""
    texts: list[tuple[int, str]] = []
    for paper, path in enumerate(sorted((ROOT / "indexer").rglob("*.py")) + sorted((ROOT / "core").glob("*.py"))):
        docstrings = re.findall(r'"""(.{40,}?)"""', path.read_text("utf-8"), re.DOTALL)
        texts.extend((paper, " ".join(docstring.split())) for docstring in docstrings)
    return [Item(id=number, text=text, paper_id=paper) for number, (paper, text) in enumerate(texts, start=1)]


QUERIES = [
    "which papers does a filter narrow",
    "stop words of a query",
    "search indexes that are damaged",
    "works cited by a paper",
    "the revision of a paper",
    "character spans of passages on pages",
    "transaction of the database",
    "vectors of an encoder",
    "authors and family names",
    "errors with a hint",
]


@pytest.fixture(scope="module")
def bm25(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    index = LexicalIndex.create(tmp_path_factory.mktemp("bm25"), PASSAGE_FIELDS)
    for item in items():
        index.replace(item.id, [LexicalItem(id=item.id, fields={"text": [item.text]})])
    index.commit()
    return index


def test_there_is_enough_text_to_compare() -> None:
    assert len(items()) > 100


def test_the_lexical_engine_ranks_like_rank_bm25(bm25: LexicalIndex) -> None:
    reference = RankBm25(items())
    same_first = overlap = total = 0
    for query in QUERIES:
        expected, found = ids(reference.search(query, top=10)), ids(bm25.search(query, top=10))
        same_first += expected[0] == found[0]
        overlap += len(set(expected) & set(found))
        total += len(expected)
    # They differ in rounding lengths to a byte and in the weight of very common terms.
    assert same_first >= 9
    assert overlap >= 0.9 * total


def test_the_dense_engine_ranks_like_exact_single_precision(tmp_path: Path) -> None:
    index = DenseIndex.create(tmp_path, ENCODER)
    for item in items():
        index.replace(item.id, [item.id], [item.text])
    index.commit()
    reference = FlatFaiss(items(), ENCODER)
    for query in QUERIES:
        expected = {hit.id: hit.score for hit in reference.search(query, top=len(items()))}
        tenth = sorted(expected.values(), reverse=True)[9]
        found = index.search(query, top=10)
        assert len(found) == 10
        for hit in found:
            assert hit.score == pytest.approx(expected[hit.id], abs=1e-3)
            assert expected[hit.id] >= tenth - 1e-3


@pytest.mark.parametrize("kind", ["bm25", "dense"])
def test_references_honour_papers_and_blank_queries(kind: str) -> None:
    reference = RankBm25(items()) if kind == "bm25" else FlatFaiss(items(), ENCODER)
    wanted = frozenset({items()[0].paper_id or 0, 2})
    of_papers = {item.id for item in items() if item.paper_id in wanted}
    found = ids(reference.search("paper and search index", top=5, paper_ids=wanted))
    assert found
    assert set(found) <= of_papers
    assert reference.search(" ", top=5) == []


def test_a_title_field_left_empty_changes_nothing(bm25: LexicalIndex, tmp_path: Path) -> None:
    other = LexicalIndex.create(tmp_path, PASSAGE_FIELDS)
    for item in items():
        other.replace(item.id, [LexicalItem(id=item.id, fields=passage_fields("", item.text))])
    other.commit()
    assert other.search(QUERIES[0], top=10) == pytest.approx(bm25.search(QUERIES[0], top=10))
