"""Sentence vectors from a BERT-like model: mean of the token states, scaled to unit length.

Source: Sentence-BERT, arXiv:1908.10084, section 3 (MEAN pooling).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import ModelError
from model.bert import LeanBert
from model.config import EncoderConfig
from model.manifest import INSTALL_HINT, sha256_of
from model.runtime import check_folder, fast_dtype, load_tensors, load_weights, read_json, set_threads
from model.tokens import load_tokenizer, safe_text

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_LOG = logging.getLogger(__name__)
_WINDOW_TEXTS = 1_024
"""Texts that are tokenized and sorted by length together: bounds memory, and padding is rare within it."""
_BATCH_TOKENS = 2_048
"""Tokens of a batch, padding included: larger ones leave the cache and are no faster."""


class _States(Protocol):
    """Last hidden states (B, T, D) of ids (B, T); the mask (B, T) is None without padding."""

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor: ...


@dataclass(frozen=True, slots=True)
class _Loaded:
    tokenizer: Tokenizer
    states: _States
    pad_id: int


class SentenceEncoder:
    """Encodes texts with a sentence-transformers folder; loads it at the first use. May be shared by threads."""

    def __init__(self, config: EncoderConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    @cached_property
    def name(self) -> str:
        """Folder name and a part of the weights' SHA-256: the same on every machine, whatever its arithmetic."""
        return f"{self._config.folder.name}-{weights_digest(self._config.folder)[:12]}"

    @cached_property
    def dimension(self) -> int:
        """Length of a vector, read from the model's configuration without loading it."""
        size = read_json(self._config.folder / "config.json").get("hidden_size")
        if not isinstance(size, int):
            raise ModelError(f"{self._config.folder}: its configuration names no hidden_size", hint=INSTALL_HINT)
        return size

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed N texts; what goes beyond ``max_tokens`` of a text is ignored.

        Returns:
            Shape (N, D); rows have unit length, in the order of the texts.

        Raises:
            ModelError: The weights are missing or damaged.
        """
        import numpy as np

        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _WINDOW_TEXTS):
            window = texts[start : start + _WINDOW_TEXTS]
            self._encode_window(window, vectors[start : start + len(window)])
        if not np.isfinite(vectors).all():
            raise ModelError(f"{self._config.folder}: gives vectors that are not finite", hint=INSTALL_HINT)
        return vectors

    def _encode_window(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        with self._lock:
            loaded = self._ensure_loaded()
            encoded = loaded.tokenizer.encode_batch([safe_text(text) for text in texts])
        ids: list[list[int]] = [each.ids for each in encoded]
        for batch in _batches([len(row) for row in ids], self._config.batch_size):
            with self._lock:  # taken batch by batch, so that a query need not wait for a whole library
                vectors[batch] = _embed(loaded, [ids[row] for row in batch])

    def _ensure_loaded(self) -> _Loaded:
        if self._loaded is None:
            self._loaded = _load(self._config, self._tuned_weights())
        return self._loaded

    def _tuned_weights(self) -> Mapping[str, torch.Tensor]:
        """Weights to take in the place of the folder's own; those of a plain encoder are its own."""
        return {}


def weights_digest(folder: Path) -> str:
    """SHA-256 of a folder's weights, one after the other if they are in several files.

    Raises:
        ModelError: The folder holds no model.
    """
    check_folder(folder)
    return "".join(sha256_of(path) for path in sorted(folder.glob("*.safetensors")))


def _load(config: EncoderConfig, tuned: Mapping[str, torch.Tensor]) -> _Loaded:
    folder = config.folder
    check_folder(folder)
    _require_mean_pooling(config)
    set_threads(config.threads)
    settings = read_json(folder / "config.json")
    positions = settings.get("max_position_embeddings")
    limit = min(config.max_tokens, positions) if isinstance(positions, int) else config.max_tokens
    tokenizer = load_tokenizer(folder)
    tokenizer.enable_truncation(limit)
    dtype = fast_dtype()
    states: _States
    if LeanBert.fits(settings):
        states = LeanBert(settings, load_tensors(folder, dtype).replaced(tuned))
    elif tuned:
        raise ModelError(f"{folder}: takes no tuned layers: it is no BERT of the common kind", hint=INSTALL_HINT)
    else:
        states = _TransformersStates(load_weights("AutoModel", folder, dtype))
    _LOG.info("encoder %s loaded as %s, texts up to %d tokens", folder.name, dtype, limit)
    return _Loaded(tokenizer, states, settings.get("pad_token_id") or 0)


class _TransformersStates:
    """The states of any other encoder, by transformers."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        states: torch.Tensor = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        return states


def _require_mean_pooling(config: EncoderConfig) -> None:
    path = config.folder / "1_Pooling" / "config.json"
    if not path.exists():
        return
    pooling = read_json(path)
    if pooling.get("pooling_mode", "mean") != "mean" or pooling.get("pooling_mode_mean_tokens", True) is not True:
        raise ModelError(
            f"{config.folder}: does not pool by the mean of its tokens", hint="Choose an encoder with mean pooling."
        )


def _batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Rows of similar length together, longest first, so that memory peaks at the start."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = max(1, min(batch_size, _BATCH_TOKENS // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def _embed(loaded: _Loaded, rows: Sequence[list[int]]) -> NDArray[np.float32]:
    import torch

    width = max(1, max(map(len, rows)))
    ids = torch.full((len(rows), width), loaded.pad_id, dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row, dtype=torch.long)
        mask[index, : len(row)] = 1
    with torch.inference_mode():
        # Without padding there is nothing to mask, and attention is faster when it is told so.
        states = loaded.states(ids, None if bool(mask.all()) else mask)
        vectors: NDArray[np.float32] = _mean(states, mask).numpy()
    return vectors


def _mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over the unmasked positions of states (B, T, D), in fp32 and scaled to unit length; shape (B, D)."""
    import torch

    weights = mask.unsqueeze(-1).to(torch.float32)
    means = (states.to(torch.float32) * weights).sum(dim=1) / weights.sum(dim=1).clamp_min(1.0)
    return torch.nn.functional.normalize(means, dim=-1)
