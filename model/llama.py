"""A lean forward pass for Llama models on a processor: half the time per token of the general one.

A 135M model spends most of a token outside the arithmetic. Here projections that share an input are one product, the
key-value cache is written in place, and single tokens use weights of one byte, because a token costs what it takes to
read the weights once. Prompts are read with the full weights. Same scores as transformers: the tests hold it to them.

Sources: Llama 2, arXiv:2307.09288 (grouped queries); RoFormer, arXiv:2104.09864 (rotary positions); LLM.int8(),
arXiv:2208.07339 (rounding each row of a weight matrix by its largest entry).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.runtime import Tensors

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

_GROW_TOKENS = 256
_ROUNDED_ROWS = 512


@dataclass(frozen=True, slots=True)
class _Linear:
    """A weight matrix (N, K), and rounded to int8 with one scale a row where single tokens may use that."""

    weight: torch.Tensor
    rounded: torch.Tensor | None = None
    scales: torch.Tensor | None = None

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs of shape (T, K) to (T, N)."""
        import torch

        if self.rounded is not None and inputs.shape[0] == 1:
            product: torch.Tensor = torch._weight_int8pack_mm(inputs, self.rounded, self.scales)  # type: ignore[arg-type]
            return product
        return torch.nn.functional.linear(inputs, self.weight)


@dataclass(frozen=True, slots=True)
class _Layer:
    attention_norm: torch.Tensor
    query_key_value: _Linear
    output: _Linear
    feed_norm: torch.Tensor
    gate_up: _Linear
    down: _Linear


