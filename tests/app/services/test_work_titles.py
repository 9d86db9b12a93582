from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.services.work_titles import FILE_NAME, WorkTitles
from core.records import Document, Paper
from indexer.bibliographies.reading import read_bibliography
from indexer.database import Database
from indexer.store import papers as paper_store
from indexer.store import works as work_store
from indexer.store.bibliographies import import_bibliography, remove_bibliography
from indexer.store.replacing import replace_document
from model.galactica.titles import TitleTrie
from model.galactica.tokenizer import GalacticaTokenizer
from tests.builders import make_document, make_file, make_reference

TEXTS = ["Galactica and retrieval of titles", "Attention to dense passages of language models"]


@pytest.fixture(scope="module")
def tokenizer() -> GalacticaTokenizer:
    return GalacticaTokenizer.train(TEXTS, 400)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "index" / "titles" / FILE_NAME


def add(database: Database, document: Document) -> Paper:
    with database.session(write=True) as session:
        return paper_store.add_paper(session, document, make_file(document.title))


def opened(database: Database, file: Path, tokenizer: GalacticaTokenizer, *, weights: str = "w") -> WorkTitles:
    return WorkTitles(database, file, tokenizer=tokenizer, weights=weights)


def told(trie: TitleTrie, tokenizer: GalacticaTokenizer) -> dict[int, str]:
    """What each work of a trie is cited as."""
    ids = trie.rows.ids_between(0, len(trie)).tolist()
    return {id_: tokenizer.decode(trie.rows.sequence(row).tolist()) for row, id_ in enumerate(ids)}


def expected(database: Database) -> dict[int, str]:
    with database.session() as session:
        works = work_store.get_works(session, sorted(work_store.titled_ids(session)))
    return {
        work.id: f" {work.title}{', ' if work.authors else ''}{work.authors[0].family if work.authors else ''}[END_REF]"
        for work in works
    }


def test_all_titled_works_and_nothing_else_can_be_cited(
    database: Database, file: Path, tokenizer: GalacticaTokenizer
) -> None:
    assert len(opened(database, file, tokenizer).current()) == 0
    untitled = replace(make_reference("", doi="10.1/untitled"), authors=())
    nobody = make_reference("By nobody", authors=())
    add(database, make_document("Citing", references=["Galactica", untitled, nobody], passages=["Text [1]."]))
    found = told(opened(database, file, tokenizer).current(), tokenizer)
    assert found == expected(database)
    assert sorted(found.values()) == [
        " By nobody[END_REF]",
        " Citing, Lovelace[END_REF]",
        " Galactica, Taylor[END_REF]",
    ]


def test_the_trie_follows_papers_that_come_change_and_leave(
    database: Database, file: Path, tokenizer: GalacticaTokenizer
) -> None:
    titles = opened(database, file, tokenizer)
    first = add(database, make_document("First", references=["Galactica", "Attention"]))
    trie = titles.current()
    second = add(database, make_document("Second", references=["Galactica", "Retrieval"]))
    assert titles.current() is trie  # changed where it stands, not built anew
    assert told(trie, tokenizer) == expected(database)
    with database.session(write=True) as session:
        replace_document(session, second.id, make_document("Second, revised", references=["Dense passages"]))
    assert told(titles.current(), tokenizer) == expected(database)
    with database.session(write=True) as session:
        paper_store.remove_paper(session, first.id)
    left = told(titles.current(), tokenizer)
    assert left == expected(database)
    assert sorted(left.values()) == [" Dense passages, Taylor[END_REF]", " Second, revised, Lovelace[END_REF]"]
    assert told(opened(database, file, tokenizer).current(), tokenizer) == left


def test_the_trie_follows_bibliographies(database: Database, file: Path, tokenizer: GalacticaTokenizer) -> None:
    titles = opened(database, file, tokenizer)
    add(database, make_document("A paper of the library"))
    titles.current()
    for title in ("Passages of titles", "Dense attention"):
        found = read_bibliography(f"@misc{{k, author={{Roe, Ada}}, title={{{title}}}}}".encode(), "refs.bib")
        with database.session(write=True) as session:
            import_bibliography(session, found, sha256=title)
        assert told(titles.current(), tokenizer) == expected(database)
        assert len(titles.current()) == 2
    with database.session(write=True) as session:
        remove_bibliography(session, "refs.bib")
    assert told(titles.current(), tokenizer) == expected(database)
    assert len(titles.current()) == 1


