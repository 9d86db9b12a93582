"""A lean forward pass for OPT, and so for Galactica: loads in a fraction of the time that transformers takes to import.

Nothing here changes once loaded: what has been read is in a ``Cache`` that the caller holds, so one prompt may be read
once and continued many times, by many threads. Same scores as transformers: the tests hold it to them.

Source: OPT, arXiv:2205.01068; Galactica, arXiv:2211.09085, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from model.galactica.attention import Attention, Pair, after_prompt, within_prompts
from model.galactica.weights import Affine, Layer, OptWeights
from model.runtime import Tensors

if TYPE_CHECKING:
    import torch

_POSITION_OFFSET = 2
_SCORED_ROWS, _SCORED_WORDS = 512, 512


@dataclass(frozen=True, slots=True)
class Cache:
    """What has been read: a prompt, and what came after it.

    ``prompt`` has one pair a layer, of one row that all rows continue, or of a row for each. ``rest`` has a pair a
    layer with a row for each, or is None. ``padding``, shape (rows of the prompt,), counts the pad tokens before each
    prompt; None without padding. Never changed in place.
    """

    prompt: tuple[Pair, ...]
    rest: tuple[Pair, ...] | None = None
    padding: torch.Tensor | None = None

    @property
    def tokens(self) -> int:
        """Length of a row, padding included."""
        return self.prompt[0][0].shape[2] + (self.rest[0][0].shape[2] if self.rest else 0)

    def select(self, rows: torch.Tensor) -> Cache:
        """The cache with these rows (N,) in place of its own: how beams are kept, dropped and doubled."""
        rest = tuple((keys[rows], values[rows]) for keys, values in self.rest) if self.rest else None
        if self.prompt[0][0].shape[0] == 1:
            return Cache(self.prompt, rest, self.padding)
        prompt = tuple((keys[rows], values[rows]) for keys, values in self.prompt)
        return Cache(prompt, rest, None if self.padding is None else self.padding[rows])


class OptNetwork:
    """Reads tokens and scores what may follow.

    Args:
        config: The folder's ``config.json``, checked with ``require_opt``.
        tensors: Its weights.

    Raises:
        ModelError: A weight is missing or of another shape.
    """

    def __init__(self, config: dict[str, Any], tensors: Tensors) -> None:
        import torch

        named = tensors.below("model.").below("decoder.")
        width, words = config["hidden_size"], config["vocab_size"]
        inner = config.get("word_embed_proj_dim", width)
        self.vocabulary: int = words
        self.context_tokens: int = config["max_position_embeddings"]
        self._heads: int = config["num_attention_heads"]
        self._pre_norm: bool = config.get("do_layer_norm_before", True)
        self._gelu = config.get("activation_function", "relu") == "gelu"
        weights = OptWeights.of(config, named)
        with torch.inference_mode():
            self._words = named.take("embed_tokens.weight", words, inner)
            positions = self.context_tokens + _POSITION_OFFSET
            self._places = named.take("embed_positions.weight", positions, width)
            projected = inner != width
            self._enter = named.take("project_in.weight", width, inner) if projected else None
            self._leave = named.take("project_out.weight", inner, width) if projected else None
            self._norm = None
            if self._pre_norm and not config.get("_remove_final_layer_norm", False):
                self._norm = weights.norm("final_layer_norm", width)
            self._layers = [
                weights.layer(f"layers.{index}.", width, config["ffn_dim"])
                for index in range(config["num_hidden_layers"])
            ]
            tied = config.get("tie_word_embeddings", True)
            self._head = self._words if tied else tensors.take("lm_head.weight", words, inner)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self._words.device

    def read(
        self, ids: torch.Tensor, cache: Cache | None = None, *, padding: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, Cache]:
        """Read tokens after what the cache holds.

        Args:
            ids: Shape (B, T). Rows of a prompt that differ in length are padded on the left.
            cache: What has been read; its prompt has one row for all, or B rows. None to read a prompt.
            padding: Shape (B,), the number of pad tokens at the left of each row of a prompt.

        Returns:
            Last hidden states, shape (B, T, D), for ``scores``; and the cache grown by T tokens.

        Raises:
            ModelError: The context would be exceeded.
        """
        import torch

        start = cache.tokens if cache else 0
        end = start + ids.shape[1]
        if end > self.context_tokens:
            raise ModelError(f"{end} tokens exceed the context of {self.context_tokens}", hint="Give a shorter text.")
        missing = cache.padding if cache else padding
        with torch.inference_mode():
            places = torch.arange(start, end, device=self.device)[None]
            if missing is not None:
                places = (places - missing[:, None]).clamp_min(-1)
            states = self._embed(ids, places)
            attend = after_prompt(cache.prompt, cache.rest, missing) if cache else within_prompts(missing, end)
            grown: list[Pair] = []
            for index, layer in enumerate(self._layers):
                states, pair = self._apply(index, layer, states, attend)
                grown.append(pair)
            states = self._finish(states)
        if cache is None:
            return states, Cache(tuple(grown), None, padding)
        return states, Cache(cache.prompt, tuple(grown), missing)

    def scores(self, states: torch.Tensor) -> torch.Tensor:
        """Unnormalised scores of the next token in fp32, shape (…, V), for states of shape (…, D)."""
        import torch

        with torch.inference_mode():
            return torch.nn.functional.linear(states, self._head).float()

    def log_probabilities(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Log-probabilities (fp32) of known next tokens (M,) after states (M, D).

        A part of the vocabulary at a time, which stays in the processor's cache: half the time of all scores at once.
        """
        import torch

        with torch.inference_mode():
            found = [
                self._known(states[start : start + _SCORED_ROWS], targets[start : start + _SCORED_ROWS])
                for start in range(0, len(targets), _SCORED_ROWS)
            ]
            return torch.cat(found)

    def _known(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        import torch
        from torch.nn import functional

        sums = []
        for start in range(0, len(self._head), _SCORED_WORDS):
            scores = functional.linear(states, self._head[start : start + _SCORED_WORDS]).float()
            # As logsumexp, but in one pass.
            sums.append(scores[:, 0] - scores.log_softmax(dim=-1)[:, 0])
        scored = (states.float() * self._head[targets].float()).sum(dim=-1)
        # Rounded as the scores above are: a token that takes nearly all of the sum must not seem to exceed it.
        return (scored.to(states.dtype).float() - torch.stack(sums).logsumexp(dim=0)).clamp_max(0.0)

    def _embed(self, ids: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        words = functional.embedding(ids, self._words)
        if self._enter is not None:
            words = functional.linear(words, self._enter)
        return words + functional.embedding(places + _POSITION_OFFSET, self._places)

    def _finish(self, states: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        if self._norm is not None:
            states = _normalise(states, self._norm)
        return states if self._leave is None else functional.linear(states, self._leave)

    def _apply(self, index: int, layer: Layer, states: torch.Tensor, attend: Attention) -> tuple[torch.Tensor, Pair]:
        from torch.nn import functional

        batch, length, _ = states.shape
        inputs = _normalise(states, layer.attention_norm) if self._pre_norm else states
        merged = _linear(inputs, layer.query_key_value).view(batch, length, 3, self._heads, -1)
        queries, keys, values = merged.permute(2, 0, 3, 1, 4)
        mixed, pair = attend(index, queries, keys, values)
        states = states + _linear(mixed.transpose(1, 2).reshape(batch, length, -1), layer.output)
        if not self._pre_norm:
            states = _normalise(states, layer.attention_norm)
        inputs = _normalise(states, layer.feed_norm) if self._pre_norm else states
        wide = _linear(inputs, layer.widen)
        states = states + _linear(functional.gelu(wide) if self._gelu else functional.relu(wide), layer.narrow)
        return (states if self._pre_norm else _normalise(states, layer.feed_norm)), pair


def _linear(inputs: torch.Tensor, affine: Affine) -> torch.Tensor:
    from torch.nn import functional

    return functional.linear(inputs, affine.weight, affine.bias)  # type: ignore[arg-type]


def _normalise(states: torch.Tensor, norm: Affine) -> torch.Tensor:
    from torch.nn import functional

    return functional.layer_norm(states, (states.shape[-1],), norm.weight, norm.bias)


def require_finite(scores: torch.Tensor) -> torch.Tensor:
    """The scores, once they are seen to be numbers.

    Raises:
        ModelError: They are not.
    """
    if not bool(scores.isfinite().all()):
        raise ModelError("The model gives scores that are not finite", hint="Load it in fp32, or another checkpoint.")
    return scores
