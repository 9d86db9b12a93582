"""Papers: stored, found, listed, removed; the same on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core.errors import InputError, NotFound
from core.records import (
    Author,
    Box,
    Document,
    Mention,
    Notice,
    Passage,
    PassageKind,
    Reference,
    Scored,
    SearchFilter,
    Section,
)
from indexer.database import Database
from indexer.store import collections, papers, works
from indexer.tables import Base
from tests.builders import make_document, make_file, make_reference


def without_ids(document: Document) -> Document:
    """A document as it was before it was stored."""
    return replace(
        document,
        passages=tuple(replace(passage, id=None) for passage in document.passages),
        references=tuple(replace(reference, work_id=None) for reference in document.references),
    )


@contextmanager
def counted_statements(session: Session) -> Iterator[list[str]]:
    """The statements sent to the database inside the block."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield statements
    event.remove(connection, "before_cursor_execute", note)


def add(database: Database, document: Document, name: str = "") -> int:
    """Store a document in a transaction of its own; the file is named after the title."""
    with database.session(write=True) as session:
        return papers.add_paper(session, document, make_file(name or document.title)).id


def row_counts(session: Session) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


RICH = make_document(
    "Citation tokens: naïve “quotes” & O'Brien — 引用",
    authors=["Ada Lovelace", "Zoë van der Berg", "CERN"],
    abstract="We store\nlines.",
    year=2023,
    venue="Journal of Tests",
    doi="10.1234/ABC.5",
    arxiv_id="2211.09085",
    keywords=["models", "citation"],
    headings=["Introduction", "Results"],
    passages=["Tokens know [1]. They forget [2, 1]. Done.", "Second 100% _passage_.", "三", "four", "five [2]."],
    references=[make_reference("Attention", doi="10.5555/a"), make_reference("Galactica", arxiv_id="2211.09085")],
    page_labels=["iv", "1"],
    notices=[Notice(code="low_text", message="Page 2 holds little text.")],
)
RICH = replace(
    RICH,
    authors=(*RICH.authors, Author(family="King", given="Martin Luther", suffix="Jr.")),
    affiliations=("Analytical Engine Works, London", "Yale University"),
    passages=tuple(replace(passage, label="Figure 2") if passage.index == 2 else passage for passage in RICH.passages),
    references=tuple(
        replace(entry, authors=(*entry.authors, Author(family="Davis", suffix="III"))) for entry in RICH.references
    ),
)


def test_document_comes_back_as_it_was_stored(database: Database) -> None:
    paper_id = add(database, RICH)
    with database.session() as session:
        stored = papers.get_document(session, paper_id)
        assert without_ids(stored) == RICH
        assert stored.passages == tuple(papers.passages_of(session, paper_id))
    assert all(passage.id is not None for passage in stored.passages)
    assert all(reference.work_id is not None for reference in stored.references)


def test_added_paper_is_returned_as_it_is_read_later(database: Database) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    with database.session(write=True) as session:
        added = papers.add_paper(session, RICH, make_file("o'brien\n../x.pdf"))
    with database.session() as session:
        assert papers.get_paper(session, added.id) == added
        assert papers.get_paper(session, added.key) == added
        assert papers.get_paper(session, str(added.id)) == added
        assert papers.find_by_sha256(session, added.file.sha256) == added
        assert papers.find_by_sha256(session, "0" * 64) is None
        assert papers.known_hashes(session) == {added.file.sha256}
        assert papers.revisions(session) == {added.id: 1}
    assert added.key == "lovelace2023citation"
    assert added.file.name == "o'brien\n../x.pdf"
    assert added.authors == RICH.authors
    assert added.page_labels == ("iv", "1")
    assert before < added.added_at <= datetime.now(UTC)
    assert added.added_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", ["nobody2020nothing", 4711, "4711", "9" * 30, 10**30, -1, "", "²"])
def test_unknown_paper_is_named_in_the_error(database: Database, name: int | str) -> None:
    with database.session() as session, pytest.raises(NotFound, match="no paper is called") as raised:
        papers.get_paper(session, name)
    assert "galacite list" in raised.value.hint


def test_key_of_digits_alone_is_a_key_before_it_is_an_id(database: Database) -> None:
    first = add(database, make_document("!", authors=[], year=2020))
    second = add(database, make_document("?", authors=[], year=first))
    with database.session() as session:
        assert papers.get_paper(session, str(first)).id == second
        assert papers.get_paper(session, first).id == first


def test_same_file_is_refused_and_names_the_paper(database: Database) -> None:
    add(database, make_document("One"), "same.pdf")
    with pytest.raises(InputError, match=r"same\.pdf: already in the library as lovelace2024one"):
        add(database, make_document("Other"), "same.pdf")
    with database.session() as session:
        assert papers.count_papers(session) == 1


