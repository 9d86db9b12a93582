"""How to continue a text, and the choice of the next token.

Source: nucleus sampling, arXiv:1904.09751, section 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    import torch

_COLDEST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOptions:
    """How to continue a text. Greedy unless ``temperature``, ``top_p`` or ``top_k`` asks for sampling.

    ``new_doc`` begins a document: the text follows ``</s>``. ``seed`` makes sampling repeatable, whatever else is in
    the batch; None draws one. ``stop`` holds strings that end the text and are cut off. With ``specials`` the text's
    ``[START_REF]`` and the like are the tokens they name; without, plain characters.

    Raises:
        InputError: A value is out of range, or contradicts another.
    """

    max_new_tokens: int = 64
    new_doc: bool = False
    top_p: float | None = None
    top_k: int | None = None
    temperature: float | None = None
    num_beams: int = 1
    num_return_sequences: int = 1
    return_full_text: bool = True
    seed: int | None = None
    stop: tuple[str, ...] = ()
    specials: bool = True

    def __post_init__(self) -> None:
        _require(self.max_new_tokens >= 1, "max_new_tokens", "at least 1")
        _require(self.top_p is None or 0 < self.top_p <= 1, "top_p", "above 0 and at most 1")
        _require(self.top_k is None or self.top_k >= 1, "top_k", "at least 1")
        _require(self.temperature is None or 0 < self.temperature < 100, "temperature", "above 0 and below 100")
        _require(1 <= self.num_beams <= 256, "num_beams", "from 1 to 256")
        _require(self.num_return_sequences >= 1, "num_return_sequences", "at least 1")
        _require(self.seed is None or 0 <= self.seed < 2**63, "seed", "from 0 to 2^63")
        _require(all(self.stop), "stop", "strings that are not empty")
        _require(self.num_beams == 1 or not self.sampled, "num_beams", "1 when top_p, top_k or temperature is given")
        _require(
            self.sampled or self.num_return_sequences <= self.num_beams,
            "num_return_sequences",
            "at most num_beams, unless top_p, top_k or temperature asks for sampling",
        )

    @property
    def sampled(self) -> bool:
        """Whether tokens are drawn at random."""
        return any(each is not None for each in (self.temperature, self.top_p, self.top_k))


class Chooser:
    """Chooses the next token of each row: the best, or one drawn by the row's own chance."""

    def __init__(self, options: GenerationOptions, numbers: Sequence[int]) -> None:
        import torch

        self._options = options
        self._chances: list[torch.Generator] = []
        if options.sampled:
            seed = options.seed if options.seed is not None else torch.Generator().seed() % 2**62
            self._chances = [torch.Generator().manual_seed((seed + number) % 2**63) for number in numbers]

    def __call__(self, scores: torch.Tensor, active: Sequence[int]) -> tuple[list[int], list[float]]:
        """Tokens of the active rows and their log-probabilities, from scores of shape (B, V)."""
        import torch

        plain = scores.log_softmax(dim=-1)
        if not self._options.sampled:
            best = plain.max(dim=-1)
            return best.indices.tolist(), best.values.tolist()
        weights, tokens = self._weights(scores).sort(dim=-1, descending=True, stable=True)
        reach = weights.cumsum(dim=-1)
        if self._options.top_p is not None:
            weights = weights.masked_fill(reach - weights >= self._options.top_p, 0.0)
            reach = weights.cumsum(dim=-1)
        drawn = torch.stack([torch.rand(1, generator=self._chances[index]) for index in active]).to(scores.device)
        spots = torch.searchsorted(reach, drawn * reach[:, -1:], right=True)
        spots = spots.minimum((weights > 0).sum(dim=-1, keepdim=True) - 1)  # rounding may reach beyond the last
        chosen = tokens.gather(-1, spots)
        return chosen[:, 0].tolist(), plain.gather(-1, chosen)[:, 0].tolist()

    def _weights(self, scores: torch.Tensor) -> torch.Tensor:
        # The best is 0 before it is divided: however cold, no score becomes infinite, nor the divisor nothing in fp32.
        temperature = max(self._options.temperature or 1.0, _COLDEST)
        scaled = (scores - scores.amax(dim=-1, keepdim=True)) / temperature
        if self._options.top_k is not None and self._options.top_k < scaled.shape[-1]:
            least = scaled.topk(self._options.top_k, dim=-1).values[:, -1:]
            scaled = scaled.masked_fill(scaled < least, float("-inf"))
        return scaled.softmax(dim=-1)


def _require(fits: bool, name: str, wanted: str) -> None:
    if not fits:
        raise InputError(f"{name} must be {wanted}", hint="See: galacite generate --help")
