from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.pdf.blocks import Block, is_caption, make_blocks, reads_as_text
from indexer.pdf.geometry import Line
from tests.indexer.pdf.lines import line, stack

FULL = "a line of running text that goes on and on and fills the column"


def texts(lines: list[Line]) -> list[tuple[str, str]]:
    return [(block.kind, " / ".join(item.text for item in block.lines)) for block in make_blocks(lines, body=10)]


def test_indents_and_gaps_begin_paragraphs() -> None:
    lines = [line(FULL, 84, 100), line(FULL, 72, 112), line(FULL, 84, 124), line(FULL, 72, 136), line(FULL, 72, 160)]
    assert [len(block.lines) for block in make_blocks(lines, body=10)] == [2, 2, 1]


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    before = stack([FULL, FULL])
    going_on = [replace(item, column=1) for item in stack(["without an end " + FULL, FULL])]
    assert len(make_blocks([*before, *going_on], body=10)) == 1
    anew = [replace(item, column=1) for item in stack([f"New thought {FULL}."])]
    ended = [*stack([FULL]), line("the end of the thought.", 72, 112)]
    assert len(make_blocks([*ended, *anew], body=10)) == 2


def test_items_of_a_list_begin_with_bullets() -> None:
    lines = stack(["• the first item of the list", "• the second item of the list", "• the third item of the list"])
    assert [block.kind for block in make_blocks(lines, body=10)] == ["list"] * 3


def test_an_equation_stands_between_the_parts_of_its_paragraph() -> None:
    lines = [
        *stack([FULL, "which continues with"], y=100),
        line("p(x) = ∑ p(x, y)", 160, 132),
        line("(2)", 357, 132),
        *stack(["where the sum goes over all of the values of y that there are"], y=152),
    ]
    assert [(block.kind, block.label) for block in make_blocks(lines, body=10)] == [
        ("paragraph", ""),
        ("equation", "2"),
        ("paragraph", ""),
    ]


def test_captions_and_footnotes_carry_their_labels() -> None:
    lines = [
        line("Table IV. Figures of merit of the rankers", 72, 140, 9),
        line("Supplementary Fig. S3 | The shape of what was found", 72, 180, 9),
        line("∗ These authors are equal", 72, 700, 8),
    ]
    assert [block.label for block in make_blocks(lines, body=10)] == ["Table IV", "Supplementary Fig. S3", "∗"]


def test_scripts_without_spaces_read_as_text() -> None:
    assert reads_as_text(stack(["我们提出了一种新的方法", "用于引用推荐。"]))
    assert reads_as_text(stack(["인용을 추천하는 방법"]))


def test_captions_and_footnotes_stand_apart() -> None:
    lines = [
        *stack([FULL, "which continues"], y=100),
        line("Figure 2: The shape of things", 72, 140, 9),
        line("and how they look.", 72, 151, 9),
        *stack(["below the figure " + FULL], y=180),
        line("1 This note stands at the foot of the page.", 72, 700, 8),
    ]
    assert texts(lines) == [
        ("paragraph", f"{FULL} / which continues / below the figure {FULL}"),
        ("caption", "Figure 2: The shape of things / and how they look."),
        ("footnote", "1 This note stands at the foot of the page."),
    ]


@pytest.mark.parametrize(
    "text", ["Figure 1: X", "Fig. 12. Shapes", "Table IV", "TABLE 2 Results", "Algorithm 1 Search"]
)
def test_captions(text: str) -> None:
    assert is_caption(text)
    assert not is_caption("Figure 1 shows that things have shapes")


def test_cells_and_equations_do_not_read_as_text() -> None:
    cells = stack(["0.91 0.92", "BM25 0.31", "dense 0.42", "both 0.44", "x 1 2 3"])
    assert not reads_as_text(cells)
    assert not reads_as_text(stack(["f(x) = ∑ᵢ αᵢ xᵢ² + β (3)"]))
    assert reads_as_text(stack([FULL]))
    assert make_blocks(cells, body=10) == []
    assert isinstance(make_blocks(stack([FULL]), body=10)[0], Block)
