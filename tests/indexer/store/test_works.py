"""Works: one per cited work, whatever the papers know of it; the same on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.records import Author, CitedAt, ListedAt, Reference
from indexer.database import Database
from indexer.store import papers, works
from indexer.store.identity import identity_of
from indexer.store.works import CitingSentence, CountedWork
from indexer.tables import ReferenceRow, WorkRow
from tests.builders import make_document, make_file, make_reference


def cite(database: Database, *references: Reference, title: str = "", **fields: object) -> int:
    """Add a paper with these references; returns its id."""
    with database.session(write=True) as session:
        number = papers.count_papers(session)
        document = make_document(title or f"Citing paper {number}", references=references, **fields)  # type: ignore[arg-type]
        return papers.add_paper(session, document, make_file(f"{number}-{title}")).id


def linked(database: Database, paper_id: int) -> list[int | None]:
    """The works of a paper's references, in order."""
    with database.session() as session:
        return [reference.work_id for reference in works.references_of(session, paper_id)]


def reference(
    title: str = "", year: int | None = 2017, author: str = "Ashish Vaswani", *, doi: str = "", arxiv_id: str = ""
) -> Reference:
    """An entry by its identifying parts."""
    return make_reference(title, year=year, authors=[author] if author else [], doi=doi, arxiv_id=arxiv_id)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (reference("Attention", doi="10.1/A"), reference("Another title", 2001, doi="10.1/a")),
        (reference("Attention", arxiv_id="1706.03762"), reference("Misread", arxiv_id="1706.03762v5")),
        (reference("Attention", arxiv_id="1706.03762"), reference("Misread", doi="10.48550/arXiv.1706.03762")),
        (reference("Attention is All"), reference("ATTENTION IS ALL")),
        (reference("Attention-is all", author="A. Vaswäni"), reference("Attention is ALL", author="Vaswani")),
        (reference("Attention"), reference("Attention", None)),
        (reference("Attention", doi="10.1/a"), reference("Attention")),
        (reference("Attention"), reference("Attention", doi="10.1/a")),
        (reference("Attention", doi="10.1/a"), reference("Attention", arxiv_id="1706.03762")),
    ],
)
def test_entries_of_one_work_are_merged(database: Database, first: Reference, second: Reference) -> None:
    [one] = linked(database, cite(database, first))
    [other] = linked(database, cite(database, second))
    assert one is not None
    assert one == other
    with database.session() as session:
        assert works.get_works(session, [one])[0].cited_by == 2
        assert works.count_works(session) == 3  # the papers have works of their own


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (reference("Attention", doi="10.1/a"), reference("Attention", doi="10.1/b")),
        (reference("Attention", arxiv_id="1706.03762"), reference("Attention", arxiv_id="1706.00001")),
        (reference("A", doi="10.1/a", arxiv_id="1706.12345"), reference("A", doi="10.1/b", arxiv_id="1706.12345")),
        (reference("Attention", 2017), reference("Attention", 2018)),
        (reference("Attention"), reference("Attention", author="Ada Lovelace")),
        (reference("Attention"), reference("Attention again")),
    ],
)  # fmt: skip
def test_entries_of_different_works_stay_apart(database: Database, first: Reference, second: Reference) -> None:
    [one, other] = linked(database, cite(database, first, second))
    assert one is not None
    assert other is not None
    assert one != other


def test_entry_that_nothing_identifies_has_no_work(database: Database) -> None:
    assert linked(database, cite(database, reference(""), reference("—"), reference("", doi="10.1/a")))[:2] == [
        None,
        None,
    ]


def test_same_entry_twice_in_one_paper_counts_once(database: Database) -> None:
    [one, other] = linked(database, cite(database, reference("Attention"), reference("Attention")))
    assert one == other
    with database.session() as session:
        assert works.get_works(session, [one or 0])[0].cited_by == 1


