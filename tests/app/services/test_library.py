from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.services.library import Collection
from app.wiring import Galacite
from core.errors import InputError, NotFound, StorageError
from core.records import Paper, SearchFilter
from indexer.store import papers
from tests.builders import make_document, make_file


def test_a_pattern_without_matches_is_not_passed_over(galacite: Galacite, tmp_path: Path) -> None:
    (outcome,) = galacite.library.add_paths([str(tmp_path / "*.pdf")])
    assert outcome.status == "failed"
    assert "no such file" in outcome.message


def test_a_folder_without_pdfs_is_not_passed_over(galacite: Galacite, tmp_path: Path) -> None:
    (tmp_path / "note.txt").touch()
    (outcome,) = galacite.library.add_paths([str(tmp_path)])
    assert outcome.status == "failed"
    assert outcome.message == "no PDF in this folder"
    assert outcome.hint


def _papers(galacite: Galacite, *titles: str) -> list[Paper]:
    with galacite.database.session(write=True) as session:
        return [papers.add_paper(session, make_document(title), make_file(title)) for title in titles]


def test_papers_are_collected_and_taken_out_again(galacite: Galacite) -> None:
    first, second, other = _papers(galacite, "First", "Second", "Other")
    library = galacite.library
    assert library.collections() == []
    assert library.collect(" reading  list", [first.id]) == Collection(name="reading list", papers=1)
    assert library.collect("reading list", [first.id, second.id, 999]).papers == 2
    assert library.collect("another", [other.id]).papers == 1
    assert [each.name for each in library.collections()] == ["another", "reading list"]
    narrow = SearchFilter(collection="reading list")
    assert {paper.title for paper in library.papers(narrow=narrow)} == {"First", "Second"}
    assert library.uncollect("reading list", [first.id, other.id]).papers == 1
    assert [paper.title for paper in library.papers(narrow=narrow)] == ["Second"]


def test_a_collection_is_renamed_and_deleted_and_its_papers_stay(galacite: Galacite) -> None:
    library = galacite.library
    ids = [paper.id for paper in _papers(galacite, "First", "Second")]
    library.collect("draft", ids)
    library.collect("taken", [])
    with pytest.raises(InputError, match="already"):
        library.rename_collection("draft", "taken")
    assert library.rename_collection("draft", "final") == Collection(name="final", papers=2)
    assert library.remove_collection("final") == Collection(name="final", papers=2)
    assert [each.name for each in library.collections()] == ["taken"]
    assert library.count() == 2


def test_a_collection_that_is_not_there_is_told(galacite: Galacite) -> None:
    library = galacite.library
    calls: list[Callable[[], Collection]] = [
        lambda: library.collection("none"),
        lambda: library.uncollect("none", [1]),
        lambda: library.rename_collection("none", "new"),
        lambda: library.remove_collection("none"),
    ]
    for call in calls:
        with pytest.raises(NotFound, match="no collection is called") as caught:
            call()
        assert caught.value.hint


@pytest.mark.parametrize("name", ["", " \t", "\x1b", "x" * 300])
def test_a_collection_needs_a_name_that_can_be_shown(galacite: Galacite, name: str) -> None:
    with pytest.raises(InputError):
        galacite.library.collect(name, [])


def test_a_stored_file_that_is_gone_is_told(galacite: Galacite) -> None:
    with galacite.database.session(write=True) as session:
        paper = papers.add_paper(session, make_document(), make_file())
    with pytest.raises(StorageError, match="cannot be read"):
        galacite.library.pdf(paper)
