"""The loss: each place must be nearer to its target than to all other works at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def known_answers(targets: Sequence[Sequence[str]], keys: Sequence[str], works: Sequence[str]) -> Tensor:
    """Where a work is cited at the place too and so is no negative; shape (B, W), False at each row's own target.

    Args:
        targets: Keys of all works cited at each of B places.
        keys: The target of each place that is learned now.
        works: Keys of W works, of which the first B are those of ``keys``.
    """
    import torch

    table = torch.zeros((len(targets), len(works)), dtype=torch.bool)
    for row, cited in enumerate(targets):
        answers = {*cited, keys[row]}
        for column, work in enumerate(works):
            if work in answers and column != row:
                table[row, column] = True
    return table


def contrast(queries: Tensor, works: Tensor, known: Tensor, *, scale: float) -> Tensor:
    """Mean cross-entropy of the softmax of scaled cosines over all works that are no further answers.

    Args:
        queries: Unit vectors of places, shape (B, D).
        works: Unit vectors, shape (W, D), the target of place ``i`` at ``i``.
        known: Shape (B, W); True leaves a work out of a row.
        scale: What cosines are multiplied by.

    Source: arXiv:1705.00652, section 4.4.
    """
    import torch

    scores = (queries @ works.T * scale).masked_fill(known, float("-inf"))
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(queries)))
