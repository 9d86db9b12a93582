"""A small world to learn, and a small random encoder to learn it."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.runtime import prepare_environment
from tests.model.tiny import write_bert
from tests.training.encoder.worlds import write_world
from training.corpus.records import read_papers
from training.encoder.pairs import CitationPairs, read_pairs

prepare_environment()


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of two layers; never written to."""
    return write_bert(tmp_path_factory.mktemp("base") / "small-base")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus file of 24 papers."""
    return write_world(tmp_path_factory.mktemp("world") / "world.train.jsonl", range(24))


@pytest.fixture(scope="session")
def pairs(world: Path) -> CitationPairs:
    """The pairs of the world."""
    return read_pairs([read_papers(world)])
