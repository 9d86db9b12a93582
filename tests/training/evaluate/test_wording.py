from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.training.evaluate.papers import make_place
from training.evaluate.wording import Wording

PLACE = make_place("one two three", "four five six")


def test_parts_in_their_order() -> None:
    assert Wording(title=True, section=True).text(PLACE) == "On nets Methods one two three four five six"
    assert Wording(before_chars=0).text(PLACE) == "four five six"
    assert Wording(before_chars=0, after_chars=0).text(PLACE) == ""


def test_text_is_cut_between_words_and_nearest_to_the_place() -> None:
    assert Wording(before_chars=8, after_chars=6).text(PLACE) == "three four"


@given(st.integers(0, 20), st.integers(0, 20))
def test_no_cut_breaks_a_word(before: int, after: int) -> None:
    words = Wording(before_chars=before, after_chars=after).text(PLACE).split()
    assert set(words) <= {"one", "two", "three", "four", "five", "six"}


def test_a_wording_tells_what_it_holds() -> None:
    assert Wording(title=True, before_chars=150, after_chars=0).described == "citing title, 150 characters before"
