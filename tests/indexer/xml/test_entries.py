"""Entries in fields, written out and made records."""

import pytest

from core.records import Author, Reference
from indexer.xml.entries import Entry, make_reference

ADA = Author(family="Ada", given="B.")


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (Entry(), ""),
        (Entry(title="Tides?"), "Tides?"),
        (Entry(authors=(ADA,), year=2001, title="Tides"), "Ada, B. (2001). Tides."),
        (Entry(authors=(ADA,), title="Tides"), "Ada, B. Tides."),
        (Entry(year=2001, title="Tides", issue="3"), "2001. Tides. 3."),
        (Entry(title="Tides", venue="Waters", pages="3–4", publisher="Press"), "Tides. Waters, 3–4. Press."),
        (Entry(title="Tides", arxiv_id="2101.00042"), "Tides. arXiv:2101.00042"),
        (Entry(title="Tides", url="https://example.org"), "Tides. https://example.org"),
    ],
)
def test_an_entry_is_written_as_a_list_prints_it(entry: Entry, text: str) -> None:
    assert entry.written_out() == text


def test_two_telling_fields_make_an_entry() -> None:
    assert Entry(title="Tides", venue="Waters").telling == 1
    assert Entry(title="Tides", year=2001).telling == 2
    assert Entry(authors=(ADA,), venue="Waters", year=2001).telling == 3


def test_fields_go_before_what_was_read_and_identifiers_are_found_in_the_print() -> None:
    read = Reference(index=0, raw="", page=0, title="Wrong", venue="Waters", year=1999, volume="7")
    raw = "Tides. doi:10.5555/tides. See https://example.org/tides."
    made = make_reference(Entry(title="Tides"), index=3, label="4", raw=raw, otherwise=read)
    assert (made.index, made.label, made.raw) == (3, "4", raw)
    assert (made.title, made.venue, made.year, made.volume) == ("Tides", "Waters", 1999, "7")
    assert (made.doi, made.url) == ("10.5555/tides", "https://example.org/tides")
