"""Records to write and read again, as bibliographies may hold them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from core.records import Author, Reference
from core.text import clean
from indexer.bibliographies.fields import render
from indexer.bibliographies.records import Kind, Record

_PIECES = st.sampled_from(
    ["Über", "naïve", "{", "}", "%", "&", "$", "#", "_", "~", "^", "\\", '"', "'", "`", "''", "``", "--", "---", "–",
     "“x”", "’", "<", ">", "@", "@article{", "=", ",", "#1", "BERT", "GPT-3", "iPhone", "and", "AND", "α", "漢字", "ß",
     "(x)", "[y]", "a/b", ":", ";", "?", "!", "+", "*", "|", "50%", "AT&T", "\\alpha", "C#", "x_1", "e\u0301", "ﬁ",
     "ER  -", "TY  - JOUR", "others", "jr", "von", "de la", "1999", "{\\'e}", "ı", "\\&", "\\%", "\\input{x}", "%s"]
)  # fmt: skip
_PLAIN = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs"), max_codepoint=0xFFFF), max_size=12)
texts = st.lists(st.one_of(_PIECES, _PLAIN), min_size=0, max_size=6).map(" ".join).map(clean)
texts |= st.lists(_PIECES, min_size=1, max_size=4).map("".join).map(clean)
somehow = texts.filter(bool)


def without(text: str, *unwanted: str) -> str:
    """The text with what a format cannot hold taken out."""
    for each in unwanted:
        text = text.replace(each, " ")
    return clean(text)


def people(*, commas: bool) -> st.SearchStrategy[tuple[Author, ...]]:
    part = texts if commas else texts.map(lambda text: without(text, ",")).filter(lambda text: text == text.strip(", "))
    family = part.filter(bool)
    person = st.one_of(
        st.builds(Author, family=family),
        st.builds(Author, family=family, given=part),
        st.builds(Author, family=family, given=part, suffix=st.sampled_from(["Jr.", "III", "Sr"])),
        st.sampled_from(
            [
                Author(family="van der Berg", given="Jan Piet"),
                Author(family="de la Cruz", given="José", suffix="Jr."),
                Author(family="CERN, the Lab, and Others"),
                Author(family="IceCube Collaboration"),
                Author(family="Ångström", given="Anders J."),
                Author(family="김", given="철수"),
            ]
        ).filter(lambda person: commas or "," not in person.family),
    )
    return st.lists(person, max_size=4).map(tuple)


def records(*, commas: bool = True) -> st.SearchStrategy[Record]:
    """Any record in the form that reading gives: clean texts, en dashes between pages, dates of the calendar."""
    return st.builds(
        _record,
        kind=st.sampled_from(
            ["article-journal", "book", "chapter", "dataset", "document", "paper-conference", "report", "software",
             "thesis", "webpage"]
        ),
        authors=people(commas=commas),
        editors=people(commas=commas),
        title=somehow,
        venue=texts,
        publisher=texts,
        year=st.none() | st.integers(1500, 2099),
        month=st.none() | st.integers(1, 12),
        day=st.none() | st.integers(1, 28),
        volume=st.sampled_from(["", "12", "IV", "12A"]),
        number=st.sampled_from(["", "3", "TR-7", "2–3"]),
        pages=st.sampled_from(["", "7", "1–13", "e1234", "S1–S9", "i–xii"]),
        doi=st.sampled_from(["", "10.1000/182", "10.1002/(sici)1097-4571_x", "10.1/a%b#c&d~e"]).map(
            lambda doi: "" if doi.startswith("10.1/") else doi
        ),
        arxiv_id=st.sampled_from(["", "1706.03762", "cs/0112017"]),
        url=st.sampled_from(["", "https://example.org/a_b?c=d&e=f%20g#h", "http://example.org/~user/(x)", "https://a.b/ü"]),
        abstract=texts,
        note=texts,
    )  # fmt: skip


def _record(
    *, kind: Kind, authors: tuple[Author, ...], editors: tuple[Author, ...], title: str, venue: str, publisher: str,
    year: int | None, month: int | None, day: int | None, volume: str, number: str, pages: str, doi: str, arxiv_id: str,
    url: str, abstract: str, note: str,
) -> Record:  # fmt: skip
    month = month if year is not None else None
    if kind in ("report", "thesis") and not venue:
        venue, publisher = publisher, ""
    reference = Reference(
        index=0, raw="", page=0, authors=authors, title=title, venue=venue, year=year, volume=volume, pages=pages,
        doi=doi, arxiv_id=arxiv_id, url=url, publisher=publisher if publisher != venue else "",
    )  # fmt: skip
    return Record(
        key="k", kind=kind, reference=replace(reference, raw=render(reference, number=number)), abstract=abstract,
        note=note, number=number, month=month, day=day if month is not None else None,
        editors=editors if authors and editors != authors else (),
    )  # fmt: skip
