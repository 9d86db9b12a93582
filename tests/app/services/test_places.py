from __future__ import annotations

import time

import pytest

from app.services.places import BEFORE_CHARS, CONTEXT_CHARS, MAX_PLACES, find_places, sections_above
from app.services.suggestions import MAX_TEXT_CHARS
from indexer.manuscripts import read_text


def test_each_marker_is_a_place_with_its_line_and_a_context_without_markers() -> None:
    text = "First claim [?].\nSecond claim \\citep[see][p. 3]{key} and [@other; @more]."
    places, left_out = find_places(text)
    assert left_out == 0
    assert [place.line for place in places] == [1, 2, 2]
    assert all("cite" not in place.context and "[" not in place.context for place in places)
    assert [text[place.start : place.end] for place in places] == ["[?]", "\\citep[see][p. 3]{key}", "[@other; @more]"]


def test_a_text_without_markers_is_one_place() -> None:
    (place,), _ = find_places("Language models  of\nscience.")
    assert place.context == "Language models of science."


@pytest.mark.parametrize("piece", ["[?]", "[?]\n", "[@", "[START_REF]", "\\cite{", "\\cite[x][", "[START_REF] x "])
def test_the_longest_text_of_brackets_is_read_at_once(piece: str) -> None:
    text = (piece * MAX_TEXT_CHARS)[:MAX_TEXT_CHARS]
    began = time.process_time()
    places, _ = find_places(text)
    assert time.process_time() - began < 5
    assert len(places) <= MAX_PLACES


def test_the_context_of_a_place_stays_short_in_a_text_without_spaces() -> None:
    places, _ = find_places("x" * 5_000 + "[?]" + "y" * 5_000)
    assert len(places[0].context) < 3 * CONTEXT_CHARS
    assert BEFORE_CHARS <= len(places[0].before) < 2 * BEFORE_CHARS


def test_what_stands_before_a_place_ends_there_and_holds_no_markers() -> None:
    places, _ = find_places("One claim [?].\nAnother\tclaim, \\cite{key} and the third [citation] goes on.")
    assert [place.before for place in places] == [
        "One claim", "One claim. Another claim,", "One claim. Another claim, and the third",
    ]  # fmt: skip
    assert places[2].context.endswith("goes on.")


def test_before_reaches_back_to_the_beginning_of_a_word() -> None:
    (place,), _ = find_places("word " * 1_000 + "[?]")
    assert set(place.before.split()) == {"word"}
    assert BEFORE_CHARS - 10 < len(place.before) < BEFORE_CHARS + 10


def test_an_unmarked_text_is_followed_by_its_citation() -> None:
    (place,), _ = find_places("word " * 1_000 + "at the end.\n")
    assert place.before.endswith("word at the end.")
    assert len(place.before) < BEFORE_CHARS + 10


@pytest.mark.parametrize(
    ("text", "title", "section", "before"),
    [
        ("# My Paper\n\nIt is known [?].", "My Paper", "", "It is known"),
        ("# My Paper\n\n## Old [1] ##\n\nIt.\n\nIt is known [?].", "My Paper", "Old [1]", "It. It is known"),
        ("Text.\n\n# One\n\nA.\n\n# Two\n\nIt is known [?].\n\n# Three", "", "Two", "It is known"),
        (
            "\\documentclass{article}\n\\title{My Paper}\n\\subsection*{Prior work}\nKnown \\cite{a}.",
            "My Paper",
            "Prior work",
            "Known",
        ),
        ("#hashtag and 1 # 2 say so [?].", "", "", "#hashtag and 1 # 2 say so"),
    ],
)  # fmt: skip
def test_a_place_knows_the_title_and_the_heading_above_it(text: str, title: str, section: str, before: str) -> None:
    (place,), _ = find_places(text)
    assert (place.title, place.section, place.before) == (title, section, before)


@pytest.mark.parametrize("piece", ["# ", "#", "\n# x", "\\section{", "\\title{x", " # x\n[?]"])
def test_the_longest_text_of_headings_is_read_at_once(piece: str) -> None:
    text = (piece * MAX_TEXT_CHARS)[:MAX_TEXT_CHARS]
    began = time.process_time()
    find_places(text)
    assert time.process_time() - began < 5


def test_the_headings_above_a_place_are_told_from_the_outermost() -> None:
    parts = ["# Owls", "## Methods", "### Ringing", "Rings.", "#### Tools", "### Counting", "## Results", "Many."]
    manuscript = read_text("\n\n".join(parts))
    names = [heading.text for heading in manuscript.headings]
    assert sections_above(manuscript, names.index("Tools")) == ["Methods", "Ringing", "Tools"]
    assert sections_above(manuscript, names.index("Counting")) == ["Methods", "Counting"]
    assert sections_above(manuscript, names.index("Results")) == ["Results"]
    assert sections_above(manuscript, 0) == []
    assert sections_above(manuscript, None) == []
