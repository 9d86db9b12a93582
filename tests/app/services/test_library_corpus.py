from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from app.services.corpus import CorpusRequest, build_corpus
from app.services.library_corpus import LibrarySource, library_papers
from core.records import Document, Paper
from indexer.config import ParserLimits
from indexer.database import Database
from indexer.store import papers as paper_store
from model.galactica.tokenizer import GalacticaTokenizer
from tests.builders import make_document, make_file, make_reference
from training.contexts import cited_places
from training.corpus.config import CorpusConfig
from training.corpus.shards import ShardSet

CITING = make_document(
    "Citation Tokens",
    abstract="Tokens that name works.",
    headings=["Introduction", "Method"],
    passages=["Models of science know works by name [1]. Others look them up [1, 2].", "We train on tokens [2]."],
    references=[make_reference("Galactica"), make_reference("Sparse Retrieval", authors=("Grace Hopper",))],
)


def add(database: Database, document: Document, name: str = "") -> Paper:
    with database.session(write=True) as session:
        return paper_store.add_paper(session, document, make_file(name or document.title))


def test_a_stored_paper_comes_back_with_its_text_mentions_and_references(database: Database) -> None:
    stored = add(database, CITING)
    (paper,) = library_papers(database)
    assert (paper.source, paper.id, paper.licence) == ("library", stored.key, "")
    assert paper.document.text == CITING.text
    assert paper.document.mentions == CITING.mentions
    assert paper.document.sections == CITING.sections
    assert tuple(replace(entry, work_id=None) for entry in paper.document.references) == CITING.references
    assert [place.targets for place in cited_places(paper)] == [
        ("galactica",), ("galactica", "sparseretrieval"), ("sparseretrieval",),
    ]  # fmt: skip


def test_a_work_is_spelled_one_way_in_all_papers(database: Database) -> None:
    add(database, make_document("Own title: of the work", doi="10.1/w", authors=["Ada Lovelace"], passages=["Text."]))
    misprinted = make_reference("Own title of work", doi="10.1/w", authors=("A. Lovelase",))
    add(database, make_document("Citing", passages=["Known [1]."], references=[misprinted]))
    *_, citing = library_papers(database)
    (reference,) = citing.document.references
    assert (reference.title, reference.authors[0].family) == ("Own title: of the work", "Lovelace")
    assert reference.raw == misprinted.raw


def test_versions_and_papers_without_text_are_left_out(database: Database) -> None:
    first = add(database, CITING)
    add(database, CITING, "the same again.pdf")
    add(database, make_document("A scan", passages=[]))
    assert [paper.id for paper in library_papers(database)] == [first.key]


def test_a_paper_that_leaves_meanwhile_is_passed_over(database: Database) -> None:
    first, second = add(database, make_document("First")), add(database, make_document("Second"))
    papers = library_papers(database)
    assert next(papers).id == first.key
    with database.session(write=True) as session:
        paper_store.remove_paper(session, second.id)
    assert list(papers) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_large_library_is_read_one_paper_at_a_time(database: Database) -> None:
    for number in range(24):
        add(database, make_document(f"Paper {number}", passages=[f"{number} " + "long text " * 10_000]))
    papers = library_papers(database)
    next(papers)
    tracemalloc.start()
    try:
        assert sum(1 for _ in papers) == 23
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_500_000  # one paper has 100 kB, all of them 2.4 MB


def test_the_source_is_stamped_anew_with_every_change_and_read_again_and_again(database: Database) -> None:
    first = add(database, CITING)
    source = LibrarySource(database)
    stamp = source.stamp
    assert [paper.id for paper in source] == [paper.id for paper in source] == [first.key]
    assert source.stamp == LibrarySource(database).stamp == stamp
    add(database, make_document("More"))
    assert source.stamp != stamp


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_checkpoint_can_go_on_learning_from_the_library(database: Database, checkpoint: Path, tmp_path: Path) -> None:
    for word in ("alpha", "beta", "gamma", "delta"):
        told = [f"{word} {number} is told by {word} models [1, 2]." for number in range(9)]
        add(database, make_document(f"Of {word}", passages=told, references=CITING.references))
    config = CorpusConfig(row_tokens=128, prompt_ratio=0.0)
    folder = tmp_path / "corpus"
    steps: list[str] = []
    report = build_corpus(
        CorpusRequest(sources=(), out=folder, tokenizer=checkpoint, workers=1),
        config,
        limits=ParserLimits(),
        database=database,
        on_progress=lambda step, done, total: steps.append(step),
    )
    shards = ShardSet.open(folder / "train")
    tokenizer = GalacticaTokenizer.load(checkpoint)
    assert shards.rows >= 1
    text = tokenizer.decode([token for row in shards for token in row.tolist()])
    assert "[START_REF] Galactica, Taylor[END_REF]" in text
    assert "packing" in steps
    assert sum(source.citations for source in report.sources) > 0