def test_cite_keys_get_letters_until_they_are_free(database: Database) -> None:
    for number in range(29):
        add(database, make_document("Same", abstract=str(number)), f"{number}.pdf")
    with database.session() as session:
        keys = [paper.key for paper in reversed(papers.list_papers(session))]
    assert keys[:3] == ["lovelace2024same", "lovelace2024samea", "lovelace2024sameb"]
    assert keys[-2:] == ["lovelace2024sameaa", "lovelace2024sameab"]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"doi": "10.1/A"}, {"doi": "10.1/a", "title": "Other"}, True),
        ({"doi": "10.1/a"}, {"arxiv_id": "2211.09085"}, True),
        ({"arxiv_id": "2211.09085"}, {"doi": "10.48550/arXiv.2211.09085", "title": "Other"}, True),
        ({"title": "Deep-Learning"}, {"title": "DEEP LEARNING"}, True),
        ({"title": "Deep", "year": 2020}, {"title": "Deep", "year": None}, True),
        ({"title": "Deep", "year": 2020}, {"title": "Deep", "year": 2021}, False),
        ({"title": "Deep"}, {"title": "Deep", "authors": ["Alan Turing"]}, False),
        ({"title": ""}, {"title": ""}, False),
    ],
)
def test_duplicates_are_marked_and_kept(
    database: Database, first: dict[str, Any], second: dict[str, Any], *, same: bool
) -> None:
    original = add(database, make_document(**first), "1.pdf")
    other = add(database, make_document(**second), "2.pdf")
    with database.session() as session:
        assert papers.get_paper(session, other).duplicate_of == (original if same else None)
        assert papers.count_papers(session) == 2


def test_removing_leaves_nothing_behind(database: Database) -> None:
    with database.session() as session:
        empty = row_counts(session)
    paper_id = add(database, RICH, "rich.pdf")
    with database.session(write=True) as session:
        collections.create_collection(session, "Reading")
        collections.add_to_collection(session, "Reading", [paper_id])
        file = papers.remove_paper(session, paper_id)
        collections.remove_collection(session, "Reading")
    assert file == make_file("rich.pdf")
    with database.session() as session:
        assert row_counts(session) == empty
        with pytest.raises(NotFound):
            papers.get_document(session, paper_id)
    with database.session(write=True) as session, pytest.raises(NotFound):
        papers.remove_paper(session, paper_id)


def test_ids_are_not_used_again(database: Database) -> None:
    first = add(database, RICH)
    with database.session(write=True) as session:
        passages = [passage.id for passage in papers.passages_of(session, first)]
        cited = works.works_of_paper(session, first)
        papers.remove_paper(session, first)
    second = add(database, RICH)
    with database.session() as session:
        assert second > first
        assert not {passage.id for passage in papers.passages_of(session, second)} & set(passages)
        assert not set(works.works_of_paper(session, second)) & set(cited)


def test_removing_the_original_makes_its_oldest_duplicate_the_holder(database: Database) -> None:
    original, heir, other = (add(database, make_document("Same"), f"{n}.pdf") for n in range(3))
    with database.session(write=True) as session:
        [work_id] = works.works_of_paper(session, original)
        papers.remove_paper(session, original)
    with database.session() as session:
        assert works.get_works(session, [work_id])[0].paper_id == heir
        assert papers.get_paper(session, heir).duplicate_of is None
        assert papers.get_paper(session, other).duplicate_of == heir
        assert works.works_of_paper(session, other) == [work_id]


@pytest.fixture
def shelf(database: Database) -> Database:
    """Four papers: Galactica 2022, Attention 2017, Word Vectors 2013, and one without year and authors."""
    add(database, make_document("Galactica", authors=["Ross Taylor"], year=2022, doi="10.1/gal"))
    add(database, make_document("Attention Is All You Need", authors=["Ashish Vaswani"], year=2017))
    add(database, make_document("Word Vectors 100%", authors=["Tomáš Mikolov", "Ross Taylor"], year=2013))
    add(database, make_document("Über_alles", authors=[], year=None))
    return database


def titles(database: Database, narrowed: SearchFilter = SearchFilter(), **options: object) -> list[str]:  # noqa: B008
    """First words of the titles that a listing gives; the count and the ids have to agree."""
    with database.session() as session:
        listed = papers.list_papers(session, narrowed, **options)  # type: ignore[arg-type]
        if not options:
            assert papers.count_papers(session, narrowed) == len(listed)
            ids = papers.matching_ids(session, narrowed)
            assert ids == (None if narrowed.is_empty else frozenset(paper.id for paper in listed))
    return [paper.title.split()[0] for paper in listed]


