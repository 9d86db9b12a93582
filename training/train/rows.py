"""Which rows a step reads: a function of the seed and a counter, so that nothing but the counter has to be kept."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError


class Shards(Protocol):
    """Packed rows of token ids."""

    @property
    def rows(self) -> int:
        """Number of rows N."""
        ...

    @property
    def row_tokens(self) -> int:
        """Length T of a row."""
        ...

    def __getitem__(self, index: int, /) -> NDArray[np.uint16]:
        """One row, shape (T,)."""
        ...


class RowOrder:
    """All rows of a set once an epoch, shuffled anew in each."""

    def __init__(self, rows: int, *, seed: int) -> None:
        self._rows = rows
        self._seed = seed
        self._epoch = -1
        self._order: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def __getitem__(self, position: int) -> int:
        """The row that stands at a position counted from the start of training."""
        epoch, place = divmod(position, self._rows)
        if epoch != self._epoch:
            self._order = np.random.default_rng((self._seed, epoch)).permutation(self._rows)
            self._epoch = epoch
        return int(self._order[place])


class RowSource:
    """The rows of a run in their order.

    Args:
        shards: Packed rows.
        seed: Decides the order.

    Raises:
        InputError: There are no rows.
    """

    def __init__(self, shards: Shards, *, seed: int) -> None:
        if shards.rows < 1:
            raise InputError("The shards hold no rows", hint="Build them from more papers: galacite corpus build")
        self._shards = shards
        self._order = RowOrder(shards.rows, seed=seed)

    def take(self, start: int, count: int) -> NDArray[np.int64]:
        """Rows at the positions from ``start`` on, shape (count, T)."""
        rows = [self._shards[self._order[position]] for position in range(start, start + count)]
        return np.stack(rows).astype(np.int64)

    def spread(self, count: int) -> NDArray[np.int64]:
        """At most ``count`` rows at even distances, always the same, shape (N, T)."""
        chosen = np.unique(np.linspace(0, self._shards.rows - 1, num=min(count, self._shards.rows)).astype(int))
        return np.stack([self._shards[int(row)] for row in chosen]).astype(np.int64)
