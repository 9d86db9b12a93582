"""Intervals and tests by resampling papers: places of one paper resemble each other and are drawn together.

Every ranker is measured on the same draws, so differences are paired. Source: Efron and Tibshirani, An Introduction to
the Bootstrap (1993), chapters 13 and 16; resampling of clusters as in Cameron, Gelbach and Miller (2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluate.ranking import Floats, Ints

RESAMPLES = 10_000
_BLOCK = 500
"""Draws computed at once: bounds memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean with the interval that holds 95% of its resampled values."""

    value: float
    low: float
    high: float


class PairedBootstrap:
    """The means of pairs under 10,000 draws of papers with replacement.

    Args:
        papers: The paper of each pair, as numbers; shape (P,).
        seed: Of the draws: the same for all rankers.
        resamples: How many draws.

    Raises:
        ValueError: There are no pairs.
    """

    def __init__(self, papers: Ints, *, seed: int, resamples: int = RESAMPLES) -> None:
        if not len(papers):
            raise ValueError("no pairs to resample")
        _, self._paper = np.unique(papers, return_inverse=True)
        self.papers = int(self._paper.max()) + 1
        even = np.full(self.papers, 1.0 / self.papers)
        draw = np.random.default_rng(seed)
        # Made once, since all rankers are measured on the same draws: how often each paper is in each of them.
        self._weights = np.concatenate(
            [draw.multinomial(self.papers, even, size=len(block)).astype(np.uint16) for block in _blocks(resamples)]
        )

    def means(self, values: Floats, chosen: NDArray[np.bool_] | None = None) -> Floats:
        """The mean of the values in each draw.

        Args:
            values: Shape (P, M).
            chosen: Which pairs count, shape (P,); all by default. A draw without any of them is left out of
                the intervals (it is nan).

        Returns:
            Shape (resamples, M).
        """
        keep = slice(None) if chosen is None else chosen
        paper = self._paper[keep]
        pairs = np.bincount(paper, minlength=self.papers).astype(np.float64)
        sums = np.stack(
            [np.bincount(paper, weights=column, minlength=self.papers) for column in values[keep].T], axis=1
        )
        found = np.empty((len(self._weights), values.shape[1]))
        for block in _blocks(len(self._weights)):
            weights = self._weights[block.start : block.stop].astype(np.float64)
            drawn = (weights @ pairs)[:, None]
            found[block.start : block.stop] = np.divide(
                weights @ sums, drawn, out=np.full((len(weights), values.shape[1]), np.nan), where=drawn > 0
            )
        return found


def _blocks(count: int) -> list[range]:
    return [range(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]


def interval(value: float, draws: Floats) -> Estimate:
    """A mean with the 2.5% and 97.5% points of its draws, shape (resamples,)."""
    low, high = np.nanpercentile(draws, [2.5, 97.5]) if np.isfinite(draws).any() else (np.nan, np.nan)
    return Estimate(value=float(value), low=float(low), high=float(high))


def p_value(differences: Floats) -> float:
    """How probable a difference as large is by chance, both sides: from paired draws of it, shape (resamples,).

    Draws at zero count for both sides, and one draw more than there are keeps it above zero.
    """
    drawn = differences[np.isfinite(differences)]
    side = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return min(1.0, 2.0 * (side + 1) / (len(drawn) + 1))
