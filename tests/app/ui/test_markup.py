from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.markup import byline, escape_markdown, highlighted, merged_spans, page_name, short_names, snippet
from tests.builders import make_author

HOSTILE = (
    "# Heading, **bold**, _emphasis_, ~~gone~~ and `code`",
    "[click](javascript:alert(1)) ![x](http://evil.example/p.png)",
    "<script>alert(1)</script><b>bold</b> &lt;i&gt;",
    "$E = mc^2$ and $$x$$ costs $5",
    ":smile: :material/delete: :streamlit: :red[red] :blue-background[x] :small[x]",
    "https://evil.example/a www.evil.example me@evil.example mailto:me@evil.example",
    "a -> b <- c -- d >= e <= f ~= g <-> h",
    "1. list\n- list\n> quote\n    code\n|a|b|\n|-|-|",
    "back\\slash \\[escaped\\]",
)


def visible(markdown: str) -> str:
    """What a Markdown parser shows of an escaped text: backslash pairs resolved, joiners invisible."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("\u2060", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_reads_as_it_is(text: str) -> None:
    assert visible(escape_markdown(text)) == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_has_no_live_syntax(text: str) -> None:
    escaped = escape_markdown(text)
    unescaped = re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped)
    assert not re.search(r"[\\`*_{}\[\]()<>#+\-!|~$^&:=]", unescaped)
    parsed = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped)
    assert not re.search(r":[\w+\-/]+:|https?:/|www\.|@\w|--|->|<-|[<>~]=", parsed)


@given(st.text(max_size=200))
def test_any_text_reads_as_it_is(text: str) -> None:
    assert visible(escape_markdown(text)) == " ".join(text.split()).replace("\u2060", "")


def test_highlights_keep_words_apart_and_escape_within() -> None:
    text = "tokens [7] store knowledge"
    assert highlighted(text, [(0, 6), (7, 10)]) == (
        ":yellow-background[tokens] :yellow-background[\\[7\\]] store knowledge"
    )


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6))
def test_highlighting_never_changes_the_words(text: str, spans: list[tuple[int, int]]) -> None:
    marked = highlighted(text, spans)
    plain = re.sub(r"(?<!\\):yellow-background\[((?:\\.|[^\]\\])*)\]", r"\1", marked)
    assert visible(plain).split() == text.replace("\u2060", "").split() or visible(plain).replace(" ", "") == "".join(
        text.replace("\u2060", "").split()
    )


def test_spans_are_joined_and_cut() -> None:
    assert merged_spans([(5, 9), (-2, 3), (2, 4), (8, 50), (7, 7)], length=12) == [(0, 4), (5, 12)]


def test_a_snippet_shows_the_densest_part() -> None:
    text = "filler " * 100 + "reciprocal rank fusion" + " filler" * 100
    start = text.index("reciprocal")
    cut, spans = snippet(text, [(0, 6), (start, start + 10), (start + 11, start + 15)], chars=120)
    assert [cut[s:e] for s, e in spans] == ["reciprocal", "rank"]
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert len(cut) <= 122


def test_a_short_text_is_its_own_snippet() -> None:
    assert snippet("short text", [(0, 5)]) == ("short text", [(0, 5)])


@pytest.mark.parametrize(
    ("page", "label", "name"), [(3, None, "p. 3"), (3, "3", "p. 3"), (3, "117", "p. 3 (printed 117)")]
)
def test_pages_are_named_with_their_printed_number(page: int, label: str | None, name: str) -> None:
    assert page_name(page, label) == name


def test_names_are_shortened_as_papers_do() -> None:
    people = [make_author(name) for name in ("Ross Taylor", "Marcin Kardas", "Guillem Cucurull")]
    assert short_names(people[:1]) == "Taylor"
    assert short_names(people[:2]) == "Taylor and Kardas"
    assert short_names(people) == "Taylor et al."
    assert byline(people[:1], 2022, "", "p. 1") == "Taylor · 2022 · p. 1"
