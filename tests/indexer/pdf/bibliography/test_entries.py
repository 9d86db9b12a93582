from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from indexer.pdf.bibliography import split_entries
from indexer.pdf.geometry import Line
from tests.indexer.pdf.lines import line, stack

ENTRIES = [
    ["Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2),", "97–111."],
    [
        "Lamport, L., & Shostak, M. (1982). The Byzantine generals problem. ACM",
        "Transactions on Programming Languages, 4(3), 382–401.",
    ],
    [
        "Shannon, C. E. (1948). A mathematical theory. Bell System Technical",
        "Journal, 27, 379–423. https://doi.org/10.1000/shannon",
    ],
    ["Taylor, R., et al. (2022). Galactica. arXiv:2211.09085."],
]


def texts(lines: list[Line]) -> list[list[str]]:
    return [[item.text for item in entry.lines] for entry in split_entries(lines)]


def test_hanging_indent() -> None:
    rows = [(72.0 if index == 0 else 90.0, text) for entry in ENTRIES for index, text in enumerate(entry)]
    lines = [line(text, x, 100 + 12 * row) for row, (x, text) in enumerate(rows)]
    assert texts(lines) == ENTRIES


def test_gaps() -> None:
    lines, y = [], 100.0
    for entry in ENTRIES:
        for text in entry:
            lines.append(line(text, 72, y))
            y += 12
        y += 6
    assert texts(lines) == ENTRIES


def test_first_lines_indented() -> None:
    rows = [(90.0 if index == 0 else 72.0, text) for entry in ENTRIES for index, text in enumerate(entry)]
    assert texts([line(text, x, 100 + 12 * row) for row, (x, text) in enumerate(rows)]) == ENTRIES


@pytest.mark.parametrize("form", ["[{}] ", "{}. ", "({}) "])
def test_labels(form: str) -> None:
    rows = [
        form.format(number) + text if index == 0 else text
        for number, entry in enumerate(ENTRIES, 1)
        for index, text in enumerate(entry)
    ]
    entries = split_entries(stack(rows))
    assert [entry.label for entry in entries] == ["1", "2", "3", "4"]
    assert [len(entry.lines) for entry in entries] == [2, 2, 2, 1]


def test_keys_as_labels() -> None:
    keys = ["[Knu84]", "[LS82]", "[Sha48]", "[TKC+22]"]
    rows = [
        f"{key} {text}" if index == 0 else text
        for key, entry in zip(keys, ENTRIES, strict=True)
        for index, text in enumerate(entry)
    ]
    assert [entry.label for entry in split_entries(stack(rows))] == ["Knu84", "LS82", "Sha48", "TKC+22"]


def test_an_entry_goes_on_in_the_next_column() -> None:
    rows = [(72.0 if index == 0 else 90.0, text) for entry in ENTRIES for index, text in enumerate(entry)]
    first = [line(text, x, 100 + 12 * row) for row, (x, text) in enumerate(rows[:5])]
    second = [replace(line(text, x + 300, 100 + 12 * row), column=1) for row, (x, text) in enumerate(rows[5:])]
    assert texts([*first, *second]) == ENTRIES


def test_a_stray_mark_in_the_margin_does_not_move_the_edge() -> None:
    rows = [(72.0 if index == 0 else 90.0, text) for entry in ENTRIES for index, text in enumerate(entry)]
    lines = [line(text, x, 100 + 12 * row) for row, (x, text) in enumerate(rows)]
    assert len(split_entries([*lines, line("00302.", 20, 800)])) in (4, 5)


def test_lines_under_an_entry_belong_to_it() -> None:
    lines, y = [], 100.0
    for entry in [*ENTRIES, ["Retrieved 5 January 2023."], ["Technical report"]]:
        for text in entry:
            lines.append(line(text, 72, y))
            y += 12
        y += 6
    assert [len(entry.lines) for entry in split_entries(lines)] == [2, 2, 2, 3]


def test_repeated_authors_begin_entries_of_their_own() -> None:
    rows = ["Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111."]
    rows += [
        f"———. (199{number}). Another program of the same kind. The Computer Journal, 3, 1–9." for number in range(4)
    ]
    parted = [
        line(text if part == 0 else "and some more of its words.", 72 + 18 * part, 100 + 24 * row + 12 * part)
        for row, text in enumerate(rows)
        for part in (0, 1)
    ]
    assert [len(entry.lines) for entry in split_entries(parted)] == [2] * 5


def test_nothing() -> None:
    assert split_entries([]) == []
    assert split_entries([line("—", 72, 100)]) == []


def test_many_entries_and_long_lines_are_quick() -> None:
    rows = [
        line(
            f"[{number}] J. Smith. A title of its own. Journal, 2012.", 72, 60 + 12 * (number % 60), column=number // 60
        )
        for number in range(1, 3_001)
    ]
    started = perf_counter()
    assert len(split_entries(rows)) == 3_000
    for text in ("A", "1. ", "[1", "Aa, ", "- "):
        split_entries([line((text * 100_000)[:100_000], 72, 60 + 12 * row) for row in range(3)])
    assert perf_counter() - started < 10


def test_a_column_with_one_long_entry() -> None:
    rows = [(72.0 if index == 0 else 90.0, text) for entry in ENTRIES for index, text in enumerate(entry)]
    first = [line(text, x, 100 + 12 * row) for row, (x, text) in enumerate(rows)]
    words = ["Zimmer, N., Wilson, G., & Silva, R. (2019). A", *["title in very many words, more than usual, that"] * 6]
    second = [
        replace(line(text, 372 if row == 0 else 390, 100 + 12 * row), column=1, left=390.0, right=672.0)
        for row, text in enumerate(words)
    ]
    entries = split_entries([*first, *second])
    assert [len(entry.lines) for entry in entries] == [*(len(entry) for entry in ENTRIES), 7]
