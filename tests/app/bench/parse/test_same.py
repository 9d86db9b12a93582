"""When persons and works are the same."""

from __future__ import annotations

import time

import pytest

from app.bench.parse.same import same_first_author, same_person, same_work
from app.bench.parse.truth import FoundReference, TrueReference


@pytest.mark.parametrize(
    ("true", "found", "same"),
    [
        (("Ada", "Lovelace"), ("A.", "Lovelace"), True),
        (("Ada", "Lovelace"), ("B.", "Lovelace"), False),
        (("Ada", "Lovelace"), ("Ada", "Byron"), False),
        (("José", "Müller"), ("Jose", "Muller"), True),
        (("Jai", "Ram Rideout"), ("Jai Ram", "Rideout"), True),
        (("Jai Ram", "Rideout"), ("Jai", "Ram Rideout"), False),
        (("Ludwig van", "Beethoven"), ("Ludwig", "van Beethoven"), True),
        (("Ludwig", "van Beethoven"), ("Ludwig van", "Beethoven"), True),
        (("", "The Group"), ("", "The Group"), True),
        (("Ada", "Lovelace"), ("Lovelace", "Ada"), False),
        (("Ada", "Lovelace"), ("", ""), False),
    ],
)
def test_same_person(true: tuple[str, str], found: tuple[str, str], same: bool) -> None:
    assert same_person(true, found) is same


def test_same_first_author() -> None:
    true = TrueReference(key="a", families=("van Beek", "Beek"))
    assert same_first_author(true, FoundReference(families=("Beek",)))
    assert same_first_author(true, FoundReference(families=("Van Beek",)))
    assert not same_first_author(true, FoundReference())
    assert same_first_author(TrueReference(key="b"), FoundReference())
    assert not same_first_author(TrueReference(key="b"), FoundReference(families=("Beek",)))


def test_same_work_by_doi_or_title() -> None:
    true = TrueReference(key="a", title="Deep Nets [Report]", doi="10.1000/abc")
    assert same_work(true, FoundReference(doi="https://doi.org/10.1000/ABC"))
    assert same_work(true, FoundReference(title="deep nets"))
    assert not same_work(true, FoundReference(title="Deep Nets (2nd ed.)", doi="10.1000/ab"))
    assert not same_work(TrueReference(key="b"), FoundReference())


def test_same_work_of_a_mere_text() -> None:
    true = TrueReference(key="a", text="Ada and Bob, Nets, deep and wide, 2019, https://doi.org/10.1000/abc.d")
    assert same_work(true, FoundReference(title="Nets, Deep and Wide"))
    assert same_work(true, FoundReference(doi="10.1000/abc.d"))
    assert not same_work(true, FoundReference(doi="10.1000/abc"))
    assert not same_work(true, FoundReference(title="Deep"))
    assert not same_work(true, FoundReference(title="Nets, deep"))


def test_long_texts_take_no_time() -> None:
    started = time.process_time()
    same_work(
        TrueReference(key="a", text="aa, " * 5_000 + "[" * 50_000), FoundReference(title="a" * 9_000 + "[" * 50_000)
    )
    assert time.process_time() - started < 5
