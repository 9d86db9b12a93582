"""Greedy decoding: a cached language model as steps, and the guard that keeps a small one from going in circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Decoder(Protocol):
    """A language model that remembers what it has read. One sequence at a time."""

    def restart(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Forget everything and read a prompt; scores of the next token, shape (V,)."""
        ...

    def step(self, token: int) -> NDArray[np.float32]:
        """Read one more token; scores of the next, shape (V,)."""
        ...


class TransformersDecoder:
    """Any causal model of transformers with its own key-value cache."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._cache: Any = None

    def restart(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Forget everything and read a prompt; scores of the next token, shape (V,)."""
        self._cache = None
        return self._forward(ids)

    def step(self, token: int) -> NDArray[np.float32]:
        """Read one more token; scores of the next, shape (V,)."""
        return self._forward([token])

    def _forward(self, ids: Sequence[int]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            output = self._model(
                input_ids=torch.tensor([list(ids)]),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
            self._cache = output.past_key_values
            scores: NDArray[np.float32] = output.logits[0, -1].float().numpy()
        return scores


class RepetitionGuard:
    """Chooses the best token that does not repeat the answer so far.

    Args:
        penalty: Scores of tokens that occur in the answer are divided by it when positive, else multiplied; 1 is off.
        ngram: A token that would complete a run of this many tokens for the second time is refused; 0 is off.

    Source: CTRL, arXiv:1909.05858, section 4.1 (penalty); arXiv:1705.04304, section 2.5 (no repeated n-gram).
    """

    def __init__(self, *, penalty: float, ngram: int) -> None:
        self._penalty = penalty
        self._ngram = ngram
        self._answer: list[int] = []
        self._followers: dict[tuple[int, ...], set[int]] = {}

    def choose(self, scores: NDArray[np.float32]) -> int:
        """The best allowed token for scores of shape (V,), which is changed in place."""
        import numpy as np

        seen = sorted(set(self._answer))
        if seen and self._penalty != 1.0:
            values = scores[seen]
            scores[seen] = np.where(values > 0, values / self._penalty, values * self._penalty)
        if self._ngram > 0:
            refused = self._followers.get(self._tail())
            if refused:
                scores[sorted(refused)] = float("-inf")
        return int(scores.argmax())

    def add(self, token: int) -> None:
        """Take note of a token that became part of the answer."""
        if self._ngram > 0 and len(self._answer) >= self._ngram - 1:
            self._followers.setdefault(self._tail(), set()).add(token)
        self._answer.append(token)

    def _tail(self) -> tuple[int, ...]:
        length = self._ngram - 1
        return tuple(self._answer[len(self._answer) - length :]) if length <= len(self._answer) else (-1,)
