"""Counting and aligning: precision, recall and F1, and how what was found is laid against what is true."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """``right`` of ``found`` are right; ``expected`` were to be found."""

    right: float = 0
    found: float = 0
    expected: float = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            right=self.right + other.right, found=self.found + other.found, expected=self.expected + other.expected
        )

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found and nothing was to be."""
        return self.right / self.found if self.found else float(not self.expected)

    @property
    def recall(self) -> float:
        """Share of what was to be found that was found; 1 when nothing was to be."""
        return self.right / self.expected if self.expected else float(not self.found)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.found + self.expected
        return 2 * self.right / total if total else 1.0


def total(scores: Iterable[Score]) -> Score:
    """The micro average: all counts together."""
    return sum(scores, Score())


def match_texts(expected: Sequence[str], found: Sequence[str], *, at_least: float) -> dict[int, int]:
    """Pair texts one to one, the most similar first.

    Args:
        expected, found: Normalised texts.
        at_least: Levenshtein similarity of a pair, in [0, 1]: 1 less the edits divided by the longer text's length. Of
            two entries run together, or one cut in half, none reaches .9.

    Returns:
        Index into ``expected`` → index into ``found``. Empty texts match nothing.
    """
    if not expected or not found:
        return {}
    similar = cdist(expected, found, scorer=Levenshtein.normalized_similarity, score_cutoff=at_least, dtype=np.float32)
    rows, columns = np.nonzero(similar >= at_least)
    order = np.lexsort((columns, rows, -similar[rows, columns]))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in pairs and column not in taken and expected[row]:
            pairs[row] = column
            taken.add(column)
    return dict(sorted(pairs.items()))


def match_each(expected: Sequence[T], found: Sequence[U], same: Callable[[T, U], bool]) -> dict[int, int]:
    """Pair things one to one: as many as possible (shortest augmenting paths).

    Returns:
        Index into ``expected`` → index into ``found``.
    """
    options = [[column for column, each in enumerate(found) if same(item, each)] for item in expected]
    holder: dict[int, int] = {}
    for row in range(len(expected)):
        _place(row, options, holder)
    return dict(sorted((row, column) for column, row in holder.items()))


def _place(row: int, options: Sequence[Sequence[int]], holder: dict[int, int]) -> None:
    """Give a row one of its columns, when need be by moving others along to columns that they can have as well."""
    reached: dict[int, int] = {}
    waiting = deque([row])
    while waiting:
        current = waiting.popleft()
        for column in options[current]:
            if column in reached:
                continue
            reached[column] = current
            if column in holder:
                waiting.append(holder[column])
                continue
            _shift(column, row, reached, holder)
            return


def _shift(column: int, row: int, reached: dict[int, int], holder: dict[int, int]) -> None:
    """Move each row along the way that was found, from its free end back to the new row."""
    while True:
        mover = reached[column]
        left = next((other for other, held in holder.items() if held == mover), None)
        holder[column] = mover
        if mover == row or left is None:
            return
        del holder[left]
        column = left


def align(expected: Sequence[T], found: Sequence[U], worth: Callable[[T, U], float]) -> list[tuple[int, int]]:
    """Pair things in the same order on both sides so that the pairs are worth most (Needleman and Wunsch 1970).

    Args:
        expected, found: At most some thousands each: time and memory grow with their product.
        worth: Of a pair; 0 for one that must not be.

    Returns:
        Indices into ``expected`` and ``found``, rising in both.
    """
    best = np.zeros((len(expected) + 1, len(found) + 1))
    for row, item in enumerate(expected, start=1):
        for column, other in enumerate(found, start=1):
            together = best[row - 1, column - 1] + worth(item, other)
            best[row, column] = max(best[row - 1, column], best[row, column - 1], together)
    pairs: list[tuple[int, int]] = []
    row, column = len(expected), len(found)
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]
