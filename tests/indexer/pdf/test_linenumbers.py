from __future__ import annotations

from indexer.pdf.geometry import Line, make_line
from indexer.pdf.linenumbers import without_line_numbers
from tests.indexer.pdf.lines import line, page, span

TEXT = [f"A line of a manuscript that is under review, the {row}th" for row in range(1, 26)]


def numbered(first: int, *, every: int = 1, glued: bool = False) -> list[Line]:
    lines: list[Line] = []
    for row, text in enumerate(TEXT):
        y, number = 100 + 20 * row, first + row
        label = [span(str(number), 58 - 4 * len(str(number)), y, 6)] if number % every == 0 else []
        if label and not glued:
            lines.append(make_line(1, label))
        lines.append(make_line(1, [*(label if glued else []), span(text, 80, y)]))
    return lines


def read(pages: list[list[Line]]) -> list[list[str]]:
    return [
        [item.text for item in one.lines]
        for one in without_line_numbers([page(lines, number) for number, lines in enumerate(pages, 1)])
    ]


def test_every_line() -> None:
    assert read([numbered(1), numbered(26)]) == [TEXT, TEXT]


def test_every_fifth_line() -> None:
    assert read([numbered(1, every=5), numbered(26, every=5)]) == [TEXT, TEXT]


def test_glued_to_the_text() -> None:
    assert read([numbered(1, glued=True), numbered(26, every=5, glued=True)])[0] == TEXT


def test_a_numbered_list_keeps_its_numbers() -> None:
    """Numbers that stand where the text stands count items, not lines."""
    items = [
        make_line(1, [span(str(row), 72, 100 + 24 * row), span("An item of two lines", 90, 100 + 24 * row)])
        for row in range(1, 12)
    ]
    seconds = [
        line("and its second line, which is at the edge of the column", 72, 112 + 24 * row) for row in range(1, 12)
    ]
    lines = [item for pair in zip(items, seconds, strict=True) for item in pair]
    assert read([lines])[0] == [item.text for item in lines]


def test_the_first_column_of_a_table_is_kept() -> None:
    rows = [
        make_line(1, [span(str(row), 90, 100 + 12 * row), span("0.5", 120, 100 + 12 * row)]) for row in range(1, 10)
    ]
    text = [line("Text of the page that begins further left than the table", 72, 300 + 12 * row) for row in range(6)]
    assert read([[*rows, *text]])[0] == [item.text for item in (*rows, *text)]
