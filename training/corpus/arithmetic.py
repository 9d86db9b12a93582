"""Arithmetic in steps, with a calculation handed to a program: made by the project, each result checked.

A question is worked out between ``<work>`` and ``</work>``; the last step is written as a small program, whose output
the model is to read and not to guess. The expression that the program computes is evaluated here, exactly, and must
give the result that the template reached in its own way.

Source of the format: Galactica, arXiv:2211.09085, section 3.1.1.
"""

from __future__ import annotations

import ast
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from model.galactica.markers import END_WORK, START_WORK

_DECIMALS = 4
_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_PROGRAM = """calculate.py
```
result = {expression}

with open("output.txt", "w") as file:
    file.write(str(round(result, {decimals})))
```

<<run: "calculate.py">>

<<read: "output.txt">>

{answer}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A question, the steps up to the calculation, the expression of the calculation and its result."""

    question: str
    steps: tuple[str, ...]
    expression: str
    result: Fraction

    @property
    def text(self) -> str:
        """Question, work and answer as one document."""
        answer = shown(self.result)
        program = _PROGRAM.format(expression=self.expression, decimals=_DECIMALS, answer=answer)
        work = "\n".join(self.steps)
        return f"Question: {self.question}\n\n{START_WORK}\n{work}\n\n{program}\n{END_WORK}\n\nAnswer: {answer}"


def make_problem(dice: random.Random) -> Problem:
    """A problem with a result that was checked."""
    problem = dice.choice(_TEMPLATES)(dice)
    if value_of(problem.expression) != problem.result:
        raise ArithmeticError(f"{problem.expression} is not {problem.result}")
    return problem


def value_of(expression: str) -> Fraction:
    """The exact value of sums, differences, products and quotients of numbers.

    Raises:
        ValueError: It is anything else.
    """
    return _value(ast.parse(expression, mode="eval").body)


def shown(value: Fraction) -> str:
    """A result as the program prints it: whole, or rounded to four decimals."""
    return str(value.numerator) if value.denominator == 1 else str(round(float(value), _DECIMALS))


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(f"not arithmetic: {ast.unparse(node)}")


def _sum(dice: random.Random) -> Problem:
    numbers = [dice.randint(2, 9_999) for _ in range(dice.randint(2, 5))]
    steps, total = [], numbers[0]
    for number in numbers[1:]:
        steps.append(f"{total} + {number} = {total + number}")
        total += number
    listed = " + ".join(map(str, numbers))
    return Problem(question=f"What is {listed}?", steps=tuple(steps), expression=listed, result=Fraction(total))


def _difference(dice: random.Random) -> Problem:
    first, second = dice.randint(10, 99_999), dice.randint(10, 99_999)
    steps = (f"We subtract {second} from {first}.",)
    return Problem(
        question=f"Subtract {second} from {first}.", steps=steps, expression=f"{first} - {second}",
        result=Fraction(first - second),
    )  # fmt: skip


def _product(dice: random.Random) -> Problem:
    first, second = dice.randint(12, 999), dice.randint(12, 99)
    tens, ones = second // 10 * 10, second % 10
    steps = [f"{first} * {second} = {first} * {tens} + {first} * {ones}"] if ones else []
    steps.append(f"{first} * {tens} = {first * tens}")
    if ones:
        steps += [
            f"{first} * {ones} = {first * ones}",
            f"{first * tens} + {first * ones} = {first * tens + first * ones}",
        ]
    return Problem(
        question=f"Calculate {first} times {second}.", steps=tuple(steps), expression=f"{first} * {second}",
        result=Fraction(first * tens + first * ones),
    )  # fmt: skip


def _mean(dice: random.Random) -> Problem:
    numbers = [dice.randint(1, 200) for _ in range(dice.randint(3, 6))]
    total, count = sum(numbers), len(numbers)
    listed = ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"
    return Problem(
        question=f"What is the mean of {listed}?",
        steps=(
            f"The sum is {' + '.join(map(str, numbers))} = {total}.",
            f"There are {count} numbers, so we divide by {count}.",
        ),
        expression=f"({' + '.join(map(str, numbers))}) / {count}",
        result=Fraction(total, count),
    )


def _percentage(dice: random.Random) -> Problem:
    whole, percent = dice.randint(2, 400) * 5, dice.randint(1, 99)
    return Problem(
        question=f"A study has {whole} participants and {percent}% of them answered. How many answers would that be?",
        steps=(f"{percent}% is {percent} / 100.", f"We multiply {whole} by {percent} / 100."),
        expression=f"{whole} * {percent} / 100",
        result=whole * Fraction(percent, 100),
    )


def _speed(dice: random.Random) -> Problem:
    metres, seconds = dice.randint(10, 5_000), dice.randint(2, 600)
    return Problem(
        question=f"A body moves {metres} m in {seconds} s. What is its mean speed in m/s?",
        steps=("v = s / t", f"v = {metres} / {seconds}"),
        expression=f"{metres} / {seconds}",
        result=Fraction(metres, seconds),
    )


def _molarity(dice: random.Random) -> Problem:
    millimoles, millilitres = dice.randint(1, 500), dice.choice((50, 100, 200, 250, 500, 1000))
    return Problem(
        question=f"{millimoles} mmol are dissolved in {millilitres} mL. What is the concentration in mol/L?",
        steps=("c = n / V", f"n = {millimoles} / 1000 mol, V = {millilitres} / 1000 L"),
        expression=f"({millimoles} / 1000) / ({millilitres} / 1000)",
        result=Fraction(millimoles, millilitres),
    )


def _equation(dice: random.Random) -> Problem:
    factor, root, offset = dice.randint(2, 30), dice.randint(1, 60), dice.randint(1, 300)
    total = factor * root + offset
    return Problem(
        question=f"Solve {factor}x + {offset} = {total} for x.",
        steps=(f"{factor}x = {total} - {offset} = {total - offset}", f"x = {total - offset} / {factor}"),
        expression=f"({total} - {offset}) / {factor}",
        result=Fraction(root),
    )


_TEMPLATES = (_sum, _difference, _product, _mean, _percentage, _speed, _molarity, _equation)