def test_lists_are_ordered(shelf: Database) -> None:
    assert titles(shelf) == ["Über_alles", "Word", "Attention", "Galactica"]
    assert titles(shelf, order="title") == ["Attention", "Galactica", "Über_alles", "Word"]
    assert titles(shelf, order="year") == ["Galactica", "Attention", "Word", "Über_alles"]
    assert titles(shelf, order="author") == ["Word", "Galactica", "Attention", "Über_alles"]
    assert titles(shelf, order="year", limit=2, offset=1) == ["Attention", "Word"]


def test_filters_narrow(shelf: Database) -> None:
    assert titles(shelf, SearchFilter(year_from=2017)) == ["Attention", "Galactica"]
    assert titles(shelf, SearchFilter(year_to=2017)) == ["Word", "Attention"]
    assert titles(shelf, SearchFilter(year_from=10**12)) == []
    assert titles(shelf, SearchFilter(author="taylor")) == ["Word", "Galactica"]
    assert titles(shelf, SearchFilter(author="Mikolóv")) == ["Word"]
    assert titles(shelf, SearchFilter(author="Tay")) == []
    assert titles(shelf, SearchFilter(paper_ids=())) == []
    with shelf.session(write=True) as session:
        collections.create_collection(session, "Old")
        chosen = papers.list_papers(session, SearchFilter(year_to=2017))
        collections.add_to_collection(session, "Old", [paper.id for paper in chosen])
    assert titles(shelf, SearchFilter(collection="Old")) == ["Word", "Attention"]
    assert titles(shelf, SearchFilter(collection="Old", author="taylor")) == ["Word"]
    assert titles(shelf, SearchFilter(collection="None such")) == []


def test_filter_takes_more_ids_than_a_statement_takes_variables(shelf: Database) -> None:
    with shelf.session() as session:
        ids = tuple(papers.revisions(session)) + tuple(range(10**6, 10**6 + 70_000))
    assert len(titles(shelf, SearchFilter(paper_ids=ids))) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("galac", ["Galactica"]),
        ("TAYLOR", ["Word", "Galactica"]),
        ("word taylor", ["Word"]),
        ("mikolov2013", ["Word"]),
        ("10.1/GAL", ["Galactica"]),
        ("uber", ["Über_alles"]),
        ("100%", ["Word"]),
        ("%", []),
        ("_", []),
        ("  ", ["Über_alles", "Word", "Attention", "Galactica"]),
        ("'; DROP TABLE papers; --", []),
    ],
)
def test_text_narrows_by_title_author_and_key(shelf: Database, text: str, found: list[str]) -> None:
    assert titles(shelf, text=text) == found
    with shelf.session() as session:
        assert papers.count_papers(session, text=text) == len(found)


def test_listing_a_hundred_papers_takes_few_statements(database: Database) -> None:
    with database.session(write=True) as session:
        for number in range(100):
            papers.add_paper(session, make_document(f"Paper {number}"), make_file(str(number)))
    with database.session() as session, counted_statements(session) as statements:
        assert len(papers.list_papers(session, limit=100)) == 100
    assert 1 < len(statements) <= 6


def test_hits_keep_their_order_and_skip_what_is_gone(database: Database) -> None:
    paper_id = add(database, RICH)
    other_id = add(database, make_document("Other", headings=[]))
    with database.session() as session:
        passages = papers.passages_of(session, paper_id)
        [other] = papers.passages_of(session, other_id)
        wanted = [(passages[4].id, 0.9), (10**6, 0.8), (other.id, 0.7), (passages[0].id, 0.1)]
        with counted_statements(session) as statements:
            found = papers.hits(session, [Scored(id=item or 0, score=score) for item, score in wanted])
        assert papers.hits(session, []) == []
    assert len(statements) <= 2
    assert [(hit.passage_id, hit.score) for hit in found] == [wanted[0], wanted[2], wanted[3]]
    best = found[0]
    assert (best.paper_id, best.paper_title, best.authors, best.year) == (paper_id, RICH.title, RICH.authors, 2023)
    assert (best.page, best.page_label, best.section, best.text) == (2, "1", "Results", "five [2].")
    assert (best.boxes, best.start, best.end) == (passages[4].boxes, passages[4].start, passages[4].end)
    assert found[1].section == ""


def test_what_databases_refuse_is_replaced_without_moving_spans(database: Database) -> None:
    document = make_document(
        "Nul\x00title", authors=["A\x00da Love\udce9lace"], passages=["a\x00b [1]", "lone \ud800"], references=["T\x00"]
    )
    with database.session(write=True) as session:
        paper = papers.add_paper(session, document, make_file("caf\udce9.pdf", content="x"))
        stored = papers.get_document(session, paper.id)
    assert paper.title == "Nul title"
    assert paper.file.name == "caf\ufffd.pdf"
    assert paper.authors[0].name == "A da Love\ufffdlace"
    assert [passage.text for passage in stored.passages] == ["a b [1]", "lone \ufffd"]
    assert all(stored.text[p.start : p.end] == p.text for p in stored.passages)


