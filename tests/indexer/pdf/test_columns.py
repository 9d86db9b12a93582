from __future__ import annotations

import random
import time

from indexer.pdf.columns import find_gutters, join_fragments, order_pages
from indexer.pdf.geometry import make_line
from tests.indexer.pdf.lines import line, page, span, stack

LEFT = [f"left {row:02d} of a column with a text that fills it" for row in range(20)]
RIGHT = [f"right {row:02d} of a column with text that fills it" for row in range(20)]


def test_one_column_has_no_gutter() -> None:
    assert find_gutters(stack(LEFT)).positions == ()


def test_two_columns_are_read_left_first() -> None:
    lines = [item for pair in zip(stack(LEFT, x=50), stack(RIGHT, x=310), strict=True) for item in pair]
    assert len(find_gutters(lines).positions) == 1
    assert [item.text for item in order_pages([page(lines)]).lines] == [*LEFT, *RIGHT]


def test_a_wide_line_parts_the_columns() -> None:
    wide = line(
        "A figure's caption that goes from the left edge of the page over the gutter to its right edge: " + "x" * 10,
        50,
        215,
    )
    lines = [*stack(LEFT[:8], x=50, y=100), *stack(RIGHT[:8], x=310, y=100), wide]
    lines += [*stack(LEFT[8:], x=50, y=250), *stack(RIGHT[8:], x=310, y=250)]
    texts = [item.text for item in order_pages([page(lines)]).lines]
    assert texts == [*LEFT[:8], *RIGHT[:8], wide.text, *LEFT[8:], *RIGHT[8:]]


def test_a_narrow_column_of_notes_is_set_aside() -> None:
    notes = [f"note {row:02d} about a licence" for row in range(10)]
    body = [f"body {row:02d} with a line of text that is far wider than the column of notes" for row in range(30)]
    ordered = order_pages([page([*stack(notes, x=30, y=101), *stack(body, x=190, y=100)])])
    assert [item.text for item in ordered.lines] == body
    assert [item.text for item in ordered.margin] == notes


def test_cells_of_a_table_are_no_columns() -> None:
    cells = [line(f"{row * column}", 100 + 80 * column, 100 + 12 * row) for row in range(20) for column in range(4)]
    assert find_gutters(cells).positions == ()


def test_fragments_of_a_line_are_joined_but_not_over_a_gutter() -> None:
    parts = [line("One sentence.", 72, 100), line("Another", 145, 100), line("far away", 400, 100)]
    assert [item.text for item in join_fragments(parts)] == ["One sentence. Another", "far away"]
    close = [line("left", 72, 100), line("right", 104, 100)]
    assert len(join_fragments(close)) == 1
    assert len(join_fragments(close, gutters=(98.0,))) == 2


def test_a_raised_fragment_joins_its_word() -> None:
    joined = join_fragments([line("batteries", 72, 100, 12), line("1,2", 126.5, 96, 8), line("cost", 140, 100, 12)])
    assert [item.text for item in joined] == ["batteries1,2 cost"]
    assert [span.raised for span in joined[0].spans] == [0, 1, 0]


def test_a_table_amid_text_makes_no_columns_but_a_short_page_of_a_paper_in_columns_does() -> None:
    wide = [f"row {row:02d} of running text that goes from one edge of its page to the other edge" for row in range(14)]
    table = [*stack(LEFT[:8], x=50, y=100), *stack(RIGHT[:8], x=330, y=100)]
    mixed = page([*table, *(line(text, 50, 220 + 12 * row) for row, text in enumerate(wide))], 2)
    rows = [item.text for item in order_pages([mixed]).lines]
    assert rows[:4] == [LEFT[0], RIGHT[0], LEFT[1], RIGHT[1]]
    columns = page([*stack(LEFT, x=50), *stack(RIGHT, x=330)])
    assert [item.text for item in order_pages([columns, mixed]).lines if item.page == 2][:8] == LEFT[:8]


def test_the_short_end_of_a_paragraph_across_the_columns_stays_with_it() -> None:
    abstract = [
        f"abstract {row} that runs across both of the columns of its page from left to right" for row in range(4)
    ]
    lines = [*stack(abstract, x=50, y=60), line("its short end.", 50, 108)]
    lines += [*stack(LEFT, x=50, y=140), *stack(RIGHT, x=310, y=140)]
    ordered = order_pages([page(lines)]).lines
    assert [item.text for item in ordered] == [*abstract, "its short end.", *LEFT, *RIGHT]
    assert len({item.column for item in ordered[:5]}) == 1


def test_fragments_of_a_line_read_leftwards_are_joined_from_the_right() -> None:
    fragments = [line("שלום", 300, 100, right=400), line("[1]", 285, 100, right=400), line("עולם", 262, 100, right=400)]
    assert [item.text for item in join_fragments(fragments)] == ["שלום[1] עולם"]


def test_a_subscript_below_a_superscript_belongs_to_its_line() -> None:
    head = make_line(1, [span("each of the hypotheses H", 72, 100), span("jk", 192, 96, 7)])
    tail = make_line(1, [span("0", 192, 103, 7), span(", as shown", 196, 100)])
    assert [item.text for item in join_fragments([head, tail])] == ["each of the hypotheses Hjk0, as shown"]


def test_a_heading_beside_a_full_line_is_not_joined_to_it_over_the_gutter() -> None:
    full = line("a line that fills its column to its right edge", 72, 100)
    heading = line("2 Related Work", full.x1 + 10, 100, 14.3, bold=True)
    assert len(join_fragments([full, heading], max_gap=0.9, tolerance=0.03)) == 2


def test_a_page_strewn_with_numbers_takes_bounded_time() -> None:
    chance = random.Random(1)
    strewn = [
        line(str(chance.randint(0, 9)), chance.uniform(20, 570), chance.uniform(20, 820), 8) for _ in range(4_000)
    ]
    begun = time.process_time()
    order_pages([page(strewn)])
    assert time.process_time() - begun < 15.0
