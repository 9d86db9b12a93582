"""Attention of OPT: within a prompt, and of new tokens over what has been read.

One prompt that many rows continue is one product for all of them; its keys are never copied. Source: Hydragen,
arXiv:2402.05099, section 3.2 (attention over a shared prefix).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

Pair = tuple["torch.Tensor", "torch.Tensor"]
"""Keys and values of a layer, each of shape (rows, heads, tokens, size)."""

Attention = Callable[[int, "torch.Tensor", "torch.Tensor", "torch.Tensor"], tuple["torch.Tensor", Pair]]
"""From the number of a layer and queries, keys and values (B, H, T, D) to the mixed values and what is to be kept."""


def within_prompts(padding: torch.Tensor | None, length: int) -> Attention:
    """Attention within prompts, each token over those before it and itself.

    Args:
        padding: Shape (B,), pad tokens at the left of each row; None without.
        length: Tokens of a row, padding included.
    """
    from torch.nn import functional

    mask = None if padding is None else _prompt_mask(padding, length)

    def attend(
        index: int, queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, Pair]:
        keys, values = keys.contiguous(), values.contiguous()
        mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=mask is None)
        return mixed, (keys, values)

    return attend


def after_prompt(prompt: tuple[Pair, ...], rest: tuple[Pair, ...] | None, padding: torch.Tensor | None) -> Attention:
    """Attention of new tokens over the prompt, what came after it, and themselves.

    Args:
        prompt: A pair a layer, of one row that all rows continue, or of a row for each.
        rest: A pair a layer with a row for each, or None.
        padding: Shape (rows of the prompt,), pad tokens at the left of each; None without.
    """
    import torch

    read = prompt[0][0].shape[2]
    hidden: torch.Tensor | None = None
    if padding is not None:
        hidden = (torch.arange(read, device=padding.device)[None, :] < padding[:, None])[:, None, None, :]

    def attend(
        index: int, queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, Pair]:
        if rest:
            keys = torch.cat((rest[index][0], keys), dim=2)
            values = torch.cat((rest[index][1], values), dim=2)
        else:
            keys, values = keys.contiguous(), values.contiguous()
        scaled = queries * queries.shape[-1] ** -0.5
        apply = _attend_shared if prompt[index][0].shape[0] == 1 else _attend_apart
        return apply(scaled, prompt[index], (keys, values), hidden), (keys, values)

    return attend


def _attend_shared(queries: torch.Tensor, prompt: Pair, rest: Pair, hidden: torch.Tensor | None) -> torch.Tensor:
    """All rows after one prompt: heads come first, so that the rows are one long matrix for it."""
    batch, heads, count, size = queries.shape
    read, total = prompt[0].shape[2], rest[0].shape[2]
    flat = queries.transpose(0, 1).reshape(heads, batch * count, size)
    keys, values = (each.transpose(0, 1) for each in rest)
    scores = queries.new_empty(heads, batch, count, read + total)
    scores.view(heads, batch * count, -1)[..., :read] = flat @ prompt[0][0].transpose(1, 2)
    scores[..., read:] = flat.view(heads, batch, count, size) @ keys.transpose(2, 3)
    weights = _weights(scores, read, hidden)
    first = weights.view(heads, batch * count, -1)[..., :read] @ prompt[1][0]
    return (first.view(heads, batch, count, size) + weights[..., read:] @ values).transpose(0, 1)


def _attend_apart(queries: torch.Tensor, prompt: Pair, rest: Pair, hidden: torch.Tensor | None) -> torch.Tensor:
    """Each row after a prompt of its own."""
    read, total = prompt[0].shape[2], rest[0].shape[2]
    scores = queries.new_empty(*queries.shape[:3], read + total)
    scores[..., :read] = queries @ prompt[0].transpose(2, 3)
    scores[..., read:] = queries @ rest[0].transpose(2, 3)
    weights = _weights(scores, read, hidden)
    return weights[..., :read] @ prompt[1] + weights[..., read:] @ rest[1]


def _weights(scores: torch.Tensor, read: int, hidden: torch.Tensor | None) -> torch.Tensor:
    """Scores (…, T, read + S) to weights: padding is hidden, and of the last T tokens those that come later."""
    import torch

    if hidden is not None:
        scores[..., :read].masked_fill_(hidden, float("-inf"))
    count, total = scores.shape[-2], scores.shape[-1] - read
    if count > 1:
        ahead = torch.ones(count, total, dtype=torch.bool, device=scores.device).triu(total - count + 1)
        scores[..., read:].masked_fill_(ahead, float("-inf"))
    return scores.softmax(dim=-1)


def _prompt_mask(padding: torch.Tensor, length: int) -> torch.Tensor:
    """Shape (B, 1, T, T), True where a token is seen. A pad token sees itself alone: a row of nothing would be NaN."""
    import torch

    spots = torch.arange(length, device=padding.device)
    seen = (spots[None, :] <= spots[:, None])[None] & (spots[None, None, :] >= padding[:, None, None])
    return (seen | torch.eye(length, dtype=torch.bool, device=padding.device))[:, None]
