from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.pdf.bibliography import find_regions, is_title, label_of, split_entries
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


def test_region_ends_at_the_appendix() -> None:
    body = stack(["Text of the paper that cites nothing at all.", "And more of it."], y=60)
    title = line("References", 72, 100, 12, bold=True)
    entries = stack([text for entry in ENTRIES for text in entry], y=120)
    appendix = line("A Proofs", 72, 240, 12, bold=True)
    after = stack(["The proof is by induction."], y=260)
    lines = [*body, title, *entries, appendix, *after]
    region = find_regions(lines)[0]
    assert (region.heading, region.start, region.end) == (2, 3, 10)


def test_a_list_without_a_heading() -> None:
    body = stack([f"Row {row} of the text, which is long enough." for row in range(20)], y=60)
    rows = [(72.0 if index == 0 else 90.0, text) for entry in ENTRIES for index, text in enumerate(entry)]
    entries = [line(text, x, 400 + 12 * row) for row, (x, text) in enumerate(rows)]
    region = find_regions([*body, *entries])[0]
    assert (region.heading, region.start, region.end) == (None, 20, 27)


def test_no_list() -> None:
    assert find_regions(stack(["No references here.", "References", "are not what follows."])) == []
    assert split_entries([]) == []


@pytest.mark.parametrize(
    "text", ["References", "7. REFERENCES", "R E F E R E N C E S", "Bibliography:", "Références", "参考文献"]
)
def test_titles(text: str) -> None:
    assert is_title(text)
    assert not is_title(text + " to earlier work are given below")


def test_label_of() -> None:
    assert [label_of(text) for text in ("[3] Doe", "3. Doe", "[Doe 2020] X", "Doe, J.")] == ["3", "3", "Doe 2020", ""]
