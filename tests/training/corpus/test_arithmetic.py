from __future__ import annotations

import random
from fractions import Fraction

import pytest

from model.galactica.markers import SPECIAL_PATTERN
from training.corpus.arithmetic import make_problem, shown, value_of


def test_problems_are_worked_out_and_their_results_are_right() -> None:
    questions = set()
    for seed in range(300):
        problem = make_problem(random.Random(seed))
        questions.add(problem.question)
        assert problem.text.startswith("Question: ")
        assert problem.text.endswith(f"{shown(problem.result)}\n</work>\n\nAnswer: {shown(problem.result)}")
        assert SPECIAL_PATTERN.findall(problem.text) == ["<work>", "</work>"]
        assert '<<run: "calculate.py">>' in problem.text
        for step in problem.steps:
            left, equals, right = step.partition(" = ")
            if equals and set(step) <= set("0123456789+*-/= ()"):
                assert all(value_of(side) == value_of(left) for side in right.split(" = "))
    assert len(questions) > 250


@pytest.mark.parametrize(
    ("expression", "value"),
    [("1 + 2 * 3", Fraction(7)), ("-(3 - 10) / 2", Fraction(7, 2)), ("0.1 + 0.2", Fraction(3, 10))],
)
def test_expressions_have_exact_values(expression: str, value: Fraction) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize("expression", ["__import__('os')", "x", "2 ** 999", "'a' * 3", "True + 1", "(1).real"])
def test_nothing_but_arithmetic_is_evaluated(expression: str) -> None:
    with pytest.raises(ValueError, match="not arithmetic"):
        value_of(expression)


def test_the_same_dice_give_the_same_problem() -> None:
    assert make_problem(random.Random(5)).text == make_problem(random.Random(5)).text


@pytest.mark.parametrize(("value", "text"), [(Fraction(8, 2), "4"), (Fraction(1, 3), "0.3333"), (Fraction(-5), "-5")])
def test_results_read_as_the_program_prints_them(value: Fraction, text: str) -> None:
    assert shown(value) == text
