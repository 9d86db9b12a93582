"""A lean BERT encoder: reads safetensors itself, so that a search need not wait for transformers to import.

Source: BERT, arXiv:1810.04805; attention as in arXiv:1706.03762.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.runtime import Tensors

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class _Affine:
    """Weight and bias of a linear map or of a layer norm."""

    weight: torch.Tensor
    bias: torch.Tensor


@dataclass(frozen=True, slots=True)
class _Layer:
    query_key_value: _Affine
    output: _Affine
    output_norm: _Affine
    widen: _Affine
    narrow: _Affine
    narrow_norm: _Affine


class LeanBert:
    """Computes the last hidden states of a BERT.

    Args:
        config: The folder's ``config.json``; see ``fits``.
        tensors: Its weights.

    Raises:
        ModelError: A weight is missing or of another shape.
    """

    def __init__(self, config: dict[str, Any], tensors: Tensors) -> None:
        import torch

        tensors = tensors.below("bert.")
        size, wide = config["hidden_size"], config["intermediate_size"]
        self._heads: int = config["num_attention_heads"]
        self._epsilon: float = config.get("layer_norm_eps", 1e-12)
        with torch.inference_mode():
            self._words = tensors.take("embeddings.word_embeddings.weight", config["vocab_size"], size)
            positions = tensors.take("embeddings.position_embeddings.weight", config["max_position_embeddings"], size)
            kinds = tensors.take("embeddings.token_type_embeddings.weight", config.get("type_vocab_size", 2), size)
            self._places = positions + kinds[0]  # all texts here are of the first kind
            self._norm = _affine(tensors, "embeddings.LayerNorm", size)
            self._layers = [
                _read_layer(tensors, f"encoder.layer.{index}.", size, wide)
                for index in range(config["num_hidden_layers"])
            ]

    @staticmethod
    def fits(config: dict[str, Any]) -> bool:
        """Whether this is a BERT of the common kind."""
        return (
            config.get("model_type") == "bert"
            and config.get("hidden_act") == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and not config.get("is_decoder", False)
        )

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Last hidden states, shape (B, T, D), of ids (B, T); ``mask`` (B, T) is 1 at tokens, None without padding."""
        from torch.nn import functional

        wide_mask = None if mask is None else mask.bool()[:, None, None, :]
        states = self._normalise(functional.embedding(ids, self._words) + self._places[: ids.shape[1]], self._norm)
        for layer in self._layers:
            mixed = _linear(self._attend(_linear(states, layer.query_key_value), wide_mask), layer.output)
            states = self._normalise(states + mixed, layer.output_norm)
            fed = _linear(functional.gelu(_linear(states, layer.widen)), layer.narrow)
            states = self._normalise(states + fed, layer.narrow_norm)
        return states

    def _attend(self, merged: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Attention for queries, keys and values side by side, shape (B, T, 3 D), to (B, T, D)."""
        from torch.nn import functional

        batch, length, _ = merged.shape
        query, key, value = merged.view(batch, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return mixed.transpose(1, 2).reshape(batch, length, -1)

    def _normalise(self, states: torch.Tensor, norm: _Affine) -> torch.Tensor:
        from torch.nn import functional

        return functional.layer_norm(states, (states.shape[-1],), norm.weight, norm.bias, self._epsilon)


def _linear(inputs: torch.Tensor, affine: _Affine) -> torch.Tensor:
    from torch.nn import functional

    return functional.linear(inputs, affine.weight, affine.bias)


def _affine(tensors: Tensors, name: str, *shape: int) -> _Affine:
    return _Affine(tensors.take(f"{name}.weight", *shape), tensors.take(f"{name}.bias", shape[0]))


def _read_layer(tensors: Tensors, prefix: str, size: int, wide: int) -> _Layer:
    import torch

    parts = [_affine(tensors, f"{prefix}attention.self.{name}", size, size) for name in ("query", "key", "value")]
    return _Layer(
        query_key_value=_Affine(torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts])),
        output=_affine(tensors, f"{prefix}attention.output.dense", size, size),
        output_norm=_affine(tensors, f"{prefix}attention.output.LayerNorm", size),
        widen=_affine(tensors, f"{prefix}intermediate.dense", wide, size),
        narrow=_affine(tensors, f"{prefix}output.dense", size, wide),
        narrow_norm=_affine(tensors, f"{prefix}output.LayerNorm", size),
    )