def test_fields_are_filled_from_whichever_source_has_them(database: Database) -> None:
    [work_id] = linked(database, cite(database, reference("Attention", None, doi="10.1/a")))
    cite(database, replace(reference("Attention", 2017, arxiv_id="1706.03762"), venue="NeurIPS"))
    with database.session() as session:
        [work] = works.get_works(session, [work_id or 0])
    assert (work.title, work.year, work.venue) == ("Attention", 2017, "NeurIPS")
    assert (work.doi, work.arxiv_id) == ("10.1/a", "1706.03762")
    assert work.authors == (Author(given="Ashish", family="Vaswani"),)


def test_later_reference_joins_two_works(database: Database) -> None:
    by_doi = cite(database, reference("", author="", year=None, doi="10.1/a"))
    by_title = cite(database, reference("Attention"))
    [first], [second] = linked(database, by_doi), linked(database, by_title)
    assert first != second
    joining = cite(database, reference("Attention", doi="10.1/a"))
    assert linked(database, by_doi) == linked(database, by_title) == linked(database, joining) == [first]
    with database.session() as session:
        [work] = works.get_works(session, [first or 0, second or 0])
        assert (work.id, work.title, work.doi, work.cited_by) == (first, "Attention", "10.1/a", 3)


def test_reference_joins_works_of_the_same_paper(database: Database) -> None:
    paper_id = cite(
        database,
        reference("", author="", doi="10.1/a"),
        reference("Attention"),
        reference("", author="", arxiv_id="1706.03762"),
        reference("Attention", doi="10.1/a", arxiv_id="1706.03762"),
    )
    assert len(set(linked(database, paper_id))) == 1


def test_reference_never_joins_works_of_different_dois(database: Database) -> None:
    first, second = linked(
        database, cite(database, reference("Other", doi="10.1/a"), reference("Attention", doi="10.1/b"))
    )
    [third] = linked(database, cite(database, reference("Attention", doi="10.1/a")))
    assert third == first
    assert first != second


def test_two_papers_of_the_library_are_never_joined(database: Database) -> None:
    first = cite(database, title="Preprint", doi="10.1/a", authors=["Ashish Vaswani"], year=2017)
    second = cite(database, title="Attention", authors=["Ashish Vaswani"], year=2017)
    [work_id] = linked(database, cite(database, reference("Attention", doi="10.1/a")))
    with database.session() as session:
        assert works.works_of_paper(session, first) == [work_id]
        assert len(works.works_of_paper(session, second)) == 1
        assert works.works_of_paper(session, second) != [work_id]


def test_paper_of_the_library_becomes_the_holder_and_its_metadata_win(database: Database) -> None:
    [work_id] = linked(database, cite(database, replace(reference("Atention", 2016, doi="10.1/a"), venue="Printed")))
    held = cite(
        database, title="Attention Is All You Need", doi="10.1/A", year=2017, authors=["A. Vaswani", "N. Shazeer"]
    )
    with database.session() as session:
        [work] = works.get_works(session, [work_id or 0])
        assert works.works_of_paper(session, held) == [work_id]
    assert (work.paper_id, work.title, work.year, work.venue) == (held, "Attention Is All You Need", 2017, "Printed")
    assert [author.family for author in work.authors] == ["Vaswani", "Shazeer"]
    later = cite(database, reference("Attention is all you need", None))
    assert linked(database, later) == [work_id]
    with database.session() as session:
        assert works.get_works(session, [work_id or 0])[0].title == "Attention Is All You Need"


def test_works_vanish_with_the_last_paper_that_needs_them(database: Database) -> None:
    shared, alone = reference("Shared"), reference("Alone")
    first = cite(database, shared, alone)
    second = cite(database, shared)
    held = cite(database, title="Alone", authors=["Ashish Vaswani"], year=2017)
    shared_id, alone_id = (work_id or 0 for work_id in linked(database, first))
    with database.session(write=True) as session:
        papers.remove_paper(session, held)
        assert [work.paper_id for work in works.get_works(session, [alone_id])] == [None]
        papers.remove_paper(session, first)
        assert [work.id for work in works.get_works(session, [alone_id, shared_id])] == [shared_id]
        papers.remove_paper(session, second)
        assert works.count_works(session) == 0


