from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.identifiers import cite_key
from core.records import Author, Work
from indexer.bibliographies.keys import MAX_CHARS, citation_key, usable


def work(family: str = "", title: str = "", year: int | None = None, **fields: str) -> Work:
    return Work(id=7, title=title, authors=(Author(family=family),) if family else (), year=year, **fields)


@pytest.mark.parametrize(
    ("cited", "key"),
    [
        (work("Vaswani", "Attention Is All You Need", 2017), "vaswani2017attention"),
        (work("Müller-Lüdenscheidt", "On the Limits", 2021), "mullerludenscheidt2021limits"),
        (work("van der Berg", "The É", 2021), "vanderberg2021e"),
        (work("김", "인용 추천", 2020), "gim2020inyong"),
        (work("王", "引文推荐", 2019), "wang2019yinwentuijian"),
        (work("Иванов", "Сети", 1999), "ivanov1999seti"),
        (work("", "Attention", 2017), "2017attention"),
        (work("", "", 2017, doi="10.1000/182-x"), "doi10100018 2x".replace(" ", "")),
        (work("", "", None, arxiv_id="1706.03762"), "arxiv170603762"),
        (work("", "", 2017), "work2017"),
        (work("", "!?", None), "work"),
    ],
)
def test_a_key_is_name_year_and_word(cited: Work, key: str) -> None:
    assert citation_key(cited, ()) == key


def test_a_taken_key_gets_letters_whatever_its_case() -> None:
    cited = work("Roe", "Title", 2020)
    assert citation_key(cited, ["other"]) == "roe2020title"
    assert citation_key(cited, ["Roe2020Title"]) == "roe2020titlea"
    taken = {"roe2020title", *(f"roe2020title{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")}
    assert citation_key(cited, taken) == "roe2020titleaa"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.text(max_size=200), st.none() | st.integers(1, 2099), st.text(max_size=20))
def test_any_key_is_safe_and_never_empty(family: str, title: str, year: int | None, doi: str) -> None:
    key = citation_key(work(family, title, year, doi=doi), ())
    assert re.fullmatch(r"[a-z0-9]+", key)
    assert len(key) <= MAX_CHARS + 5
    assert usable(key)


def test_papers_have_the_keys_that_their_works_have() -> None:
    cited = work("Ørsted", "Об эффекте", 1820)
    assert citation_key(cited, ()) == cite_key(cited.authors, cited.year, cited.title) == "orsted1820ob"


@pytest.mark.parametrize("key", ["Knuth:68", "a_b-c.d/e", "müller2020", "DBLP:conf/nips/VaswaniSPUJGKP17"])
def test_keys_of_others_that_are_kept(key: str) -> None:
    assert usable(key)


@pytest.mark.parametrize("key", ["", "a b", "a,b", "a{b", "a\\b", "a%b", "a\x00b", "x" * 300, "a#b", "a'b"])
def test_keys_of_others_that_no_file_can_hold(key: str) -> None:
    assert not usable(key)