def test_a_title_that_another_paper_corrects_is_cut_again(
    database: Database, file: Path, tokenizer: GalacticaTokenizer
) -> None:
    titles = opened(database, file, tokenizer)
    add(database, make_document("Citing", references=[make_reference("Galactic: a modle", doi="10.1/g")]))
    titles.current()
    add(database, make_document("Galactica: A Model", doi="10.1/g", authors=["Ross Taylor"]))
    found = told(titles.current(), tokenizer)
    assert found == expected(database)
    assert " Galactica: A Model, Taylor[END_REF]" in found.values()


def test_the_file_serves_the_next_start_with_its_priors(
    database: Database, file: Path, tokenizer: GalacticaTokenizer
) -> None:
    add(database, make_document("Citing", references=["Galactica"]))
    titles = opened(database, file, tokenizer)
    trie = titles.current()
    length = int(trie.rows.lengths(np.array([0]))[0])
    trie.rows.remember_prior(0, np.arange(length, dtype=np.float32))
    titles.save()
    written = file.stat().st_mtime_ns
    again = opened(database, file, tokenizer).current()
    assert file.stat().st_mtime_ns == written
    assert again.rows.prior(np.array([0]), length).tolist() == [length - 1]
    other = opened(database, file, tokenizer, weights="of another model").current()
    assert np.isnan(other.rows.prior(np.array([0]), length)).all()


@pytest.mark.parametrize("content", [b"", b"no trie at all", b"\xff" * 4_096])
def test_a_damaged_file_is_replaced(
    database: Database, file: Path, tokenizer: GalacticaTokenizer, content: bytes
) -> None:
    add(database, make_document("Citing", references=["Galactica"]))
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert told(opened(database, file, tokenizer).current(), tokenizer) == expected(database)
    assert TitleTrie.load(file)[1]["weights"] == "w"


@pytest.mark.parametrize("papers", ["[[1]]", "{}", "[[1, []]]", "nothing", "null", "[" * 100_000])
def test_a_file_whose_papers_cannot_be_read_is_replaced(
    database: Database, file: Path, tokenizer: GalacticaTokenizer, papers: str
) -> None:
    titles = opened(database, file, tokenizer)
    trie = titles.current()
    _, about = TitleTrie.load(file)
    trie.save(file, about={**about, "papers": papers})
    add(database, make_document("Citing", references=["Galactica"]))
    assert told(opened(database, file, tokenizer).current(), tokenizer) == expected(database)


def test_a_file_of_another_library_or_tokenizer_is_replaced(
    database: Database, file: Path, tokenizer: GalacticaTokenizer
) -> None:
    add(database, make_document("Citing", references=["Galactica"]))
    trie = opened(database, file, tokenizer).current()
    _, about = TitleTrie.load(file)
    trie.remove(next(iter(told(trie, tokenizer))))
    for foreign in ({"database": "other"}, {"tokenizer": "other"}):
        trie.save(file, about=about | foreign)
        assert told(opened(database, file, tokenizer).current(), tokenizer) == expected(database)


def test_a_disk_that_refuses_the_file_stops_nothing(
    database: Database, tmp_path: Path, tokenizer: GalacticaTokenizer
) -> None:
    add(database, make_document("Citing", references=["Galactica"]))
    (tmp_path / "index").write_bytes(b"a file where the folder should be")
    titles = opened(database, tmp_path / "index" / FILE_NAME, tokenizer)
    assert told(titles.current(), tokenizer) == expected(database)


def test_very_many_changes_are_sorted_at_once(
    database: Database, file: Path, tokenizer: GalacticaTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.work_titles._MOVED_ROWS", 1)
    titles = opened(database, file, tokenizer)
    empty = titles.current()
    add(database, make_document("First", references=["Galactica", "Attention"]))
    former = titles.current()
    assert former is not empty  # also when there was nothing to move yet
    add(database, make_document("Second", references=["Retrieval"]))
    assert titles.current() is not former
    assert told(titles.current(), tokenizer) == expected(database)
