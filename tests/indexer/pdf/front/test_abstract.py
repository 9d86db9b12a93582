from __future__ import annotations

import pytest

from indexer.pdf.front.abstract import find_abstract
from indexer.pdf.geometry import Line
from tests.indexer.pdf.lines import line, stack

PROSE = [
    "We show that the running text of a paper begins here and",
    "goes on for several lines that are full of small words as",
    "the abstract of this paper does in its usual place below",
    "the names, and it ends with a line that is not so long.",
]
BODY = [f"The body of the paper has lines such as this one, row {row}," for row in range(8)]


def texts(lines: list[Line]) -> tuple[list[str], tuple[str, ...]]:
    found = find_abstract(lines, first=1, body=10)
    return [item.text for item in found.lines], found.keywords


@pytest.mark.parametrize(
    "heading", ["Abstract", "ABSTRACT", "A B S T R A C T", "Summary.", "Zusammenfassung", "■ ABSTRACT"]
)
def test_after_its_heading(heading: str) -> None:
    lines = [line(heading, 72, 100, bold=True), *stack(PROSE, y=114), line("1 Introduction", 72, 180, 12, bold=True)]
    assert texts([*lines, *stack(BODY, y=200)])[0] == PROSE


@pytest.mark.parametrize("label", ["Abstract— ", "Abstract. ", "ABSTRACT: ", "Abstract ", "摘要："])
def test_run_in(label: str) -> None:
    lines = stack([label + PROSE[0], *PROSE[1:]], y=114)
    assert texts([*lines, line("Introduction", 72, 180, 12, bold=True), *stack(BODY, y=200)])[0] == PROSE


@pytest.mark.parametrize("style", ["bold", "italic", "small"])
def test_without_a_heading_in_a_style_of_its_own(style: str) -> None:
    size = 9.0 if style == "small" else 10.0
    lines = [
        line(text, 72, 100 + 12 * row, size, bold=style == "bold", italic=style == "italic")
        for row, text in enumerate(PROSE)
    ]
    assert texts([*lines, *stack(BODY, y=180)])[0] == PROSE


@pytest.mark.parametrize(
    ("label", "separator"),
    [
        ("Keywords: ", ", "),
        ("Key words and phrases. ", "; "),
        ("Index Terms—", ", "),
        ("Keywords ", " · "),
        ("Mots-clés : ", ", "),
    ],
)
def test_keywords_end_the_abstract(label: str, separator: str) -> None:
    words = ("parsing of papers", "typography", "layout")
    lines = [line("Abstract", 72, 100, bold=True), *stack([*PROSE, label + separator.join(words)], y=114)]
    assert texts([*lines, line("Introduction", 72, 200, 12, bold=True), *stack(BODY, y=220)]) == (PROSE, words)


def test_keywords_one_to_a_line() -> None:
    lines = [line("Keywords:", 72, 100, italic=True), *stack(["parsing", "typography", "layout"], y=112)]
    assert texts(lines)[1] == ("parsing", "typography", "layout")


def test_keywords_stop_before_the_first_section() -> None:
    lines = stack(["Abstract. " + PROSE[0], *PROSE[1:], "Keywords: parsing, layout"], y=100)
    lines += [line("Introduction", 72, 160, bold=True), *stack(BODY, y=172)]
    assert texts(lines)[1] == ("parsing", "layout")


def test_the_form_of_citation_is_no_part_of_it() -> None:
    lines = [
        line("Abstract", 72, 100, bold=True),
        *stack(PROSE, y=114),
        line("ACM Reference Format:", 72, 176, 9, bold=True),
    ]
    lines += [*stack(["Ada Lovelace. 2020. A title."], y=188, size=9), line("1 Introduction", 72, 220, 12, bold=True)]
    assert texts([*lines, *stack(BODY, y=240)])[0] == PROSE
