"""Tests of the guard against repetition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.decoding import RepetitionGuard


def scores(*values: float) -> NDArray[np.float32]:
    """Scores of a vocabulary as small as the argument list."""
    return np.array(values, dtype=np.float32)


def test_without_a_guard_the_best_token_wins() -> None:
    guard = RepetitionGuard(penalty=1.0, ngram=0)
    for _ in range(5):
        assert guard.choose(scores(1.0, 3.0, 2.0)) == 1
        guard.add(1)


def test_penalty_lowers_tokens_of_the_answer_whatever_their_sign() -> None:
    guard = RepetitionGuard(penalty=2.0, ngram=0)
    guard.add(1)
    assert guard.choose(scores(1.0, 3.0, 2.0)) == 2
    assert guard.choose(scores(-2.0, -1.5, -4.0)) == 0


def test_no_run_of_three_occurs_twice() -> None:
    guard = RepetitionGuard(penalty=1.0, ngram=3)
    answer = []
    for _ in range(30):
        answer.append(guard.choose(scores(*range(10, 0, -1))))
        guard.add(answer[-1])
    runs = [tuple(answer[start : start + 3]) for start in range(len(answer) - 2)]
    assert len(set(runs)) == len(runs)
    assert answer[:4] == [0, 0, 0, 1]


def test_a_run_of_one_forbids_every_repetition() -> None:
    guard = RepetitionGuard(penalty=1.0, ngram=1)
    answer = []
    for _ in range(3):
        answer.append(guard.choose(scores(3.0, 2.0, 1.0)))
        guard.add(answer[-1])
    assert answer == [0, 1, 2]
