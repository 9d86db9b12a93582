from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import InputError
from tests.training.encoder.worlds import TOPICS, write_world
from training.corpus.records import read_papers
from training.encoder.measure import measure, read_part
from training.encoder.pairs import CitationPairs


def test_an_encoder_that_knows_the_answers_finds_all(pairs: CitationPairs, world: Path) -> None:
    part = read_part(read_papers(world), {}, seed=1)
    found = measure(part, pairs.profiles, _by_words)
    assert (found.places, found.candidates) == (24 * 5, 24)
    assert found.hit1 == found.recall10 == found.recall100 == 1.0


def test_an_encoder_that_sees_topics_only_finds_them_among_the_first(pairs: CitationPairs, world: Path) -> None:
    found = measure(read_part(read_papers(world), {}, seed=1), pairs.profiles, _by_topics)
    assert found.hit1 < 0.5
    assert found.recall10 == 1.0


def test_other_works_are_candidates_too(pairs: CitationPairs, tmp_path: Path) -> None:
    path = write_world(tmp_path / "one.dev.jsonl", [3])
    part = read_part(read_papers(path), pairs.works, seed=1, places=2)
    assert len(part.places) == 2
    assert set(part.works) == set(pairs.works)


def test_a_part_without_citations_is_told(tmp_path: Path) -> None:
    path = write_world(tmp_path / "none.dev.jsonl", [])
    with pytest.raises(InputError, match="no places"):
        read_part(read_papers(path), {}, seed=1)


def _by_topics(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([[topic in _about(text) for topic in TOPICS] for text in texts], dtype=np.float32)


def _by_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """Topic and number of the work that each text is about."""
    vectors = np.zeros((len(texts), 32), dtype=np.float32)
    for row, text in enumerate(texts):
        number = "abcdef".index(_about(text)[0])
        topic = next(index for index, topic in enumerate(TOPICS) if topic in _about(text))
        vectors[row, topic * 6 + number] = 1.0
    return vectors


def _about(text: str) -> str:
    """Number and topic: of a work by its title, of a place by what stands last before it."""
    told = text.split("[MASK]")[0] if "[MASK]" in text else text.split("[SEP]")[0]
    return told.rsplit("study ", 1)[1][:20].split(" by")[0].split(",")[0]
