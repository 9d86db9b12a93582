from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError, ModelError, SearchIndexError
from core.records import Scored, SearchFilter
from indexer.database import Database
from indexer.search.fusion import fuse
from indexer.search.hybrid import HybridSearch
from indexer.search.readers import dense_reader, lexical_reader
from indexer.search.source import DatabaseSource
from indexer.search.sync import SearchIndexes, SyncReport
from indexer.store import collections as collection_store
from indexer.store import papers as paper_store
from indexer.store import works as work_store
from tests.builders import make_document, make_file
from tests.indexer.search.library import HashingEncoder

ENCODER = HashingEncoder()


def add(database: Database, title: str, passages: list[str], references: list[str], year: int, author: str) -> int:
    document = make_document(title, passages=passages, references=references, year=year, authors=[author])
    with database.session(write=True) as session:
        return paper_store.add_paper(session, document, make_file(f"{title}.pdf")).id


@pytest.fixture
def library(database: Database) -> Database:
    add(
        database,
        "Citation Tokens",
        ["Citation tokens help models recall papers [1].", "Weights store knowledge."],
        ["Galactica"],
        2022,
        "Ross Taylor",
    )
    add(
        database,
        "Dense Retrieval",
        ["Dense retrieval of papers needs an encoder [1].", "Knowledge of citations."],
        ["Sentence Transformers"],
        2019,
        "Nils Reimers",
    )
    return database


@pytest.fixture
def indexes(library: Database, tmp_path: Path) -> SearchIndexes:
    made = SearchIndexes(tmp_path / "indexes", DatabaseSource(library), ENCODER)
    made.sync()
    return made


def hybrid(database: Database, tmp_path: Path) -> HybridSearch:
    root = tmp_path / "indexes"
    rankers = [lexical_reader(root, "passages"), dense_reader(root, lambda: ENCODER)]
    return HybridSearch(database, rankers)


def test_hits_tell_page_scores_and_words(library: Database, indexes: SearchIndexes, tmp_path: Path) -> None:
    result = hybrid(library, tmp_path).search("what do citation tokens do?", top=1)
    (hit,) = result.hits
    assert result.notices == ()
    assert (hit.paper_title, hit.page, hit.year) == ("Citation Tokens", 1, 2022)
    assert [hit.text[start:end] for start, end in hit.highlights] == ["Citation", "tokens"]
    assert [name for name, _ in hit.scores] == ["bm25", "dense"]
    assert hit.score == pytest.approx(2 / 61)
    assert hit.boxes


def test_filters_narrow_both_rankers(library: Database, indexes: SearchIndexes, tmp_path: Path) -> None:
    with library.session(write=True) as session:
        paper = paper_store.list_papers(session, SearchFilter(author="Reimers"))[0]
        collection_store.add_to_collection(session, collection_store.create_collection(session, "mine"), [paper.id])
        collection_store.create_collection(session, "empty")
    search = hybrid(library, tmp_path)
    for narrow, titles in (
        (SearchFilter(), {"Citation Tokens", "Dense Retrieval"}),
        (SearchFilter(year_from=2020), {"Citation Tokens"}),
        (SearchFilter(author="Reimers"), {"Dense Retrieval"}),
        (SearchFilter(collection="mine"), {"Dense Retrieval"}),
        (SearchFilter(collection="empty"), set()),
        (SearchFilter(paper_ids=()), set()),
    ):
        result = search.search("knowledge of papers", filter=narrow)
        assert {hit.paper_title for hit in result.hits} == titles, narrow


def test_changes_of_the_library_show_in_a_search_that_stays_open(
    library: Database, indexes: SearchIndexes, tmp_path: Path
) -> None:
    search = hybrid(library, tmp_path)
    assert search.search("zebrafish").hits[0].scores[0][0] == "dense"
    paper = add(library, "Zebrafish", ["Zebrafish swim."], ["Galactica"], 2020, "A. Fish")
    assert not indexes.is_current()
    assert indexes.sync() == SyncReport(added=1)
    assert search.search("zebrafish").hits[0].paper_title == "Zebrafish"
    indexes.rebuild()
    assert search.search("zebrafish").hits[0].paper_title == "Zebrafish"
    with library.session(write=True) as session:
        paper_store.remove_paper(session, paper)
    assert all(hit.paper_id != paper for hit in search.search("zebrafish").hits), "gone before the indexes follow"
    assert indexes.sync() == SyncReport(removed=1)
    assert all(hit.paper_id != paper for hit in search.search("zebrafish").hits)


def test_without_an_encoder_words_alone_serve_and_the_result_says_so(
    library: Database, indexes: SearchIndexes, tmp_path: Path
) -> None:
    installed: list[HashingEncoder] = []

    def encoder() -> HashingEncoder:
        if not installed:
            raise ModelError("no encoder", hint="galacite models install")
        return installed[0]

    root = tmp_path / "indexes"
    search = HybridSearch(library, [lexical_reader(root, "passages"), dense_reader(root, encoder)])
    result = search.search("citation tokens")
    assert result.hits[0].paper_title == "Citation Tokens"
    assert [(notice.code, notice.message) for notice in result.notices] == [
        ("dense_unavailable", "no encoder. galacite models install")
    ]
    installed.append(ENCODER)
    assert search.search("citation tokens").notices == (), "an installation shows at once"


def test_when_no_ranker_works_the_reason_is_raised(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError, match="no bm25 index yet"):
        hybrid(database, tmp_path).search("anything")


def test_blank_queries_find_nothing_and_zero_hits_are_refused(
    library: Database, indexes: SearchIndexes, tmp_path: Path
) -> None:
    search = hybrid(library, tmp_path)
    assert search.search(" \n").hits == ()
    with pytest.raises(InputError):
        search.search("knowledge", top=0)


def test_works_are_found_by_title_and_by_citing_sentence(
    library: Database, indexes: SearchIndexes, tmp_path: Path
) -> None:
    words = lexical_reader(tmp_path / "indexes", "works")
    for query, title in (("Galactica", "Galactica"), ("papers need an encoder", "Sentence Transformers")):
        found = words.search(query, top=1)
        with library.session() as session:
            assert [work.title for work in work_store.get_works(session, [found[0].id])] == [title]


def test_fusion_rewards_agreement_and_breaks_ties_by_id() -> None:
    def ranking(*order: int) -> list[Scored]:
        return [Scored(id=item, score=0.0) for item in order]

    assert [hit.id for hit in fuse([ranking(1, 2, 3), ranking(3, 4)], top=3)] == [3, 1, 2]
    assert fuse([ranking(5), ranking(4)], top=9) == [Scored(id=4, score=1 / 61), Scored(id=5, score=1 / 61)]
    assert fuse([], top=3) == []
