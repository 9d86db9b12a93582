"""Citations as text: the exact form, and titles that try to be something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.galactica.markers import (
    SPECIAL_PATTERN,
    SPECIAL_TOKENS,
    citation_prompt,
    neutral,
    reference,
    reference_text,
    split_reference,
)


def test_ids_are_those_of_the_published_checkpoints() -> None:
    assert SPECIAL_TOKENS[:6] == ("<s>", "<pad>", "</s>", "<unk>", "[START_REF]", "[END_REF]")
    assert len(set(SPECIAL_TOKENS)) == len(SPECIAL_TOKENS) == 23


def test_a_citation_has_one_space_after_its_start_and_none_before_its_end() -> None:
    assert reference("Attention Is All\n You  Need ", " Vaswani") == (
        "[START_REF] Attention Is All You Need, Vaswani[END_REF]"
    )
    assert reference("Anonymous pamphlet") == "[START_REF] Anonymous pamphlet[END_REF]"


@pytest.mark.parametrize("token", SPECIAL_TOKENS)
def test_a_title_cannot_smuggle_in_a_special_token(token: str) -> None:
    inside = reference_text(f"The {token} of {token}{token}", f"O{token}Neil")
    assert not SPECIAL_PATTERN.search(inside)


@given(st.lists(st.one_of(st.sampled_from(SPECIAL_TOKENS), st.sampled_from("[]<>/ "), st.text(max_size=5))))
def test_neutral_text_holds_no_special_token_and_loses_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    found = neutral(text)
    assert not SPECIAL_PATTERN.search(found)
    assert found.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "title", "surname"),
    [
        ("[START_REF] Long, short and wide, van der Maaten[END_REF]", "Long, short and wide", "van der Maaten"),
        (" Deep learning, LeCun", "Deep learning", "LeCun"),
        ("Deep learning", "Deep learning", ""),
        ("Rivers, lakes and 12 seas", "Rivers, lakes and 12 seas", ""),
        ("Red, green, and blue", "Red, green, and blue", ""),
        ("Mathematics for all, 李", "Mathematics for all", "李"),
        (", Nobody", ", Nobody", ""),
        ("", "", ""),
    ],
)
def test_the_name_is_told_from_the_title(text: str, title: str, surname: str) -> None:
    assert split_reference(text) == (title, surname)


@pytest.mark.parametrize(
    "text", ["as shown by", "as shown by  ", "as shown by [START_REF]", "as shown by [START_REF] "]
)
def test_a_prompt_ends_with_one_open_marker(text: str) -> None:
    assert citation_prompt(text) == "as shown by [START_REF]"


@pytest.mark.parametrize("text", ["as shown (", "as shown [START_REF] A work, Lee[END_REF]"])
def test_a_prompt_is_tight_where_the_corpus_is(text: str) -> None:
    assert citation_prompt(f"{text} ") == f"{text}[START_REF]"


def test_an_empty_prompt_is_the_marker_alone() -> None:
    assert citation_prompt(" \n") == "[START_REF]"