def test_misread_entries_of_any_length_can_be_stored(database: Database) -> None:
    long = "Ünïcode words " * 2_000
    document = make_document(
        long, authors=[long], doi="10.1/" + "x" * 5_000, references=[make_reference(long, authors=[long], doi=long)]
    )
    with database.session(write=True) as session:
        paper = papers.add_paper(session, document, make_file())
        again = papers.add_paper(session, document, make_file(content="2"))
        assert without_ids(papers.get_document(session, paper.id)) == document
    assert len(paper.key) <= 80
    assert again.duplicate_of == paper.id


def test_large_paper_is_stored_quickly(database: Database) -> None:
    document = make_document(
        passages=[f"Passage {n} cites [{n % 500 + 1}] and more words to fill it. " * 8 for n in range(2_000)],
        references=[make_reference(f"Reference number {n}", doi=f"10.1/{n}") for n in range(500)],
    )
    add(database, make_document("Warm up", references=["One"]))
    begun = time.process_time()
    paper_id = add(database, document)
    took_s = time.process_time() - begun
    with database.session() as session:
        assert len(papers.passages_of(session, paper_id)) == 2_000
        assert len(works.works_of_paper(session, paper_id)) == 501
    assert took_s < 4.0  # 0.2 s of this process's time; a lookup of everything for every reference takes far longer


_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
_boxes = st.lists(
    st.builds(Box, page=st.integers(1, 9), **{name: st.floats(0, 999) for name in ("x0", "y0", "x1", "y1")}),
    max_size=2,
).map(tuple)
_authors = st.lists(st.builds(Author, family=_text, given=_text), max_size=3).map(tuple)
_year = st.none() | st.integers(1500, 2100)


_KINDS: tuple[PassageKind, ...] = ("abstract", "paragraph", "caption", "footnote")


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents whose invariants hold, with any text that a database takes as it is."""
    texts = draw(st.lists(_text.filter(bool), max_size=4))
    passages: list[Passage] = []
    position = 0
    for index, text in enumerate(texts):
        kind = draw(st.sampled_from(_KINDS))
        end = position + len(text)
        passages.append(Passage(index=index, text=text, page=1, start=position, end=end, boxes=draw(_boxes), kind=kind))
        position = end + 1
    reference = st.builds(
        Reference,
        index=st.just(0),
        raw=_text,
        page=st.integers(1, 9),
        boxes=_boxes,
        authors=_authors,
        title=_text,
        year=_year,
        doi=st.sampled_from(["", "10.1/a", "10.1/b", "10.1/C"]),
        arxiv_id=st.sampled_from(["", "2211.09085", "hep-th/9901001"]),
    )
    references = [replace(entry, index=n) for n, entry in enumerate(draw(st.lists(reference, max_size=5)))]
    indices = st.lists(st.integers(0, len(references) - 1), max_size=3).map(tuple) if references else st.just(())
    mention = st.builds(
        Mention, reference_indices=indices, text=_text, sentence=_text, start=st.integers(0, 9), end=st.integers(9, 20),
        page=st.integers(1, 9), boxes=_boxes, ambiguous=st.booleans(),
    )  # fmt: skip
    section = st.builds(
        Section, index=st.just(0), heading=_text, level=st.integers(1, 4), page=st.integers(1, 9), number=_text,
        start=st.integers(0, 9), end=st.integers(9, 20), parent=st.none() | st.just(0),
    )  # fmt: skip
    sections = [replace(entry, index=n) for n, entry in enumerate(draw(st.lists(section, max_size=3)))]
    return Document(
        title=draw(_text),
        page_count=9,
        authors=draw(_authors),
        abstract=draw(_text),
        year=draw(_year),
        doi=draw(st.sampled_from(["", "10.1/A", "10.9/own"])),
        keywords=tuple(draw(st.lists(_text, max_size=2))),
        sections=tuple(sections),
        passages=tuple(passages),
        references=tuple(references),
        mentions=tuple(draw(st.lists(mention, max_size=4))),
        page_labels=tuple(draw(st.lists(_text, max_size=2))),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_any_document_comes_back(database: Database, document: Document) -> None:
    with database.session(write=True) as session:
        fresh = f"{papers.count_papers(session)}-{max(papers.revisions(session), default=0)}"
        paper = papers.add_paper(session, document, make_file(fresh))
        stored = papers.get_document(session, paper.id)
    assert without_ids(stored) == document
