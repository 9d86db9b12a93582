"""Imported bibliographies on both databases: their works, what replaces what, and what is left when they go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from core.errors import NotFound
from core.records import Work
from indexer.bibliographies.reading import read_bibliography
from indexer.database import Database
from indexer.store import bibliographies, holders, papers, works
from indexer.store.bibliographies import ImportCounts
from indexer.tables import BibliographyEntryRow, BibliographyPartRow
from tests.builders import make_document, make_file, make_reference

ATTENTION = "@article{attention, author={Vaswani, Ashish}, title={Attention}, year={2017}, abstract={No recurrence.}}"
GALACTICA = "@misc{galactica, author={Taylor, Ross}, title={Galactica}, year={2022}, doi={10.1000/g}}"
UNKNOWN = "@misc{nothing, note={Private communication}}"


def imported(database: Database, *entries: str, name: str = "refs.bib") -> ImportCounts:
    """Import a file of these entries."""
    text = "\n".join(entries)
    with database.session(write=True) as session:
        found = read_bibliography(text.encode(), name)
        return bibliographies.import_bibliography(session, found, sha256=f"{len(text)}:{hash(text)}")


def known(database: Database) -> dict[str, Work]:
    """All works by their titles."""
    with database.session() as session:
        return {work.title: work for work in works.get_works(session, works.work_ids(session))}


def rows(database: Database) -> tuple[int, int]:
    """How many parts and entries there are."""
    with database.session() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (BibliographyPartRow, BibliographyEntryRow)
        )  # type: ignore[return-value]


def revisions(database: Database) -> dict[int, int]:
    with database.session() as session:
        return holders.revisions(session)


def test_entries_become_works_with_their_abstracts(database: Database) -> None:
    assert imported(database, ATTENTION, GALACTICA, UNKNOWN) == ImportCounts(added=3, removed=0, kept=0)
    found = known(database)
    assert set(found) == {"Attention", "Galactica"}
    assert (found["Galactica"].doi, found["Galactica"].cited_by, found["Galactica"].paper_id) == ("10.1000/g", 0, None)
    with database.session() as session:
        assert works.abstracts_of(session, works.work_ids(session)) == {found["Attention"].id: "No recurrence."}
        [stored] = bibliographies.list_bibliographies(session)
        assert (stored.name, stored.format, stored.entries, stored.works) == ("refs.bib", "bibtex", 3, 2)
        [listed] = bibliographies.listed_as(session, [found["Galactica"].id])[found["Galactica"].id]
        assert (listed.bibliography, listed.record.key) == ("refs.bib", "galactica")
        assert bibliographies.works_with_key(session, "galactica") == [found["Galactica"].id]


def test_the_same_file_again_changes_nothing(database: Database) -> None:
    imported(database, ATTENTION, GALACTICA)
    before = (known(database), revisions(database))
    assert imported(database, ATTENTION, GALACTICA) == ImportCounts(added=0, removed=0, kept=2)
    assert (known(database), revisions(database)) == before


def test_a_changed_file_replaces_what_its_name_held_and_nothing_else(database: Database) -> None:
    imported(database, ATTENTION, GALACTICA)
    imported(database, "@misc{other, title={Other}}", name="other.bib")
    before, parts = known(database), revisions(database)
    corrected = GALACTICA.replace("Galactica", "Galactica: A Model")
    assert imported(database, "% a comment", ATTENTION, corrected) == ImportCounts(added=1, removed=1, kept=1)
    after = known(database)
    assert set(after) == {"Attention", "Galactica: A Model", "Other"}
    assert after["Attention"] == before["Attention"]
    changed = {part for part, revision in revisions(database).items() if parts.get(part) != revision}
    assert len(changed) == 1, "only the part of the corrected entry is to be indexed again"
    assert imported(database, ATTENTION) == ImportCounts(added=0, removed=1, kept=1)
    assert set(known(database)) == {"Attention", "Other"}
    assert rows(database) == (2, 2)


def test_works_are_joined_with_those_that_papers_cite(database: Database) -> None:
    cited = [
        make_reference("Attention", year=2017, authors=["Ashish Vaswani"]),
        make_reference("Else", doi="10.1000/G"),
    ]
    with database.session(write=True) as session:
        paper = papers.add_paper(session, make_document("Citing", references=cited), make_file())
    before = known(database)
    imported(database, ATTENTION, GALACTICA)
    assert {title: work.id for title, work in known(database).items()} == {
        title: work.id for title, work in before.items()
    }
    with database.session(write=True) as session:
        papers.remove_paper(session, paper.id)
    assert set(known(database)) == {"Attention", "Else"}, "the bibliography still lists them"
    with database.session(write=True) as session:
        bibliographies.remove_bibliography(session, "refs.bib")
    assert known(database) == {}
    assert rows(database) == (0, 0)


def test_removal_leaves_works_that_papers_or_other_bibliographies_name(database: Database) -> None:
    with database.session(write=True) as session:
        reference = make_reference("Attention", year=2017, authors=["Ashish Vaswani"])
        papers.add_paper(session, make_document("Citing", references=[reference]), make_file())
    imported(database, ATTENTION, GALACTICA, "@misc{gone, title={Gone}}")
    imported(database, GALACTICA, name="more.bib")
    with database.session(write=True) as session:
        assert bibliographies.remove_bibliography(session, "refs.bib").entries == 3
    assert set(known(database)) == {"Citing", "Attention", "Galactica"}


def test_a_work_imported_and_then_added_as_a_paper_is_one(database: Database) -> None:
    imported(database, GALACTICA)
    work = known(database)["Galactica"]
    with database.session(write=True) as session:
        paper = papers.add_paper(session, make_document("Galactica in Print", doi="10.1000/g"), make_file())
    held = known(database)["Galactica in Print"]
    assert (held.id, held.paper_id) == (work.id, paper.id)
    with database.session() as session:
        assert works.work_of_paper(session, paper.id) == work.id
    with database.session(write=True) as session:
        papers.remove_paper(session, paper.id)
    assert [each.id for each in known(database).values()] == [work.id]


def test_entries_follow_works_that_merge(database: Database) -> None:
    imported(database, GALACTICA, "@misc{printed, author={Taylor, Ross}, title={Galactica, printed}, year={2022}}")
    joining = make_reference("Galactica, printed", authors=["Ross Taylor"], doi="10.1000/g")
    with database.session(write=True) as session:
        papers.add_paper(session, make_document("Citing", references=[joining]), make_file())
    with database.session() as session:
        [merged] = [work for work in works.get_works(session, works.work_ids(session)) if work.doi == "10.1000/g"]
        keys = {listed.record.key for listed in bibliographies.listed_as(session, [merged.id])[merged.id]}
    assert keys == {"galactica", "printed"}


def test_parts_are_followed_under_negative_ids(database: Database) -> None:
    imported(database, ATTENTION, UNKNOWN)
    with database.session(write=True) as session:
        papers.add_paper(session, make_document("Citing"), make_file())
    attention = known(database)["Attention"].id
    with database.session() as session:
        found = holders.revisions(session)
        assert sorted(id_ > 0 for id_ in found) == [False, False, True]
        assert sorted(holders.works_of(session, id_) for id_ in found if id_ < 0) == [[], [attention]]
        assert bibliographies.parts(session, [1, -99]) == {}


def test_records_come_back_as_they_were_read(database: Database) -> None:
    entry = (
        '@inproceedings{k, author={M{\\"u}ller, Jr., J. and {CERN, the Lab}}, editor={Roe, A.}, title={A $x^2$ \\& B},'
        "booktitle={Proc}, pages={1--2}, volume=3, number=4, year=2020, month=feb, day=29, url={https://a.b/c}, "
        "note={N}}"
    )
    imported(database, entry)
    with database.session() as session:
        [[listed]] = bibliographies.listed_as(session, works.work_ids(session)).values()
    [record] = read_bibliography(entry.encode(), "x.bib").records
    assert listed.record == replace(record, reference=replace(record.reference, index=0))


def test_unknown_names_are_told(database: Database) -> None:
    with database.session(write=True) as session, pytest.raises(NotFound, match=r"nobody\.bib"):
        bibliographies.remove_bibliography(session, "nobody.bib")


def test_a_failing_import_leaves_everything_as_it_was(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(database, ATTENTION)
    before = (known(database), revisions(database), rows(database))

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(bibliographies, "_drop_empty_parts", fail)
    with pytest.raises(OSError, match="disk"):
        imported(database, GALACTICA)
    assert (known(database), revisions(database), rows(database)) == before
