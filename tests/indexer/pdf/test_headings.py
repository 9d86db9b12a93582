from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.pdf.geometry import Line
from indexer.pdf.headings import find_headings, split_number
from tests.indexer.pdf.lines import line, stack


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1 Introduction", ("1", "Introduction", 1)),
        ("2.3. Data sets", ("2.3", "Data sets", 2)),
        ("IV. RESULTS", ("IV", "RESULTS", 1)),
        ("A.1 Proofs", ("A.1", "Proofs", 2)),
        ("Appendix B: Details", ("B", "Details", 1)),
        ("A Study of Everything", ("", "A Study of Everything", 0)),
        ("Introduction", ("", "Introduction", 0)),
        ("2019 was a year", ("", "2019 was a year", 0)),
    ],
)
def test_split_number(text: str, parts: tuple[str, str, int]) -> None:
    assert split_number(text) == parts


def body(y: float, rows: int = 4) -> list[str]:
    return [f"a line of running text that goes on and on and fills its column {row}" for row in range(rows)]


def test_numbered_headings_make_a_tree() -> None:
    lines = []
    y = 100.0
    for heading in ("1 Introduction", "2 Method", "2.1 Data", "2.2 Models", "3 Results"):
        lines.append(line(heading, 72, y, 12, bold=True))
        lines.extend(stack(body(y), y=y + 20))
        y += 90
    found = find_headings(lines, body=10)
    assert [(heading.number, heading.text, heading.level) for heading in found] == [
        ("1", "Introduction", 1),
        ("2", "Method", 1),
        ("2.1", "Data", 2),
        ("2.2", "Models", 2),
        ("3", "Results", 1),
    ]


def test_size_orders_headings_without_numbers() -> None:
    lines = [line("Summary", 72, 100, 14, bold=True), *stack(body(0), y=120)]
    lines += [line("A minor point", 72, 190, 12, bold=True), *stack(body(0), y=210)]
    lines += [line("Statement of Need", 72, 280, 14, bold=True), *stack(body(0), y=300)]
    assert [(item.text, item.level) for item in find_headings(lines, body=10)] == [
        ("Summary", 1),
        ("A minor point", 2),
        ("Statement of Need", 1),
    ]


def test_items_of_lists_and_sentences_are_no_headings() -> None:
    lines = stack(
        [*body(0), "7 apples were eaten by the authors of this", "paper. In 2010 it was known that", *body(0)]
    )
    assert find_headings(lines, body=10) == []


def test_a_heading_of_two_lines() -> None:
    first = line("1 A heading so long that it does not fit on its line", 72, 100, 12, bold=True)
    second = line("and goes on", 72, 114, 12, bold=True)
    found = find_headings([first, second, *stack(body(0), y=140)], body=10)
    assert [(item.text, item.count) for item in found] == [
        ("A heading so long that it does not fit on its line and goes on", 2)
    ]


def test_a_centred_number_makes_a_heading_of_a_plain_line() -> None:
    """Small capitals are often a face of their own, which the file does not tell from the text's."""
    lines = [line("I. Introduction", 184.5, 100), *stack(body(0), y=118)]
    lines += [line("II. The Format", 187, 190), *stack(body(0), y=208)]
    assert [(item.number, item.text) for item in find_headings(lines, body=10)] == [
        ("I", "Introduction"),
        ("II", "The Format"),
    ]


def test_labels_of_plots_and_lines_of_programs_are_no_headings() -> None:
    lines = stack(body(100), y=100)
    lines += [line("Log Lambda", 180, 200, 12), *stack(["0.1 0.2 0.3", "0.4 0.5"], x=150, y=215)]
    lines += [replace(line("# Fit The Model", 72, 300, bold=True), font="CMTT10"), *stack(body(320), y=320)]
    lines += [line("A True Heading", 72, 400, 12, bold=True), *stack(body(420), y=420)]
    assert [heading.text for heading in find_headings(lines, body=10)] == ["A True Heading"]


def test_scripts_without_case_have_headings() -> None:
    lines = [line("1 引言", 72, 80, 12, bold=True), *stack(body(100), y=100), line("2 المقدمة", 72, 180, 12, bold=True)]
    assert [heading.text for heading in find_headings([*lines, *stack(body(200), y=200)], body=10)] == [
        "引言",
        "المقدمة",
    ]


def headed(headings: list[tuple[str, float]]) -> list[tuple[str, int]]:
    """The levels that headings of these sizes get, in bold over text of 10 points."""
    lines: list[Line] = []
    for row, (text, size) in enumerate(headings):
        lines += [line(text, 72, 100 + 100 * row, size, bold=True), *stack(body(0), y=120 + 100 * row)]
    return [(heading.text, heading.level) for heading in find_headings(lines, body=10)]


def test_numbers_below_larger_headings_without_any_begin_a_level_deeper() -> None:
    found = headed([("Overview", 16), ("Examples", 16), ("1. First Case", 12), ("2. Second Case", 12), ("Closing", 16)])
    assert [level for _, level in found] == [1, 1, 2, 2, 1]


def test_known_names_take_the_level_of_their_style() -> None:
    found = headed([("A Title of a Part", 16), ("Introduction", 12), ("Data We Used", 12), ("Discussion", 12)])
    assert [level for _, level in found] == [1, 2, 2, 2]


def test_cells_of_a_table_are_no_headings() -> None:
    cells = [line("Resource", 72, 200, bold=True), line("Topics That Are Taught", 180, 200, bold=True)]
    lines = [*stack(body(0), y=100), *cells, *stack(body(0), y=216)]
    assert find_headings(lines, body=10) == []
