from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.pdf.formulas import equation_number, find_formulas, is_monospaced
from indexer.pdf.geometry import Line
from tests.indexer.pdf.lines import line, stack

TEXT = "a line of running text that goes on and fills the column of"


def found(lines: list[Line]) -> list[list[str]]:
    return [[lines[position].text for position in run] for run in find_formulas(lines, pitch=12)]


def test_a_displayed_equation_is_found_between_lines_of_text_with_its_number() -> None:
    lines = [
        *stack([TEXT, "which we write as"], y=100),
        line("n", 160, 128, 7),
        line("s(q, d) = ∑ wᵢ · tf(i, d)", 140, 136),
        line("i=1", 158, 144, 7),
        line("(3)", 357, 136),
        *stack(["where the weights w are those of the words in the query", TEXT], y=160),
    ]
    assert found(lines) == [["n", "s(q, d) = ∑ wᵢ · tf(i, d)", "i=1", "(3)"]]
    assert equation_number(lines[2:6]) == "3"


@pytest.mark.parametrize("number", ["(12)", "(A.1)", "(3.4)", "(2a)", "(S5)"])
def test_forms_of_numbers(number: str) -> None:
    assert equation_number([line("a = b", 140), line(number, 372 - 5 * len(number))]) == number[1:-1]


def test_a_number_within_the_text_is_none_of_an_equation() -> None:
    assert equation_number([line("f (3)", 100)]) == ""


def test_the_end_of_a_paragraph_is_no_display() -> None:
    assert found([*stack([TEXT, "x = y + z ≤ 1"]), line(TEXT, 72, 130)]) == []


def test_tables_and_plots_and_programs_are_no_equations() -> None:
    assert found(stack(["0.91 0.92", "0.31 0.33", "0.42 0.44"], x=140)) == []
    assert found([line("0.2", 100 + 9 * row, 100 + row, 7) for row in range(60)]) == []
    program = [replace(item, font="CMTT10") for item in stack(["x = f(y)", "z <- g(x)"], x=140)]
    assert is_monospaced(program[0])
    assert found(program) == []


def test_the_font_tells_letters_of_mathematics() -> None:
    plain = line("A  B", 140)
    arrow = line("X → Y", 140, 112)
    in_font = [
        replace(item, spans=tuple(replace(span, font="CMMI10") for span in item.spans)) for item in (plain, arrow)
    ]
    assert found([line(TEXT, 72, 80), *in_font, line(TEXT, 72, 140)]) == [["A  B", "X → Y"]]