def test_works_keep_the_order_asked_and_skip_what_is_gone(database: Database) -> None:
    one, two = (work_id or 0 for work_id in linked(database, cite(database, reference("One"), reference("Two"))))
    with database.session() as session:
        assert [work.title for work in works.get_works(session, [two, 10**6, one, two])] == ["Two", "One", "Two"]
        assert works.get_works(session, []) == []
        listed = works.work_ids(session, limit=2)
        assert [*listed, *works.work_ids(session, after=listed[-1])] == sorted([*listed, max(one, two)])


def test_works_are_counted_by_the_papers_that_list_them(database: Database) -> None:
    entries = [reference("One"), reference("Two"), reference("", author="", year=None, doi="10.1/a")]
    [one, two, untitled] = (work_id or 0 for work_id in linked(database, cite(database, *entries)))
    citing_one = cite(database, reference("One"), reference("One"), title="Own")
    with database.session() as session:
        assert untitled in works.work_ids(session)
        own = works.work_of_paper(session, citing_one) or 0
        found = works.counted_works(session, [one, two, untitled, own, 10**6])
        assert sorted(found, key=lambda work: work.id) == [
            CountedWork(one, "One", "Vaswani", 2),
            CountedWork(two, "Two", "Vaswani", 1),
            CountedWork(own, "Own", "Lovelace", 0),
        ]
        assert works.counted_works(session, []) == []


def test_a_work_is_listed_where_the_oldest_paper_has_it_first(database: Database) -> None:
    entries = [replace(reference("One"), page=page) for page in (2, 1)]
    first = cite(database, reference("Two"), *entries, title="First", page_labels=["iv", "2"])
    cite(database, reference("One"), title="Second")
    [two, one, _] = (work_id or 0 for work_id in linked(database, first))
    with database.session() as session:
        listed = works.listed_at(session, [two, one, 10**6])
        assert listed == {
            two: ListedAt(paper_id=first, paper_key="lovelace2024first", paper_title="First", page=9),
            one: ListedAt(paper_id=first, paper_key="lovelace2024first", paper_title="First", page=2),
        }
        assert works.listed_at(session, []) == {}


def citing(database: Database, key: str, *sentences: str) -> int:
    """A paper by ``key`` whose sentences cite one work, [1]."""
    return cite(database, reference("Attention"), title=key, passages=sentences, page_labels=["iv", "2"])


def test_citing_sentences_come_from_as_many_papers_as_there_are(database: Database) -> None:
    first = citing(database, "First", "A1 [1].", "A2 [1]. A3 [1] and [1]", "", "", "A4 [1].")
    second = citing(database, "Second", "B1 [1].")
    [work_id, *_] = linked(database, first)
    assert work_id is not None
    with database.session() as session:
        found = works.contexts_of(session, [work_id, 10**6])
        assert list(found) == [work_id]
        assert [each.sentence for each in found[work_id]] == [
            "A1 [1].",
            "B1 [1].",
            "A2 [1].",
            "A3 [1] and [1]",
            "A4 [1].",
        ]
        assert {each.marker for each in found[work_id]} == {"[1]"}
        assert works.contexts_of(session, [work_id], per_work=2) == {
            work_id: [CitingSentence("A1 [1].", "[1]"), CitingSentence("B1 [1].", "[1]")]
        }
        assert works.contexts_of(session, []) == {}
        places = works.cited_at(session, [work_id], per_work=5)[work_id]
        boxes = papers.get_document(session, first).mentions[0].boxes
    assert places[0] == CitedAt(
        paper_id=first,
        paper_key="lovelace2024first",
        paper_title="First",
        sentence="A1 [1].",
        page=1,
        page_label="iv",
        boxes=boxes,
    )
    assert [(place.paper_id, place.page, place.page_label) for place in places[1:]] == [
        (second, 1, "iv"),
        (first, 1, "iv"),
        (first, 1, "iv"),
        (first, 2, None),
    ]


