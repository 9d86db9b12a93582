"""Galactica ready for use: weights, tokenizer, and what one asks of them."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError
from model.galactica.network import OptNetwork, require_opt
from model.galactica.tokenizer import FINGERPRINT_KEY, GalacticaTokenizer
from model.runtime import check_folder, fast_dtype, load_tensors, load_weights, read_json, set_threads

if TYPE_CHECKING:
    import torch
    from transformers import OPTForCausalLM

_LOG = logging.getLogger(__name__)


class Galactica:
    """A checkpoint that is loaded when first used. May be shared by threads.

    Args:
        folder: Folder of the checkpoint.
        name: What it is called where it is shown.
        dtype: Of the weights in memory; None for what this machine is fast at.

    Raises:
        ModelError: The folder is no checkpoint of an OPT.
    """

    def __init__(self, folder: Path, *, name: str = "", dtype: torch.dtype | None = None) -> None:
        check_folder(folder)
        self.folder = folder
        self.name = name or folder.name
        self._dtype = dtype
        self._config = read_json(folder / "config.json")
        require_opt(self._config, str(folder / "config.json"))
        self.context_tokens: int = self._config["max_position_embeddings"]
        self._lock = threading.RLock()
        self._tokenizer: GalacticaTokenizer | None = None
        self._network: OptNetwork | None = None
        self._model: OPTForCausalLM | None = None

    def load(self) -> None:
        """Load tokenizer and weights now instead of at their first use.

        Raises:
            ModelError: The checkpoint is damaged.
        """
        _ = self.tokenizer, self.network

    @property
    def tokenizer(self) -> GalacticaTokenizer:
        """The tokenizer that the checkpoint was trained with."""
        with self._lock:
            if self._tokenizer is None:
                tokenizer = GalacticaTokenizer.load(self.folder)
                self._require_match(tokenizer)
                self._tokenizer = tokenizer
            return self._tokenizer

    @property
    def network(self) -> OptNetwork:
        """The weights in the lean network that answers and scores."""
        with self._lock:
            if self._network is None:
                set_threads(0)
                dtype = self._dtype or fast_dtype()
                self._network = OptNetwork(self._config, load_tensors(self.folder, dtype))
                _LOG.info("%s loaded as %s", self.name, dtype)
            return self._network

    @property
    def model(self) -> OPTForCausalLM:
        """The weights in transformers' own model, for training on and for programs that expect it."""
        with self._lock:
            if self._model is None:
                self._model = load_weights("OPTForCausalLM", self.folder, self._dtype or fast_dtype())
            return self._model

    def _require_match(self, tokenizer: GalacticaTokenizer) -> None:
        hint = "Use the tokenizer.json that was saved with these weights."
        rows = self._config["vocab_size"]
        if tokenizer.vocabulary > rows:
            raise ModelError(f"{self.folder}: {tokenizer.vocabulary} tokens for a model of {rows}", hint=hint)
        named = self._config.get(FINGERPRINT_KEY)
        if named is not None and named != tokenizer.fingerprint:
            raise ModelError(f"{self.folder}: the tokenizer is not the one it was trained with", hint=hint)
