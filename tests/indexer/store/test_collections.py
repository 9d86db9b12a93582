"""Collections and tags; the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import InputError, NotFound
from indexer.database import Database
from indexer.store import collections, papers
from tests.builders import make_document, make_file


@pytest.fixture
def shelf(database: Database) -> tuple[Database, list[int]]:
    """A database with three papers."""
    with database.session(write=True) as session:
        added = [papers.add_paper(session, make_document(f"P{n}"), make_file(str(n))) for n in range(3)]
    return database, [paper.id for paper in added]


def test_collection_lives_from_creation_to_removal(shelf: tuple[Database, list[int]]) -> None:
    database, ids = shelf
    with database.session(write=True) as session:
        assert collections.create_collection(session, "  To\x00 read\n'soon'  ") == "To read 'soon'"
        collections.create_collection(session, "archive")
        assert collections.add_to_collection(session, "To read 'soon'", ids[:2]) == 2
        assert collections.add_to_collection(session, "To read 'soon'", [*ids, 10**6]) == 1
        assert collections.remove_from_collection(session, "To read 'soon'", [ids[0], 10**6]) == 1
        collections.add_to_collection(session, "archive", ids[:2])
        assert list(collections.list_collections(session).items()) == [("archive", 2), ("To read 'soon'", 2)]
        assert papers.get_paper(session, ids[1]).collections == ("To read 'soon'", "archive")
        assert collections.rename_collection(session, "archive", "Old") == "Old"
        assert papers.get_paper(session, ids[0]).collections == ("Old",)
        collections.remove_collection(session, "Old")
        assert papers.get_paper(session, ids[0]).collections == ()
        assert papers.revisions(session) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("name", ["", " \n ", "x" * 201])
def test_unusable_name_is_refused(database: Database, name: str) -> None:
    with database.session(write=True) as session:
        with pytest.raises(InputError):
            collections.create_collection(session, name)
        assert collections.list_collections(session) == {}


def test_taken_name_is_refused(database: Database) -> None:
    with database.session(write=True) as session:
        collections.create_collection(session, "One")
        collections.create_collection(session, "Two")
        with pytest.raises(InputError, match="called One already"):
            collections.create_collection(session, "One")
        with pytest.raises(InputError, match="called Two already"):
            collections.rename_collection(session, "One", "Two")
        assert collections.rename_collection(session, "One", "One") == "One"


def test_unknown_collection_is_named(database: Database) -> None:
    with database.session(write=True) as session:
        with pytest.raises(NotFound, match="called None such"):
            collections.remove_collection(session, "None such")
        with pytest.raises(NotFound, match="called None such"):
            collections.add_to_collection(session, "None such", [1])


def test_tags_are_replaced_and_vanish_when_unused(shelf: tuple[Database, list[int]]) -> None:
    database, ids = shelf
    with database.session(write=True) as session:
        assert collections.set_tags(session, ids[0], ["to do", " method ", "method"]) == ("method", "to do")
        collections.set_tags(session, ids[1], ["method"])
        assert collections.list_tags(session) == {"method": 2, "to do": 1}
        assert papers.get_paper(session, ids[0]).tags == ("method", "to do")
        collections.set_tags(session, ids[0], [])
        assert collections.list_tags(session) == {"method": 1}
        with pytest.raises(NotFound):
            collections.set_tags(session, 10**6, ["x"])
        with pytest.raises(InputError):
            collections.set_tags(session, ids[1], ["fine", " "])
        assert papers.get_paper(session, ids[1]).tags == ("method",)


def test_tags_set_at_once_are_made_once(shelf: tuple[Database, list[int]]) -> None:
    database, ids = shelf

    def tag(paper_id: int) -> None:
        with database.session(write=True) as session:
            collections.set_tags(session, paper_id, ["new", "other"])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(tag, ids))
    with database.session() as session:
        assert collections.list_tags(session) == {"new": 3, "other": 3}