def test_references_come_back_in_order_with_their_works(database: Database) -> None:
    entries = [reference("Two"), reference(""), reference("One")]
    paper_id = cite(database, *entries)
    with database.session() as session:
        stored = works.references_of(session, paper_id)
        assert works.references_of(session, 10**6) == []
        cited = [entry.work_id for entry in stored if entry.work_id is not None]
        assert set(cited) < set(works.works_of_paper(session, paper_id))
    assert [entry.title for entry in stored] == ["Two", "", "One"]
    assert [entry.work_id is None for entry in stored] == [False, True, False]


_references = st.builds(
    reference,
    st.sampled_from(["", "Attention", "Galactica"]),
    st.sampled_from([None, 2017, 2018]),
    st.sampled_from(["", "Ashish Vaswani"]),
    doi=st.sampled_from(["", "", "10.1/a", "10.1/b"]),
    arxiv_id=st.sampled_from(["", "", "1706.03762", "2211.09085"]),
)
_papers = st.tuples(_references, st.lists(_references, max_size=4))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(library=st.lists(_papers, min_size=1, max_size=5))
def test_merging_holds_for_any_library(database: Database, library: list[tuple[Reference, list[Reference]]]) -> None:
    with database.session(write=True) as session:
        for number, (own, references) in enumerate(library):
            names = [author.name for author in own.authors]
            document = make_document(
                own.title, authors=names, year=own.year, doi=own.doi, arxiv_id=own.arxiv_id, references=references
            )
            papers.add_paper(session, document, make_file(str(number)))
        rows = session.execute(
            select(ReferenceRow.doi, ReferenceRow.arxiv_id, ReferenceRow.title, ReferenceRow.work_id)
        )
        by_doi: dict[str, set[int | None]] = {}
        dois_of: dict[int, set[str]] = {}
        for row in rows:
            assert (row.work_id is None) == (not (row.doi or row.arxiv_id or row.title))
            if row.doi:
                by_doi.setdefault(row.doi, set()).add(row.work_id)
                dois_of.setdefault(row.work_id, set()).add(row.doi)
        assert all(len(found) == 1 for found in by_doi.values())
        assert all(len(dois) == 1 for dois in dois_of.values())
        held = [work_id for work_id in session.scalars(select(WorkRow.paper_id)) if work_id is not None]
        assert len(held) == len(set(held))
        for paper_id in papers.revisions(session):
            papers.remove_paper(session, paper_id)
        assert works.count_works(session) == 0


def test_identity_ignores_how_identifiers_are_written() -> None:
    entry = reference("Attention", doi=" 10.48550/ARXIV.1706.03762V3 ")
    assert (identity_of(entry).doi, identity_of(entry).arxiv_id) == ("", "1706.03762")
    old = reference("Strings", arxiv_id="Hep-th/9901001")
    assert identity_of(old).arxiv_id == "hep-th/9901001"


def test_titled_works_are_told_by_what_a_citation_spells_out(database: Database) -> None:
    nobody, untitled = make_reference("By nobody", authors=()), make_reference("", doi="10.1/untitled")
    document = make_document("Own", references=["Galactica", nobody, untitled], authors=["Ada Lovelace", "G. Hopper"])
    with database.session(write=True) as session:
        papers.add_paper(session, document, make_file("own"))
    with database.session() as session:
        ids = works.titled_ids(session)
        every = set(works.work_ids(session))
        told = list(works.titled_works(session, every | {99_999}))
        assert list(works.titled_works(session, [])) == []
    assert len(every - ids) == 1
    assert {work.id for work in told} == ids
    assert [work.id for work in told] == sorted(ids)
    assert {(work.title, work.surname) for work in told} == {
        ("Own", "Lovelace"), ("Galactica", "Taylor"), ("By nobody", "")
    }  # fmt: skip
