from __future__ import annotations

from indexer.pdf.geometry import body_size, common, make_line
from tests.indexer.pdf.lines import line, span


def test_smaller_and_higher_is_a_superscript() -> None:
    made = make_line(
        1,
        [
            span("batteries", 72, 100, 12),
            span("1,2", 126, 95.7, 8),
            span(" of H", 140, 100, 12),
            span("2", 165, 102, 8),
        ],
    )
    assert [item.raised for item in made.spans] == [0, 1, 0, -1]
    assert made.text == "batteries1,2 of H2"
    assert made.size == 12


def test_many_marks_do_not_make_the_baseline() -> None:
    made = make_line(1, [span("Li Wei", 72, 100, 12, bold=True), span("1,2,3,∗,†", 110, 95, 8)])
    assert (made.size, made.baseline, made.bold) == (12, 100, True)
    assert made.spans[1].raised == 1


def test_common_joins_neighbours() -> None:
    assert common([(10.0, 3), (10.1, 3), (9.0, 5)]) == 10.0
    assert common([]) == 0.0


def test_body_size_counts_characters() -> None:
    assert body_size([line("Title", size=20), line("A much longer line of running text", size=10)]) == 10
