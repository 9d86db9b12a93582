"""Sorted token sequences in flat arrays: what a trie of titles is made of.

A trie of a million titles as linked nodes would take gigabytes. Here the sequences stay as they came, one after the
other, and two small arrays sort them: ``order`` names them in lexical order, ``shared`` tells how many tokens each has
in common with the one before it. All titles that begin alike are then a run of rows, and its branches at depth d begin
where ``shared`` is at most d. Adding a title moves the two small arrays and nothing else.

Source: suffix arrays with longest common prefixes, Manber and Myers 1993 (SIAM J. Comput. 22:935).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_TITLE_TOKENS = 96
"""Longest sequence, so that a hostile title leaves room for the context."""
SAME = int(np.iinfo(np.uint8).max)
"""In ``shared``: the row equals the one before it."""

_PACKED_TOKENS, _TOKEN_BITS = 3, 21
MOST_TOKENS = 2**_TOKEN_BITS - 1
"""Vocabularies must be smaller than this."""


@dataclass(frozen=True, slots=True)
class TitleRows:
    """The sorted titles at one moment: nothing but priors ever changes, so readers need no lock.

    Args:
        tokens: Shape (tokens,), the sequences one after the other; each ends with the closing marker.
        starts: Shape (S + 1,), where the sequence of each slot begins and the last one ends.
        ids: Shape (S,), the caller's number of the title in each slot.
        order: Shape (N,), slots in lexical order of their sequences. N < S after removals.
        shared: Shape (N,), leading tokens in common with the row before; ``SAME`` where the two are equal.
        priors: Shape (tokens,), log-probability without any context of each sequence up to and including each token;
            NaN where it is not known yet.
    """

    tokens: NDArray[np.unsignedinteger[Any]]
    starts: NDArray[np.int64]
    ids: NDArray[np.int64]
    order: NDArray[np.int32]
    shared: NDArray[np.uint8]
    priors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.order)

    @property
    def nbytes(self) -> int:
        """What all arrays take in memory."""
        arrays = (self.tokens, self.starts, self.ids, self.order, self.shared, self.priors)
        return sum(array.nbytes for array in arrays)

    def sequence(self, row: int) -> NDArray[np.unsignedinteger[Any]]:
        """The tokens of a row, the closing marker included."""
        slot = self.order[row]
        return self.tokens[self.starts[slot] : self.starts[slot + 1]]

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many tokens these rows have."""
        slots = self.order[rows]
        return self.starts[slots + 1] - self.starts[slots]

    def ids_between(self, start: int, stop: int) -> NDArray[np.int64]:
        """The caller's numbers of the rows in [start, stop)."""
        return self.ids[self.order[start:stop]]

    def rows_of(self, numbers: Sequence[int]) -> NDArray[np.int64]:
        """The rows of these of the caller's numbers, in lexical order; numbers without a row are left out."""
        return np.flatnonzero(np.isin(self.ids[self.order], np.asarray(numbers, np.int64)))

    def branches(self, start: int, stop: int, depth: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How the titles of a node go on.

        Args:
            start, stop: The node: a run of rows that share their first ``depth`` tokens, not empty.
            depth: Tokens read so far; less than the length of any of these rows.

        Returns:
            The next tokens, ascending, and the rows where their runs begin; the last one ends at ``stop``.
        """
        begins = np.flatnonzero(self.shared[start + 1 : stop] <= depth) + (start + 1)
        begins = np.concatenate(([start], begins))
        return self.tokens[self.starts[self.order[begins]] + depth].astype(np.int64), begins

    def distinct(self, start: int, stop: int) -> NDArray[np.int64]:
        """Rows of [start, stop) without repetitions: the first of each run of equal sequences."""
        different = np.flatnonzero(self.shared[start + 1 : stop] != SAME) + (start + 1)
        return np.concatenate(([start], different))

    def first_equal(self, row: int) -> int:
        """The first of the rows that are equal to this one."""
        while self.shared[row] == SAME:
            row -= 1
        return row

    def equal_until(self, row: int) -> int:
        """Where the run of rows equal to this one ends."""
        stop = row + 1
        while stop < len(self.order) and self.shared[stop] == SAME:
            stop += 1
        return stop

    def prior(self, rows: NDArray[np.int64], depth: int | NDArray[np.int64]) -> NDArray[np.float32]:
        """Log-probability without context of the first ``depth`` tokens of these rows; NaN where not known yet."""
        found: NDArray[np.float32] = self.priors[self.starts[self.order[rows]] + depth - 1]
        return found

    def remember_prior(self, row: int, totals: NDArray[np.float32]) -> None:
        """Keep the log-probability of a row without context, up to and including each of its tokens."""
        start = self.starts[self.order[row]]
        self.priors[start : start + len(totals)] = totals


def lexical_order(tokens: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Sort sequences by a few tokens at a time, looking further only where these are equal; equal ones stay in order.

    Args:
        tokens: Shape (tokens,), the sequences one after the other. None is the beginning of another.
        starts: Shape (S + 1,), where each begins and the last one ends.
    """
    order = np.arange(len(starts) - 1)
    tied, group = order.copy(), np.zeros(len(order), np.int64)  # rows still to sort, and the ties they stand in
    depth = 0
    while len(tied):
        slots = order[tied]
        keys = _packed(tokens, starts[slots], starts[slots + 1], depth)
        by_key = np.lexsort((keys, group))
        order[tied], keys, group = slots[by_key], keys[by_key], group[by_key]
        new = np.ones(len(tied) + 1, bool)  # where a tie begins
        new[1:-1] = (keys[1:] != keys[:-1]) | (group[1:] != group[:-1])
        unended = (keys & ((1 << _TOKEN_BITS) - 1)) != 0
        still = ~(new[:-1] & new[1:]) & unended
        tied, group = tied[still], np.cumsum(new[:-1])[still]
        depth += _PACKED_TOKENS
    return order.astype(np.int32)


def shared_prefixes(
    tokens: NDArray[np.int64], starts: NDArray[np.int64], order: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """How many tokens each row has in common with the row before it; ``SAME`` when all."""
    shared = np.zeros(len(order), np.uint8)
    rows, depth = np.arange(1, len(order)), 0
    ends = starts[1:]
    while len(rows):
        one, other = order[rows - 1], order[rows]
        ended = (starts[one] + depth == ends[one]) & (starts[other] + depth == ends[other])
        shared[rows] = np.where(ended, SAME, depth)
        # A sequence that ends here cannot go on equal to another: none is the beginning of another.
        rows, one, other = rows[~ended], one[~ended], other[~ended]
        rows = rows[tokens[starts[one] + depth] == tokens[starts[other] + depth]]
        depth += 1
    return shared


def shared_by(one: NDArray[Any], other: NDArray[Any]) -> int:
    """How many leading tokens two sequences have in common; ``SAME`` when they are equal."""
    common = min(len(one), len(other))
    different = np.flatnonzero(one[:common] != other[:common])
    return int(different[0]) if len(different) else SAME


def gathered(
    rows: TitleRows, slots: NDArray[np.int64] | NDArray[np.int32]
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.float32]]:
    """The sequences of these slots, one after the other: tokens, lengths and priors."""
    begins = rows.starts[slots]
    lengths = rows.starts[np.asarray(slots) + 1] - begins
    ends = np.cumsum(lengths)
    index = np.repeat(begins - (ends - lengths), lengths) + np.arange(int(lengths.sum()))
    return rows.tokens[index], lengths, rows.priors[index]


def compacted(rows: TitleRows) -> TitleRows:
    """The same rows without the slots of removed titles."""
    slots = np.sort(rows.order)
    tokens, lengths, priors = gathered(rows, slots)
    return TitleRows(
        tokens=tokens,
        starts=np.concatenate(([0], np.cumsum(lengths))),
        ids=rows.ids[slots],
        order=np.searchsorted(slots, rows.order).astype(np.int32),
        shared=rows.shared,
        priors=priors,
    )


def with_room(rows: TitleRows, *, titles: int, tokens: int) -> TitleRows:
    """The same rows with room behind their slots for so many more titles and tokens."""
    return TitleRows(
        tokens=np.pad(rows.tokens, (0, tokens)),
        starts=np.pad(rows.starts, (0, titles)),
        ids=np.pad(rows.ids, (0, titles)),
        order=rows.order,
        shared=rows.shared,
        priors=np.pad(rows.priors, (0, tokens), constant_values=np.nan),
    )


def _packed(
    tokens: NDArray[np.int64], begins: NDArray[np.int64], ends: NDArray[np.int64], depth: int
) -> NDArray[np.int64]:
    """A few tokens from ``depth`` on as one number that sorts alike; what lies behind the end counts least."""
    keys = np.zeros(len(begins), np.int64)
    for place in range(depth, depth + _PACKED_TOKENS):
        inside = begins + place < ends
        token = tokens[np.where(inside, begins + place, 0)] + 1
        keys = (keys << _TOKEN_BITS) | np.where(inside, token, 0)
    return keys