class LlamaDecoder:
    """Reads prompts and single tokens.

    Args:
        config: The folder's ``config.json``; see ``fits`` for what is understood.
        tensors: Its weights.
        rounded: Use int8 weights for single tokens.

    Raises:
        ModelError: A weight is missing or of another shape.
    """

    def __init__(self, config: dict[str, Any], tensors: Tensors, *, rounded: bool = True) -> None:
        import torch

        width, words = config["hidden_size"], config["vocab_size"]
        self._heads: int = config["num_attention_heads"]
        self._kv_heads: int = config.get("num_key_value_heads") or self._heads
        self._size: int = config.get("head_dim") or width // self._heads
        self._epsilon: float = config["rms_norm_eps"]
        rounded = rounded and hasattr(torch, "_weight_int8pack_mm")
        with torch.inference_mode():
            self._embedding = tensors.take("model.embed_tokens.weight", words, width)
            self._layers = [
                self._read_layer(tensors, f"model.layers.{index}.", width, config["intermediate_size"], rounded)
                for index in range(config["num_hidden_layers"])
            ]
            self._norm = tensors.take("model.norm.weight", width)
            tied = config.get("tie_word_embeddings", False)
            head = self._embedding if tied else tensors.take("lm_head.weight", words, width)
            self._head = _linear([head], rounded)
            steps = torch.arange(0, self._size, 2).float() / self._size
            self._frequencies = 1.0 / _rope_theta(config) ** steps
        self._length = 0
        self._keys, self._values, self._cosines, self._sines = self._room_for(_GROW_TOKENS)

    @staticmethod
    def fits(config: dict[str, Any]) -> bool:
        """Whether this is a Llama without biases, scaled positions or other arithmetic than is done here."""
        positions = config.get("rope_parameters") or config.get("rope_scaling") or {}
        return (
            config.get("architectures") == ["LlamaForCausalLM"]
            and positions.get("rope_type", positions.get("type", "default")) == "default"
            and positions.get("partial_rotary_factor", 1.0) == 1.0
            and not config.get("attention_bias", False)
            and not config.get("mlp_bias", False)
            and config.get("hidden_act") == "silu"
            and config.get("hidden_size", 1) % 32 == 0
        )

    def restart(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Forget everything and read a prompt; scores of the next token, shape (V,)."""
        self._length = 0
        return self._read(ids)

    def step(self, token: int) -> NDArray[np.float32]:
        """Read one more token; scores of the next, shape (V,)."""
        return self._read([token])

    def _read(self, ids: Sequence[int]) -> NDArray[np.float32]:
        import torch
        from torch.nn import functional

        with torch.inference_mode():
            start, end = self._length, self._length + len(ids)
            if end > self._keys.shape[2]:
                self._grow(end)
            states = functional.embedding(torch.tensor(ids), self._embedding)
            for index, layer in enumerate(self._layers):
                states = states + self._attend(index, layer, self._normalise(states, layer.attention_norm), start, end)
                gate, up = layer.gate_up(self._normalise(states, layer.feed_norm)).chunk(2, dim=-1)
                states = states + layer.down(functional.silu(gate) * up)
            self._length = end
            scores: NDArray[np.float32] = self._head(self._normalise(states[-1:], self._norm))[0].float().numpy()
        return scores

    def _attend(self, index: int, layer: _Layer, inputs: torch.Tensor, start: int, end: int) -> torch.Tensor:
        """Attention of the tokens at [start, end) over all before them; inputs and result of shape (T, D)."""
        from torch.nn import functional

        count, heads, kv_heads = end - start, self._heads, self._kv_heads
        merged = layer.query_key_value(inputs).view(count, heads + 2 * kv_heads, self._size)
        turning = merged[:, : heads + kv_heads]
        turned = turning * self._cosines[start:end] + turning.roll(self._size // 2, -1) * self._sines[start:end]
        self._keys[index, :, start:end] = turned[:, heads:].transpose(0, 1)
        self._values[index, :, start:end] = merged[:, heads + kv_heads :].transpose(0, 1)
        keys, values = self._keys[index, None, :, :end], self._values[index, None, :, :end]
        if count == 1:
            # The queries that share a key head stand as rows of it, so that each key is read once.
            queries = turned[0, :heads].view(1, kv_heads, heads // kv_heads, self._size)
            mixed = functional.scaled_dot_product_attention(queries, keys, values)
            return layer.output(mixed.reshape(1, heads * self._size))
        # Prompts are read whole, from position 0, which is what is_causal takes for granted.
        queries = turned[:, :heads].transpose(0, 1).unsqueeze(0)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True, enable_gqa=True)
        return layer.output(mixed[0].transpose(0, 1).reshape(count, heads * self._size))

    def _normalise(self, states: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        return functional.rms_norm(states, (states.shape[-1],), weight, self._epsilon)

    def _read_layer(self, tensors: Tensors, prefix: str, width: int, wide: int, rounded: bool) -> _Layer:
        own, shared = self._heads * self._size, self._kv_heads * self._size
        queries = tensors.take(f"{prefix}self_attn.q_proj.weight", own, width)
        keys = tensors.take(f"{prefix}self_attn.k_proj.weight", shared, width)
        values = tensors.take(f"{prefix}self_attn.v_proj.weight", shared, width)
        gate = tensors.take(f"{prefix}mlp.gate_proj.weight", wide, width)
        up = tensors.take(f"{prefix}mlp.up_proj.weight", wide, width)
        return _Layer(
            attention_norm=tensors.take(f"{prefix}input_layernorm.weight", width),
            query_key_value=_linear([queries, keys, values], rounded),
            output=_linear([tensors.take(f"{prefix}self_attn.o_proj.weight", width, own)], rounded),
            feed_norm=tensors.take(f"{prefix}post_attention_layernorm.weight", width),
            gate_up=_linear([gate, up], rounded),
            down=_linear([tensors.take(f"{prefix}mlp.down_proj.weight", width, wide)], rounded),
        )

    def _room_for(self, tokens: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Empty keys and values, shape (layers, key heads, tokens, size), and the rotary cosines and signed sines."""
        import torch

        dtype = self._embedding.dtype
        shape = (len(self._layers), self._kv_heads, tokens, self._size)
        angles = torch.outer(torch.arange(tokens).float(), self._frequencies)
        cosines = torch.cat([angles.cos(), angles.cos()], -1).to(dtype).unsqueeze(1)
        sines = torch.cat([-angles.sin(), angles.sin()], -1).to(dtype).unsqueeze(1)
        return torch.empty(shape, dtype=dtype), torch.empty(shape, dtype=dtype), cosines, sines

    def _grow(self, tokens: int) -> None:
        """Make room for at least so many tokens, keeping what has been read."""
        keys, values, length = self._keys, self._values, self._length
        whole = -(-tokens // _GROW_TOKENS) * _GROW_TOKENS
        self._keys, self._values, self._cosines, self._sines = self._room_for(whole)
        self._keys[:, :, :length] = keys[:, :, :length]
        self._values[:, :, :length] = values[:, :, :length]


def _rope_theta(config: dict[str, Any]) -> float:
    positions = config.get("rope_parameters") or {}
    return float(positions.get("rope_theta", config.get("rope_theta", 10_000.0)))


def _linear(weights: Sequence[torch.Tensor], rounded: bool) -> _Linear:
    """Matrices of one input as one, stacked by rows."""
    import torch

    weight = torch.cat(list(weights)) if len(weights) > 1 else weights[0]
    if not rounded:
        return _Linear(weight)
    # By the scales as they are stored, so that their own rounding does no harm. Blocks and changes in place spare
    # fresh memory, which costs more here than the arithmetic.
    scales = (weight.abs().amax(dim=1).float() / 127.0).clamp_min(1e-12).to(weight.dtype)
    whole = torch.empty(weight.shape, dtype=torch.int8)
    for start in range(0, weight.shape[0], _ROUNDED_ROWS):
        block = slice(start, start + _ROUNDED_ROWS)
        rows = weight[block].to(torch.float32, copy=True)
        whole[block] = rows.div_(scales[block, None].float()).round_().clamp_(-127, 127)
    return _Linear(weight, whole, scales)
