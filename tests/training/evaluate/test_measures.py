from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.measures import BUCKETS, MEASURES, bucket_of, ks_distance, measured, outcomes, ranks
from training.evaluate.ranking import NOBODY, stacked


def test_ranks_and_outcomes_by_hand() -> None:
    ranking = stacked([([4, 2, 7], [3.0, 2.0, 1.0]), (list(range(20)), list(range(20, 0, -1))), ([], [])])
    places = np.array([0, 0, 1, 1, 2, 0])
    targets = np.array([4, 7, 11, 50, 4, NOBODY])
    rank = ranks(ranking, places, targets)
    assert rank.tolist() == [1, 3, 12, np.inf, np.inf, np.inf]
    rows = outcomes(rank, np.array([1.0, 1, 0, 0, 0, 1]))
    assert MEASURES == ("hit@1", "right first", "recall@10", "recall@100", "MRR")
    assert rows[0].tolist() == [1, 1, 1, 1, 1]
    assert rows[1].tolist() == [0, 1, 1, 1, pytest.approx(1 / 3)]
    assert rows[2].tolist() == [0, 0, 0, 1, pytest.approx(1 / 12)]
    assert rows[3].tolist() == [0, 0, 0, 0, 0]
    assert rows[5].tolist() == [0, 1, 0, 0, 0]
    assert rows[:, 4].mean() == pytest.approx((1 + 1 / 3 + 1 / 12) / 6)


def test_a_target_that_is_no_candidate_is_not_found_among_the_empty_places_of_a_list() -> None:
    assert ranks(stacked([([3], [1.0])]), np.array([0]), np.array([NOBODY])).tolist() == [np.inf]


def test_no_pairs_give_no_ranks() -> None:
    empty = np.empty(0, dtype=np.int64)
    assert outcomes(ranks(stacked([]), empty, empty), np.empty(0)).shape == (0, 5)


def test_lists_of_one_are_held_to_their_first_alone() -> None:
    assert measured(1) == ("hit@1", "right first")
    assert measured(100) == MEASURES


def test_ks_distance_by_hand() -> None:
    assert ks_distance(np.array([1, 2, 3]), np.array([1, 2, 3])) == 0
    assert ks_distance(np.array([0, 0]), np.array([5, 9])) == 1
    # At 1, half of the first and a quarter of the second lie below or there.
    assert ks_distance(np.array([1, 3]), np.array([1, 2, 4, 4])) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="empty"):
        ks_distance(np.array([]), np.array([1]))


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_ks_distance_is_that_of_the_definition(first: list[int], second: list[int]) -> None:
    def below(sample: list[int], value: int) -> float:
        return sum(each <= value for each in sample) / len(sample)

    expected = max(abs(below(first, value) - below(second, value)) for value in range(10))
    assert ks_distance(np.array(first), np.array(second)) == pytest.approx(expected)


@given(st.integers(0, 10_000))
def test_every_count_is_in_the_bucket_that_names_it(count: int) -> None:
    _, low, high = BUCKETS[bucket_of(np.array([count]))[0]]
    assert low <= count <= (count if high is None else high)
