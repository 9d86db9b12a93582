"""The weights of an OPT by name, and what its configuration must say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from model.runtime import Tensors

if TYPE_CHECKING:
    import torch

_ACTIVATIONS = ("gelu", "relu")


@dataclass(frozen=True, slots=True)
class Affine:
    """Weight and bias of a linear map or of a layer norm; either may be missing."""

    weight: torch.Tensor | None
    bias: torch.Tensor | None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the decoder; queries, keys and values are one map."""

    query_key_value: Affine
    output: Affine
    attention_norm: Affine
    widen: Affine
    narrow: Affine
    feed_norm: Affine


@dataclass(frozen=True, slots=True)
class OptWeights:
    """Takes weights by name, joined as they are used; without biases or affine norms their places stay empty.

    Every method raises ModelError when a weight is missing or of another shape.
    """

    tensors: Tensors
    biased: bool
    normed: bool

    @classmethod
    def of(cls, config: dict[str, Any], tensors: Tensors) -> OptWeights:
        """The weights of a decoder; names without the prefix of the whole model."""
        return cls(tensors, config.get("enable_bias", True), config.get("layer_norm_elementwise_affine", True))

    def linear(self, name: str, outputs: int, inputs: int) -> Affine:
        """A linear map of (…, inputs) to (…, outputs)."""
        weight = self.tensors.take(f"{name}.weight", outputs, inputs)
        return Affine(weight, self.tensors.take(f"{name}.bias", outputs) if self.biased else None)

    def norm(self, name: str, width: int) -> Affine:
        """A layer norm."""
        if not self.normed:
            return Affine(None, None)
        return Affine(self.tensors.take(f"{name}.weight", width), self.tensors.take(f"{name}.bias", width))

    def layer(self, prefix: str, width: int, wide: int) -> Layer:
        """All weights of a layer; ``wide`` is the inner width of its feed-forward part."""
        parts = [self.linear(f"{prefix}self_attn.{name}_proj", width, width) for name in "qkv"]
        return Layer(
            query_key_value=Affine(
                _joined([part.weight for part in parts]),
                _joined([part.bias for part in parts]) if self.biased else None,
            ),
            output=self.linear(f"{prefix}self_attn.out_proj", width, width),
            attention_norm=self.norm(f"{prefix}self_attn_layer_norm", width),
            widen=self.linear(f"{prefix}fc1", wide, width),
            narrow=self.linear(f"{prefix}fc2", width, wide),
            feed_norm=self.norm(f"{prefix}final_layer_norm", width),
        )


def _joined(parts: Sequence[torch.Tensor | None]) -> torch.Tensor:
    import torch

    return torch.cat([part for part in parts if part is not None])


def require_opt(config: dict[str, Any], place: str) -> None:
    """See that a configuration describes an OPT that ``OptNetwork`` computes.

    Raises:
        ModelError: It is of another architecture, or lacks or misstates a size.
    """
    hint = "Choose a checkpoint of Galactica or another OPT."
    kind = config.get("model_type")
    if kind != "opt":
        raise ModelError(f"{place}: is of the kind {str(kind)[:40]!r} and not OPT", hint=hint)
    sizes = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "ffn_dim")
    for name in (*sizes, "max_position_embeddings"):
        value = config.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**24:
            raise ModelError(f"{place}: {name} is {str(value)[:40]!r}", hint=hint)
    if config["hidden_size"] % config["num_attention_heads"]:
        raise ModelError(f"{place}: hidden_size is no multiple of num_attention_heads", hint=hint)
    if config.get("activation_function", "relu") not in _ACTIVATIONS:
        raise ModelError(f"{place}: unknown activation {str(config['activation_function'])[:40]!r}", hint=hint)
