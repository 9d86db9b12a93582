from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from indexer.pdf.bibliography import find_regions
from indexer.pdf.geometry import Line, make_line
from tests.indexer.pdf.bibliography.test_entries import ENTRIES
from tests.indexer.pdf.lines import line, span, stack


def listed(lines: list[Line]) -> list[list[str]]:
    return [[lines[index].text for index in region.inside()] for region in find_regions(lines)]


def numbered(count: int, *, y: float = 120.0, page: int = 1) -> list[Line]:
    return [
        line(
            f"[{number}] A. Author{number}. A title of words. Journal, 201{number % 10}.",
            72,
            y + 12 * number,
            page=page,
        )
        for number in range(1, count + 1)
    ]


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
    assert find_regions([]) == []


def test_each_chapter_has_its_list() -> None:
    lines: list[Line] = []
    for page in (1, 2):
        lines += [line("Text of a chapter.", 72, 60, page=page), line("References", 72, 100, 14, page=page, bold=True)]
        lines += [*numbered(4, page=page), line(f"Chapter {page + 1}", 72, 300, 20, page=page, bold=True)]
    assert [len(entries) for entries in listed(lines)] == [4, 4]


def test_a_second_list_of_the_supplement() -> None:
    lines = [line("References", 72, 100, 14, bold=True), *numbered(4)]
    lines += [line("Supplementary References", 72, 300, 14, bold=True), *numbered(3, y=310)]
    assert [len(entries) for entries in listed(lines)] == [4, 3]


def test_a_footnote_among_the_entries_stays_in_the_body() -> None:
    mark = replace(span("3", 72, 300, 6), baseline=296.0)
    note = replace(make_line(1, [mark, span("A remark on the text above.", 76, 300, 8)]), left=72.0, right=372.0)
    lines = [line("References", 72, 100, 14, bold=True), *numbered(4), note]
    later = [replace(item, column=1, page=2) for item in numbered(8)[4:]]
    assert [len(entries) for entries in listed([*lines, *later])] == [8]
    assert note.text not in listed([*lines, *later])[0]


def test_a_caption_among_the_entries_stays_in_the_body() -> None:
    caption = line("Figure 2: What floats (2017).", 120, 300)
    lines = [line("References", 72, 100, 14, bold=True), *numbered(6), caption]
    later = [replace(item, column=1, page=2) for item in numbered(9)[6:]]
    assert [len(entries) for entries in listed([*lines, *later])] == [9]


def test_the_title_as_running_head_does_not_end_the_list() -> None:
    head = line("REFERENCES", 72, 60, page=2)
    later = [replace(item, column=1, page=2) for item in numbered(8)[4:]]
    assert [len(entries) for entries in listed([line("REFERENCES", 72, 100, 14), *numbered(4), head, *later])] == [8]


def test_biographies_after_the_last_entry_are_left_out() -> None:
    rows = [
        line(text if part == 0 else "more words of the entry.", 72 + 18 * part, 120 + 24 * number + 12 * part)
        for number, text in ((n, f"[{n}] A. Author{n}. A title. Journal, 201{n}.") for n in range(1, 6))
        for part in (0, 1)
    ]
    life = [line("Ann Author received her degree in 2009 and", 72, 320), line("has taught since.", 72, 332)]
    entries = listed([line("References", 72, 100, 14, bold=True), *rows, *life])[0]
    assert entries == [item.text for item in rows]


def test_notes_that_hold_the_references() -> None:
    lines = [line("Notes", 72, 100, 14, bold=True), *numbered(5)]
    assert [len(entries) for entries in listed(lines)] == [5]


def test_text_full_of_titles_is_quick() -> None:
    started = perf_counter()
    find_regions([line("References", 72, 60 + 12 * (row % 60), column=row // 60) for row in range(4_000)])
    find_regions([line("[1] A. Author. Title", 72, 60 + 12 * (row % 60), column=row // 60) for row in range(4_000)])
    assert perf_counter() - started < 10


def test_a_column_of_a_table_is_no_list() -> None:
    cells = [line("Method", 72, 100, bold=True), line("References", 172, 100, bold=True)]
    for row in range(1, 6):
        cells += [line(f"method {row}", 72, 100 + 12 * row), line(f"Author and Other (201{row})", 172, 100 + 12 * row)]
    assert find_regions(cells) == []


def test_addresses_after_the_list() -> None:
    lines = [line("References", 72, 100, 14, bold=True), *numbered(4), line("Affiliation:", 72, 200)]
    assert listed([*lines, line("Ann Author, Test University, 2012", 72, 212)]) == [[item.text for item in numbered(4)]]


def test_words_that_introduce_a_list_stay_in_the_body() -> None:
    words = stack(
        ["in the following you find what was of use to us, in", "an order of its own, and", "nothing else."] * 2, y=110
    )
    lines = [line("References", 72, 100, 14, bold=True), *words, *numbered(6, y=200)]
    assert listed(lines) == [[item.text for item in numbered(6)]]


def test_a_list_whose_entries_begin_with_the_year() -> None:
    rows = [
        line(
            text if part == 0 else "which is long enough. Journal, 3, 1–9.", 72 + 18 * part, 120 + 24 * row + 12 * part
        )
        for row, text in enumerate(f"201{number} Author, Ann A title of words," for number in range(5))
        for part in (0, 1)
    ]
    assert [len(entries) for entries in listed([line("References", 72, 100, 14, bold=True), *rows])] == [10]
