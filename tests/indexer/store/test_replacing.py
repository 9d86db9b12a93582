from __future__ import annotations

import pytest
from sqlalchemy import select

from core.errors import NotFound
from core.records import Notice
from indexer.database import Database
from indexer.store import collections, works
from indexer.store.papers import add_paper, get_document, get_paper, list_papers, remove_paper
from indexer.store.replacing import replace_document
from indexer.tables import WorkRow
from tests.builders import make_document, make_file

SCAN = make_document(
    "scan", authors=[], year=None, passages=[], references=[], notices=(Notice(code="no_text", message="pictures"),)
)
READ = make_document(
    "Tokens for Citing",
    authors=["Ada Example"],
    passages=["Tokens store knowledge [1].", "And lists of it [2]."],
    references=["Galactica", "Lists"],
)


def test_what_is_read_anew_takes_the_place_of_what_was(database: Database) -> None:
    with database.session(write=True) as session:
        paper = add_paper(session, SCAN, make_file("scan"))
        collections.create_collection(session, "thesis")
        collections.add_to_collection(session, "thesis", [paper.id])
        replaced = replace_document(session, paper.id, READ)
    with database.session() as session:
        assert (replaced.id, replaced.key, replaced.revision) == (paper.id, paper.key, paper.revision + 1)
        assert (replaced.title, replaced.notices, replaced.collections) == ("Tokens for Citing", (), ("thesis",))
        stored = get_document(session, paper.id)
        assert stored.text == READ.text
        assert [entry.title for entry in stored.references] == ["Galactica", "Lists"]
        assert [mention.reference_indices for mention in stored.mentions] == [(0,), (1,)]
        own = session.scalars(select(WorkRow.title).where(WorkRow.paper_id == paper.id)).all()
        assert own == ["Tokens for Citing"]
        assert [each.id for each in list_papers(session, text="tokens example")] == [paper.id]


def test_works_that_nothing_cites_any_more_are_forgotten(database: Database) -> None:
    with database.session(write=True) as session:
        paper = add_paper(session, READ, make_file("a"))
        other = add_paper(session, make_document("Other", passages=["So [1]."], references=["Lists"]), make_file("b"))
        assert works.count_works(session) == 4
        replace_document(session, paper.id, make_document("Tokens Again", passages=["x"], references=["New"]))
        titles = set(session.scalars(select(WorkRow.title)))
    assert titles == {"Tokens Again", "New", "Other", "Lists"}
    with database.session(write=True) as session:
        remove_paper(session, paper.id)
        remove_paper(session, other.id)
        assert works.count_works(session) == 0


def test_reading_the_same_again_changes_nothing_but_the_revision(database: Database) -> None:
    with database.session(write=True) as session:
        paper = add_paper(session, READ, make_file("a"))
        before = get_document(session, paper.id)
        for _ in range(2):
            again = replace_document(session, paper.id, READ)
        assert again.duplicate_of is None
        assert again.revision == paper.revision + 2
        after = get_document(session, paper.id)
    assert after.text == before.text
    assert [entry.raw for entry in after.references] == [entry.raw for entry in before.references]


def test_a_scan_turns_out_to_be_another_version(database: Database) -> None:
    with database.session(write=True) as session:
        first = add_paper(session, READ, make_file("a"))
        scan = add_paper(session, SCAN, make_file("scan"))
        assert replace_document(session, scan.id, READ).duplicate_of == first.id
        assert replace_document(session, first.id, READ).duplicate_of is None
        assert get_paper(session, scan.id).duplicate_of == first.id


def test_an_unknown_paper(database: Database) -> None:
    with database.session(write=True) as session, pytest.raises(NotFound):
        replace_document(session, 77, READ)
