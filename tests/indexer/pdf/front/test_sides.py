from __future__ import annotations

import time

from indexer.pdf.front.sides import side_boxes
from tests.indexer.pdf.lines import line, stack

PROSE = [f"The abstract of this paper goes on for many lines, as in row {row}" for row in range(12)]


def test_a_box_of_dates_beside_the_abstract() -> None:
    box = stack(
        ["Article history:", "Received 3 March 2020", "Accepted 4 May 2020", "Keywords:", "layout"], x=72, y=200, size=7
    )
    text = stack(PROSE, x=220, y=200)
    below = [line("1. Introduction", 72, 360, 12, bold=True), *stack(PROSE, y=380)]
    assert side_boxes([*box, *text, *below]) == frozenset(id(item) for item in box)


def test_columns_and_labels_of_figures_are_none() -> None:
    left, right = stack(PROSE, x=72, y=200), stack(PROSE, x=350, y=200)
    assert not side_boxes([*left, *right])
    figure = stack(["axis of time", "signal", "noise", "0.5"], x=72, y=200, size=7)
    assert not side_boxes([*figure, *stack(PROSE, x=220, y=200)])


def test_a_drawing_of_many_fragments_costs_little() -> None:
    lines = [line(f"fragment {n}", 72 + n % 300, 100 + n % 600) for n in range(5_000)]
    started = time.perf_counter()
    assert not side_boxes(lines)
    assert time.perf_counter() - started < 1
