"""The loss of a language model in which some tokens spell citations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.corpus.packing import Marks

if TYPE_CHECKING:
    import torch
    from transformers import OPTForCausalLM


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Mean loss per token in nats: of the text, of the citations (0 without any), and how many tokens each has."""

    text: float
    citation: float
    text_tokens: int
    citation_tokens: int

    @property
    def all(self) -> float:
        """Mean over all tokens."""
        tokens = max(1, self.text_tokens + self.citation_tokens)
        return (self.text * self.text_tokens + self.citation * self.citation_tokens) / tokens

    @classmethod
    def from_sums(cls, sums: torch.Tensor) -> Losses:
        """Means from the sums of ``loss_sums``, shape (4,)."""
        text, text_tokens, citation, citation_tokens = sums.tolist()
        return cls(
            text=text / max(1.0, text_tokens),
            citation=citation / max(1.0, citation_tokens),
            text_tokens=int(text_tokens),
            citation_tokens=int(citation_tokens),
        )


def citation_mask(ids: torch.Tensor, marks: Marks) -> torch.Tensor:
    """Mark the tokens that spell a citation: strictly after [START_REF], up to and including [END_REF].

    Args:
        ids: Token ids, shape (B, T).
        marks: Ids of the markers.

    Returns:
        Shape (B, T), of booleans.

    Source: Galactica, arXiv:2211.09085, section 3.1.1.
    """
    return _last_before(ids == marks.start_ref) > _last_before(ids == marks.end_ref)


def _last_before(marked: torch.Tensor) -> torch.Tensor:
    """For each place the last marked one strictly before it, counted from 1; 0 without any. Shape (B, T) as given."""
    import torch

    places = torch.arange(1, marked.shape[1] + 1, device=marked.device) * marked
    return torch.cat((torch.zeros_like(places[:, :1]), places.cummax(dim=1).values[:, :-1]), dim=1)


def token_weights(ids: torch.Tensor, marks: Marks, citation_weight: float) -> torch.Tensor:
    """Weight of each token as a target, shape (B, T) like ``ids``: padding and the first of a row are no targets."""
    weights = 1.0 + (citation_weight - 1.0) * citation_mask(ids, marks).float()
    weights = weights * (ids != marks.pad)
    weights[:, 0] = 0.0
    return weights


def token_losses(model: OPTForCausalLM, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Loss of each token given those before it, shape (B, T); that of the first of a row is 0.

    Rows have no padding but at their end, where it is no target, so that plain causal attention serves.

    Args:
        model: In training or evaluation mode.
        ids: Token ids, shape (B, T).
        positions: Positions of the tokens, shape (B, T).
    """
    import torch
    from torch.nn import functional

    hidden = model.model.decoder(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state
    logits = functional.linear(hidden, model.lm_head.weight)
    # The whole row is kept, with a last target that counts nothing: odd lengths are slower than one wasted token.
    targets = torch.cat((ids[:, 1:], torch.full_like(ids[:, :1], -100)), dim=1)
    losses = functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none")
    return torch.cat((torch.zeros_like(losses[:1]), losses[:-1])).view(ids.shape)


def loss_sums(losses: torch.Tensor, ids: torch.Tensor, marks: Marks) -> torch.Tensor:
    """Sum and count of the losses of text and of citations, shape (4,), in double precision."""
    import torch

    counted = (ids != marks.pad).double()
    counted[:, 0] = 0.0
    cited = citation_mask(ids, marks).double() * counted
    plain = counted - cited
    each = losses.detach().double()
    return torch.stack(((each * plain).sum(), plain.sum(), (each * cited).sum(), cited.sum()))
