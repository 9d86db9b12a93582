"""Settings of the encoder's training, as values."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderRecipe:
    """How the encoder is tuned. Runs of one recipe on one data are equal, interrupted or not."""

    steps: int = 400
    batch: int = 96
    """Places of a step; each brings one of its targets."""
    hard: int = 32
    """Titles of a step that BM25 finds for places but that their papers do not cite."""
    learning_rate: float = 2e-4
    warm_up: int = 20
    decay: float = 0.5
    """Share of the steps, at the end, over which the rate falls to zero."""
    weight_decay: float = 0.01
    clip: float = 1.0
    scale: float = 20.0
    """What cosines are multiplied by: the softmax' inverse temperature."""
    untitled: float = 0.15
    """Share of places that are learned without the title of their paper, which is not always known."""
    query_tokens: int = 160
    work_tokens: int = 96
    micro_batch: int = 16
    """Texts computed at a time: small groups stay in the cache and waste little on padding."""
    frozen_layers: int = 2
    """The first layers, which know words more than meaning, stay as they are: a step takes a quarter less time."""
    seed: int = 17

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 2 or self.micro_batch < 1:
            raise InputError("an encoder needs at least one step of two places", hint="Raise --steps or --batch.")
        if not 0 < self.learning_rate < 1:
            raise InputError(f"learning rate {self.learning_rate} is not between 0 and 1", hint="2e-4 is usual.")

    def rate(self, step: int) -> float:
        """The learning rate of a step: it rises, stays, and falls to zero (WSD, arXiv:2404.06395)."""
        rising = min(1.0, (step + 1) / max(1, self.warm_up))
        falling = min(1.0, (self.steps - step) / max(1.0, self.decay * self.steps))
        return self.learning_rate * rising * falling

    @property
    def first_falling(self) -> int:
        """The step at which the rate begins to fall: until then a run may still be made longer or shorter."""
        return int(self.steps * (1 - self.decay))
