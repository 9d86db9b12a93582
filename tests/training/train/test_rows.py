"""The order of rows is a function of the seed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import InputError
from training.train.rows import RowOrder, RowSource


class Numbers:
    """Rows that hold their own number."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.row_tokens = 3

    def __getitem__(self, index: int, /) -> NDArray[np.uint16]:
        return np.full(3, index, dtype=np.uint16)


def test_each_epoch_has_every_row_once_in_an_order_of_its_own() -> None:
    order = RowOrder(10, seed=3)
    epochs = [[order[10 * epoch + place] for place in range(10)] for epoch in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert epochs[0] != epochs[1]
    assert [RowOrder(10, seed=3)[place] for place in range(10)] == epochs[0]
    assert [RowOrder(10, seed=4)[place] for place in range(10)] != epochs[0]


def test_batches_may_cross_epochs_and_be_cut_anywhere() -> None:
    source = RowSource(Numbers(7), seed=1)
    whole = source.take(0, 20)
    assert whole.shape == (20, 3)
    assert np.array_equal(np.concatenate([source.take(0, 6), source.take(6, 9), source.take(15, 5)]), whole)


def test_rows_spread_over_the_set() -> None:
    assert RowSource(Numbers(9), seed=1).spread(3)[:, 0].tolist() == [0, 4, 8]
    assert RowSource(Numbers(2), seed=1).spread(5)[:, 0].tolist() == [0, 1]


def test_no_rows() -> None:
    with pytest.raises(InputError, match="no rows"):
        RowSource(Numbers(0), seed=1)
