from __future__ import annotations

import pytest

from indexer.pdf.banners import is_banner
from indexer.pdf.furniture import remove_furniture
from indexer.pdf.geometry import Line
from indexer.pdf.labels import printed_labels
from tests.indexer.pdf.lines import line, page, stack

BODY = ["The text of a page that is not furniture", "and its second line, which is none either"]


def paper(count: int, furniture: list[tuple[str, float]]) -> list[Line]:
    return [*stack(BODY, y=300), *(line(text.format(count), 72, y) for text, y in furniture)]


def test_running_heads_feet_and_numbers_are_removed() -> None:
    pages = [page(paper(number, [("J. Doe et al.", 40.0), ("{}", 810.0)]), number) for number in (1, 2, 3, 4)]
    cleaned = remove_furniture(pages)
    assert [[item.text for item in one.lines] for one in cleaned.pages] == [BODY] * 4
    assert cleaned.labels == ("1", "2", "3", "4")


def test_heads_of_left_and_right_pages_differ() -> None:
    heads = ["The Authors", "A Title"]
    pages = [page(paper(number, [(heads[number % 2], 40.0)]), number) for number in range(1, 9)]
    assert all([item.text for item in one.lines] == BODY for one in remove_furniture(pages).pages)


def test_lines_that_differ_in_numbers_within_are_text() -> None:
    """The tails of two references, each at the top of a column, look alike but for their numbers."""
    tails = ["no. 1, pp. 209–226, 2008.", "no. 4, pp. 48–65, 2004."]
    pages = [page([*stack(BODY, y=300), line(tail, 72, 60)], number) for number, tail in enumerate(tails, 1)]
    assert [one.lines[-1].text for one in remove_furniture(pages).pages] == tails


def test_labels_continue_a_journal_volume() -> None:
    pages = [
        page(paper(number, [("Journal of Things {}", 40.0)]), index) for index, number in enumerate((97, 98, 99), 1)
    ]
    assert printed_labels(pages) == ("97", "98", "99")


def test_labels_of_the_file_stand_in() -> None:
    assert printed_labels([page(stack(BODY), 1, label="iv"), page(stack(BODY), 2, label="v")]) == ("iv", "v")


def test_line_numbers_are_removed() -> None:
    numbers = [line(str(row), 40, 200 + 12 * row) for row in range(1, 21)]
    text = stack([f"A line of a manuscript under review, {row}th" for row in range(1, 21)], x=80, y=212)
    cleaned = remove_furniture([page([*numbers, *text])])
    assert [item.text for item in cleaned.pages[0].lines] == [item.text for item in text]


@pytest.mark.parametrize(
    "text", ["Preprint submitted to Elsevier", "© 2020 The Authors", "DOI: 10.1000/1", "ISSN 1234-5678"]
)
def test_banners(text: str) -> None:
    assert is_banner(text)
    assert not is_banner("Attention is all you need")


def test_the_number_of_a_heading_is_no_page_number() -> None:
    text = [f"a line of running text that fills its column, row {row}" for row in range(30)]
    pages = [
        page([line(str(number), 140, 150, 14), line("Related Work", 165, 150, 14), *stack(text, y=180)], number)
        for number in (1, 2, 3)
    ]
    assert [item.text for item in remove_furniture(pages).pages[1].lines][:2] == ["2", "Related Work"]


def test_a_head_printed_once_stands_where_the_others_do() -> None:
    heads = ["Lovelace et al.", "A Short Title", "Lovelace et al.", "A Short Title", "Contributions of the Authors"]
    pages = [page([line(head, 72, 40, 8), *stack(BODY, y=300)], number) for number, head in enumerate(heads, 1)]
    assert all([item.text for item in one.lines] == BODY for one in remove_furniture(pages).pages)


def test_a_title_in_large_type_stays_although_it_returns() -> None:
    title = "A Title that All Pages Repeat"
    pages = [page([line(title, 72, 60, 16), *stack(BODY, y=300)], number) for number in (1, 2, 3)]
    cleaned = remove_furniture(pages)
    assert [len(one.lines) for one in cleaned.pages] == [3, 2, 2]


def test_notes_of_archives_at_the_edge_are_removed() -> None:
    note = "Authorized licensed use limited to: University of Examples. Downloaded on March 3, 2020"
    assert [
        item.text for item in remove_furniture([page([*stack(BODY, y=300), line(note, 72, 820, 6)])]).pages[0].lines
    ] == BODY


def test_a_sentence_that_tells_of_its_page_is_no_running_head() -> None:
    pages = [
        page([line(f"Page {number} tells of tokens", 72, 80), *stack(BODY, y=300)], number) for number in range(1, 6)
    ]
    assert remove_furniture(pages).pages[3].lines[0].text == "Page 4 tells of tokens"
    heads = [
        page([line(f"Page {number} A Short Title", 72, 60), *stack(BODY, y=300)], number) for number in range(1, 6)
    ]
    assert [item.text for item in remove_furniture(heads).pages[3].lines] == BODY
