"""Precision, recall, F1, and what is laid against what."""

from __future__ import annotations

from itertools import permutations
from random import Random

from app.bench.parse.scores import Score, align, match_each, match_texts, total


def test_figures() -> None:
    score = total([Score(right=1, found=2, expected=4), Score(right=2, found=2, expected=2)])
    assert (score.precision, score.recall, score.f1) == (3 / 4, 3 / 6, 2 * 3 / 10)
    nothing = Score()
    assert (nothing.precision, nothing.recall, nothing.f1) == (1, 1, 1)
    missed, extra = Score(expected=2), Score(found=2)
    assert (missed.precision, missed.recall, missed.f1) == (0, 0, 0)
    assert (extra.precision, extra.recall, extra.f1) == (0, 0, 0)


def test_texts_are_paired_once_and_the_nearest_first() -> None:
    entries = ["a" * 40, "b" * 40]
    assert match_texts(entries, ["b" * 40, "a" * 39 + "x", "a" * 40], at_least=0.9) == {0: 2, 1: 0}
    assert match_texts(["a" * 40], ["a" * 40, "a" * 40], at_least=0.9) == {0: 0}
    assert match_texts(["", "c"], ["", "c"], at_least=0.9) == {1: 1}
    assert match_texts([], ["c"], at_least=0.9) == {}


def test_entries_run_together_or_cut_are_not_the_same() -> None:
    one, two = "knuthliterateprogramming1984", "lamportlatex1994addison"
    assert match_texts([one, two], [one + two], at_least=0.9) == {}
    assert match_texts([one], [one[:14], one[14:]], at_least=0.9) == {}


def test_as_many_pairs_as_possible() -> None:
    # The first would take what only the second can have.
    assert match_each([3, 2], [6, 9], lambda one, other: other % one == 0) == {0: 1, 1: 0}


def _matched(rows: int, columns: int, fits: set[tuple[int, int]]) -> dict[int, int]:
    return match_each(range(rows), range(columns), lambda one, other: (one, other) in fits)


def test_as_many_pairs_as_a_full_search_finds() -> None:
    random = Random(1)
    for _ in range(200):
        rows, columns = random.randint(0, 5), random.randint(0, 5)
        fits = {(row, column) for row in range(rows) for column in range(columns) if random.random() < 0.4}
        pairs = _matched(rows, columns, fits)
        assert set(pairs.items()) <= fits
        assert len(set(pairs.values())) == len(pairs)
        orders = permutations([*range(columns), *[-1] * rows], rows)
        assert len(pairs) == max(sum((row, each) in fits for row, each in enumerate(order)) for order in orders)


def test_many_equal_things_are_paired() -> None:
    assert len(match_each("a" * 400, "a" * 300, lambda one, other: True)) == 300


def test_alignment_keeps_the_order() -> None:
    assert align("abcd", "xbdc", lambda one, other: float(one == other)) in ([(1, 1), (2, 3)], [(1, 1), (3, 2)])
    assert align("", "a", lambda one, other: 1.0) == []
