from __future__ import annotations

import itertools
import json
import lzma
from pathlib import Path

import numpy as np

from app.bench.library import PASSAGE_CHARS, passage_texts, store_library
from app.bench.search import SampledEncoder
from indexer.database import Database
from indexer.search.source import DatabaseSource
from tests.indexer.search.library import HashingEncoder


def test_generated_text_has_frequent_and_rare_words() -> None:
    words = " ".join(itertools.islice(passage_texts(None), 30)).split()
    counts = sorted((words.count(word) for word in set(words)), reverse=True)
    assert counts[0] > 20 * counts[len(counts) // 2]


def test_real_paragraphs_are_cut_and_short_ones_left_out(tmp_path: Path) -> None:
    paper = {"secs": [["Introduction", [["word " * 400, []], ["too short", []]]]]}
    with lzma.open(tmp_path / "papers.jsonl.xz", "wt") as file:
        file.write(json.dumps(paper) + "\n")
    texts = list(passage_texts(tmp_path / "papers.jsonl.xz"))
    assert [len(text) for text in texts] == [PASSAGE_CHARS - 1, PASSAGE_CHARS - 1, 199]


def test_every_text_is_stored_as_a_passage(database: Database) -> None:
    texts = list(itertools.islice(passage_texts(None), 120))
    steps: list[tuple[int, int]] = []
    assert store_library(database, texts, lambda done, total: steps.append((done, total))) == 3
    source = DatabaseSource(database)
    stored = [text for paper in source.papers(sorted(source.revisions())) for _, text in paper.passages]
    assert stored == texts
    assert steps == [(3, 3)]


def test_sampled_vectors_keep_a_distance_from_the_sample() -> None:
    encoder = HashingEncoder(dimension=384)
    sampled = SampledEncoder(encoder, ["one", "two"])
    vectors = sampled.encode(["anything"] * 100)
    cosines = (vectors @ encoder.encode(["one", "two"]).T).max(axis=1)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert 0.7 < cosines.min() < cosines.max() < 0.9
