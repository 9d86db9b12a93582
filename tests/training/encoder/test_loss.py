from __future__ import annotations

import pytest
import torch

from training.encoder.loss import contrast, known_answers


def test_further_answers_of_a_place_are_no_negatives() -> None:
    known = known_answers([("a", "b"), ("c",)], ["a", "c"], ["a", "c", "b", "a", "d"])
    assert known.tolist() == [[False, False, True, True, False], [False] * 5]


def test_two_places_with_one_target_do_not_repel_each_other() -> None:
    known = known_answers([("a",), ("a",)], ["a", "a"], ["a", "a"])
    assert known.tolist() == [[False, True], [True, False]]


def test_the_loss_is_the_cross_entropy_of_scaled_cosines() -> None:
    torch.manual_seed(0)
    queries, works = (torch.nn.functional.normalize(torch.randn(count, 4), dim=-1) for count in (3, 5))
    none = torch.zeros((3, 5), dtype=torch.bool)
    by_hand = -torch.log_softmax(7.0 * queries @ works.T, dim=1).diagonal().mean()
    assert float(contrast(queries, works, none, scale=7.0)) == pytest.approx(float(by_hand), rel=1e-6)


def test_masked_works_do_not_count() -> None:
    queries = torch.tensor([[1.0, 0.0]])
    works = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    hidden = torch.tensor([[False, True]])
    assert float(contrast(queries, works, hidden, scale=20.0)) == pytest.approx(0.0)
    assert float(contrast(queries, works, ~hidden & hidden, scale=20.0)) > 10
