"""The sizes of Galactica as transformers' OPT configurations.

Source: Galactica, arXiv:2211.09085, table 5 and section 3.2; ``nano`` and ``mini`` are this project's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import OPTConfig

_POSITION_OFFSET = 2
"""OPT keeps two unused rows before its learned positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalacticaSize:
    """Shape of a model: decoder only, pre-norm, GeLU, learned positions, tied embeddings, no biases."""

    name: str
    layers: int
    width: int
    heads: int
    vocabulary: int = 50_000
    context: int = 2_048
    dropout: float = 0.1

    @property
    def feed_width(self) -> int:
        """Inner width of the feed-forward layers."""
        return 4 * self.width

    def parameters(self, vocabulary: int | None = None) -> int:
        """Number of weights, tied embeddings counted once."""
        words = self.vocabulary if vocabulary is None else vocabulary
        rows = words + self.context + _POSITION_OFFSET
        return rows * self.width + self.layers * (4 * self.width + 2 * self.feed_width) * self.width


SIZES: Mapping[str, GalacticaSize] = MappingProxyType(
    {
        size.name: size
        for size in (
            GalacticaSize(name="nano", layers=2, width=64, heads=2, vocabulary=1_024, context=256),
            GalacticaSize(name="mini", layers=8, width=384, heads=6, vocabulary=16_384, context=1_024),
            GalacticaSize(name="125m", layers=12, width=768, heads=12),
            GalacticaSize(name="1.3b", layers=24, width=2_048, heads=32),
            GalacticaSize(name="6.7b", layers=32, width=4_096, heads=32),
            GalacticaSize(name="30b", layers=48, width=7_168, heads=56),
            GalacticaSize(name="120b", layers=96, width=10_240, heads=80),
        )
    }
)
"""All sizes by name."""


def opt_config(size: GalacticaSize, vocabulary: int | None = None) -> OPTConfig:
    """The configuration of transformers' ``OPTForCausalLM``.

    Args:
        size: Shape of the model.
        vocabulary: Rows of the embedding, when the tokenizer's size differs from the size's own.
    """
    from transformers import OPTConfig

    return OPTConfig(
        vocab_size=size.vocabulary if vocabulary is None else vocabulary,
        hidden_size=size.width,
        word_embed_proj_dim=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        ffn_dim=size.feed_width,
        max_position_embeddings=size.context,
        dropout=size.dropout,
        attention_dropout=size.dropout,
        activation_function="gelu",
        do_layer_norm_before=True,
        enable_bias=False,
        layer_norm_elementwise_affine=False,
        init_std=0.02,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
    )
