from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench.suggest import bench_suggestions
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import InputError
from core.records import Document
from indexer.store import papers as paper_store
from tests.builders import make_document, make_file
from training.corpus.records import SourcePaper

CITING = make_document(
    "Another paper",
    passages=["Sparse retrieval compares words of passages [1].", "Nobody knows this work [2]."],
    references=["Sparse retrieval", "A work beyond the library"],
)


@pytest.fixture
def library(settings: Settings, checkpoint: Path) -> Iterator[Galacite]:
    opened = open_library(settings.model_copy(update={"citation_model": str(checkpoint)}))
    document = make_document("Own", passages=["Text [1]."], references=["Sparse Retrieval", "Dense", "Mixed"])
    with opened.database.session(write=True) as session:
        paper_store.add_paper(session, document, make_file("own"))
    opened.indexes.sync()
    yield opened
    opened.close()


def source(*documents: Document) -> list[SourcePaper]:
    return [SourcePaper(id=str(n), source="s", licence="", document=each) for n, each in enumerate(documents)]


def test_each_ranker_and_the_joined_ones_are_measured(library: Galacite) -> None:
    found = bench_suggestions(library, source(CITING), weights=[0.5, 2.0])
    assert (found.works, found.places) == (4, 1)
    scores = {each.name: each for each in found.rankings}
    assert list(scores) == ["bm25", "nano", "joined", "joined, nano x 0.5", "joined, nano x 2"]
    assert (scores["bm25"].hit_1, scores["bm25"].mrr) == (1.0, 1.0)
    assert scores["nano"].recall_10 == 1.0
    assert 0 < scores["nano"].mrr <= 1


def test_papers_that_cite_nothing_known_cannot_be_asked(library: Galacite) -> None:
    with pytest.raises(InputError, match="cite nothing that the library knows"):
        bench_suggestions(library, source(make_document("Lonely")))
