"""Beam search over the lean network: the prompt is read once and shared by all beams."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.galactica.network import require_finite

if TYPE_CHECKING:
    import torch

    from model.galactica.network import OptNetwork

_SPARE = 4
"""Continuations looked at for each beam: some end, and some are dropped as no different from a better one."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """New tokens with their log-probability (nats); ``finished`` unless cut by length."""

    ids: tuple[int, ...]
    log_probability: float
    finished: bool


class Distinct:
    """Tells which hypotheses count as different; by default each is, as its tokens are."""

    def ended(self, ids: tuple[int, ...]) -> Hashable | None:
        """The identity of a finished hypothesis: the best of each is kept. None refuses it."""
        return ids

    def step(self) -> Callable[[tuple[int, ...]], bool]:
        """A filter for one step's unfinished hypotheses, called best first; False drops one."""
        return lambda ids: True


def beam_search(
    network: OptNetwork,
    prompt: Sequence[int],
    *,
    beams: int,
    wanted: int,
    max_new_tokens: int,
    is_end: Callable[[list[int]], bool],
    distinct: Distinct | None = None,
) -> list[Hypothesis]:
    """The most probable continuations that beams of this width find, best first.

    Args:
        network: The model.
        prompt: Ids of the prompt, at least one; prompt and new tokens must fit the context.
        beams: Unfinished hypotheses kept at each step.
        wanted: How many continuations to return, at most.
        max_new_tokens: Length at which unfinished ones are returned as they are.
        is_end: Whether new tokens, given whole, are finished by their last.
        distinct: Which hypotheses count as different.

    Raises:
        ModelError: The model's scores are not finite.
    """
    import torch

    rules = distinct or Distinct()
    done: dict[Hashable, Hypothesis] = {}
    live: list[Hypothesis] = [Hypothesis((), 0.0, False)]
    states, cache = network.read(torch.tensor([list(prompt)], device=network.device))
    for left in range(max_new_tokens - 1, -1, -1):
        grown = _grown(live, require_finite(network.scores(states[:, -1])).log_softmax(dim=-1), beams * _SPARE)
        live, rows = [], []
        passes = rules.step()
        for row, each in grown:
            if len(live) == beams:
                break
            if is_end(list(each.ids)):
                _keep(done, rules.ended(each.ids), each)
            elif passes(each.ids):
                live.append(each)
                rows.append(row)
        best = sorted((each.log_probability for each in done.values()), reverse=True)
        # A hypothesis only loses by growing: none that lives can come before these any more.
        if not live or not left or (len(best) >= wanted and best[wanted - 1] >= live[0].log_probability):
            break
        cache = cache.select(torch.tensor(rows, device=network.device))
        states, cache = network.read(torch.tensor([[each.ids[-1]] for each in live], device=network.device), cache)
    ranked = sorted(done.values(), key=lambda each: -each.log_probability)
    return (ranked + live)[:wanted]


def _grown(live: Sequence[Hypothesis], gains: torch.Tensor, most: int) -> list[tuple[int, Hypothesis]]:
    """The best hypotheses one token longer, best first, each with the row it grew from; gains of shape (B, V)."""
    import torch

    before = torch.tensor([each.log_probability for each in live], dtype=torch.float64)
    found = (before[:, None] + gains.double().cpu()).flatten().topk(min(most, gains.numel()))
    grown: list[tuple[int, Hypothesis]] = []
    for total, spot in zip(found.values.tolist(), found.indices.tolist(), strict=True):
        row, token = divmod(spot, gains.shape[1])
        grown.append((row, Hypothesis((*live[row].ids, token), total, False)))
    return grown


def _keep(done: dict[Hashable, Hypothesis], identity: Hashable | None, each: Hypothesis) -> None:
    if identity is None:
        return
    known = done.get(identity)
    if known is None or known.log_probability < each.log_probability:
        done[identity] = Hypothesis(each.ids, each.log_probability, True)
