from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.pdf.bibliography import label_of, split_entries
from indexer.pdf.geometry import make_line
from tests.indexer.pdf.lines import line, span, stack


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("[3] Doe", "3"), ("3. Doe", "3"), ("(3) Doe", "3"), ("3 Doe", "3"), ("12.Doe", "12"),
        ("[Doe 2020] X", "Doe 2020"),
        ("[vdB16a] X", "vdB16a"), ("[S12] X", "S12"), ("[R C18] X", "R C18"), ("Doe, J.", ""), ("[Online] X", ""),
        ("2.5 degrees", ""), ("12 (3), 45", ""),
    ],
)  # fmt: skip
def test_label_of(text: str, label: str) -> None:
    assert label_of(text) == label


def test_a_number_at_the_beginning_of_a_further_line_is_no_label() -> None:
    rows = []
    for number in range(1, 5):
        rows.append(
            line(f"{number}. A. Author{number}. A title that is long enough. Journal, 2012,", 72, 100 + 36 * number)
        )
        rows.append(line(f"{number + 1}. Springer, and more words of it.", 90, 112 + 36 * number))
    assert [entry.label for entry in split_entries(rows)] == ["1", "2", "3", "4"]


def test_a_lost_label_costs_one_entry() -> None:
    numbers = [number for number in range(1, 9) if number != 4]
    rows = stack([f"[{number}] A. Author. A title that is long enough. Journal, 2012." for number in numbers])
    assert [entry.label for entry in split_entries(rows)] == [str(number) for number in numbers]


def test_raised_labels() -> None:
    rows = []
    for number in range(1, 9):
        mark = replace(span(str(number), 72, 100 + 14 * number, 6), baseline=96.0 + 14 * number)
        text = span("A. Author. A title that is long enough. Journal, 2012.", 78, 100 + 14 * number)
        rows.append(replace(make_line(1, [mark, text]), left=72.0, right=372.0))
    assert [entry.label for entry in split_entries(rows)] == [str(number) for number in range(1, 9)]


def test_a_label_alone_on_its_line() -> None:
    texts = [f"A. Author{number}. A title that is long enough. Journal, 2012." for number in range(1, 5)]
    rows = [
        item
        for row, text in enumerate(texts, 1)
        for item in (line(f"{row}.", 72, 100 + 12 * row), line(text, 90, 100 + 12 * row))
    ]
    assert [entry.label for entry in split_entries(rows)] == ["1", "2", "3", "4"]
