import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import ascii_fold, clean, display_name, end_of, name_key, percent, start_of, title_key


def test_title_key_ignores_case_accents_hyphens_and_punctuation() -> None:
    assert title_key("Pre-Training: Résumé of “BERT”!") == title_key("pretraining resume of BERT")


def test_title_key_keeps_other_scripts() -> None:
    assert title_key("주의 기반 신경망") != ""
    assert title_key("注意力机制") == "注意力机制"


def test_name_key_folds_letters_that_have_no_decomposition() -> None:
    assert name_key("Łukasz Øre-Straße") == "lukaszorestrasse"


def test_ascii_fold_opens_ligatures() -> None:
    assert ascii_fold("eﬃcient ﬂow") == "efficient flow"


def test_clean_drops_escapes_and_marks_that_turn_the_direction() -> None:
    assert clean("a\x1b]0;owned\x07b") == "a ]0;owned b"
    assert clean("invoice\u202efdp.exe") == "invoicefdp.exe"


@given(st.text())
def test_clean_is_idempotent_and_free_of_control_characters(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(ord(char) < 32 for char in once)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\papers\\a.pdf", "a.pdf"),
        ('quote".pdf', 'quote".pdf'),
        ("line\nbreak\x00.pdf", "line break .pdf"),
        ("///", "unnamed.pdf"),
        ("x" * 500, "x" * 200),
    ],
)
def test_display_name_is_safe_to_show(name: str, shown: str) -> None:
    assert display_name(name) == shown


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_cleaned_like_any_other(text: str) -> None:
    assert clean(text) == clean(f"é {text}").removeprefix("é").lstrip(" ")


def test_texts_are_cut_between_words() -> None:
    assert (end_of("one two three", 9), start_of("one two three", 9)) == ("two three", "one two")
    assert (end_of("one two three", 8), start_of("one two three", 7)) == ("three", "one two")
    assert (end_of("unbroken", 3), start_of("unbroken", 3)) == ("ken", "unb")
    assert (end_of("short", 5), start_of("", 5)) == ("short", "")


def test_what_is_no_certainty_does_not_look_like_one() -> None:
    told = [percent(value) for value in (0.0, 0.0001, 0.01, 0.126, 0.99, 0.9999, 1.0)]
    assert told == ["0%", "<1%", "1%", "13%", "99%", ">99%", "100%"]
