"""What is written is read as it was: braces, accents, signs that formats use themselves, names of all kinds, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliographies.bibtex_writing import write_bibtex
from indexer.bibliographies.csl_json import write_csl_json
from indexer.bibliographies.reading import read_bibliography
from indexer.bibliographies.records import Record
from indexer.bibliographies.ris import write_ris
from tests.indexer.bibliographies.records import records


def numbered(found: Sequence[Record]) -> tuple[Record, ...]:
    """The records under different keys and at their places."""
    return tuple(
        replace(record, key=f"key{number}", reference=replace(record.reference, index=number))
        for number, record in enumerate(found)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(records(), min_size=1, max_size=3).map(numbered))
def test_bibtex_is_read_as_it_was_written(written: tuple[Record, ...]) -> None:
    found = read_bibliography(write_bibtex(written).encode(), "refs.bib")
    assert found.problems == ()
    assert found.records == written


@settings(max_examples=30, deadline=None)
@given(st.lists(records(), min_size=1, max_size=3).map(numbered))
def test_csl_json_is_read_as_it_was_written(written: tuple[Record, ...]) -> None:
    found = read_bibliography(write_csl_json(written).encode(), "refs.json")
    assert found.problems == ()
    assert found.records == written


@settings(max_examples=30, deadline=None)
@given(st.lists(records(commas=False), min_size=1, max_size=3).map(numbered))
def test_ris_is_read_as_it_was_written(written: tuple[Record, ...]) -> None:
    found = read_bibliography(write_ris(written).encode(), "refs.ris")
    assert found.problems == ()
    assert found.records == written
