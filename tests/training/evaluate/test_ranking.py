from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from tests.training.evaluate.papers import make_place, quiet
from training.evaluate.ranking import MostCited, best, stacked


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 20))
def test_the_best_are_those_of_a_full_sort(scores: list[int], top: int) -> None:
    expected = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:top]
    found, values = best(np.array(scores), top)
    assert found.tolist() == expected
    assert values.tolist() == [scores[index] for index in expected]


def test_scores_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ModelError, match="not numbers"):
        best(np.array([1.0, np.nan]))
    with pytest.raises(ModelError, match="not numbers"):
        stacked([([1, 2], [0.5, float("nan")])])


def test_lists_are_cut_and_filled() -> None:
    ranking = stacked([([5, 6, 7], [3.0, 2.0, 1.0]), ([], [])], width=2)
    assert ranking.indices.tolist() == [[5, 6], [-1, -1]]
    assert ranking.scores.tolist() == [[3.0, 2.0], [-np.inf, -np.inf]]
    assert ranking.first.tolist() == [5, -1]


def test_most_cited_says_the_same_everywhere() -> None:
    ranking = MostCited(np.array([1, 4, 0, 4])).rank([make_place("a"), make_place("b")], on_progress=quiet)
    assert ranking.indices.tolist() == [[1, 3, 0, 2]] * 2
