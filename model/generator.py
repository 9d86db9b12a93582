"""Phrasing with a language model on this machine, token by token."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, ModelError
from model.config import GeneratorConfig
from model.decoding import Decoder, RepetitionGuard, TransformersDecoder
from model.llama import LlamaDecoder
from model.manifest import INSTALL_HINT
from model.runtime import fast_dtype, load_tensors, load_weights, read_json, set_threads
from model.tokens import ChatTemplate, load_chat_template, load_tokenizer, safe_text

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from core.interfaces import ChatMessage

_LOG = logging.getLogger(__name__)
_STOP_TOKENS = ("<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "</s>")


@dataclass(frozen=True, slots=True)
class _Text:
    """All that turns text into tokens and back."""

    tokenizer: Tokenizer
    template: ChatTemplate | None
    special: tuple[str, ...]
    stops: frozenset[int]


class LocalGenerator:
    """Phrases answers with a causal model of a transformers folder; loads it at the first use.

    May be shared by threads: generations take turns. Nothing runs but while the caller waits for the next piece, so a
    caller that stops asking has stopped the generation.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        self._config = config
        self._loading = threading.Lock()
        self._turn = threading.Lock()
        self._text: _Text | None = None
        self._decoder: Decoder | None = None

    @property
    def name(self) -> str:
        """The model folder's name."""
        return self._config.folder.name

    @cached_property
    def context_tokens(self) -> int:
        """Prompt and answer together must fit in this many tokens; known without loading the model."""
        positions = read_json(self._config.folder / "config.json").get("max_position_embeddings")
        limit = self._config.max_context_tokens
        return min(limit, positions) if isinstance(positions, int) else limit

    def count_tokens(self, text: str) -> int:
        """Length of a text in tokens, without what a chat template adds."""
        with self._loading:
            text_side = self._ensure_text()
            return len(_encode(text_side, safe_text(text)))

    def stream(self, messages: Sequence[ChatMessage], *, max_new_tokens: int) -> Generator[str, None, None]:
        """Generate greedily, piece by piece; pieces are whole characters. Closing the iterator stops the generation.

        Raises:
            ModelError: The model is missing or damaged, or an earlier generation does not end.
            InputError: Prompt and answer together exceed ``context_tokens``.
        """
        with self._loading:
            text_side = self._ensure_text()
            prompt = _prompt_ids(text_side, messages)
        if not prompt:
            raise InputError("The prompt is empty", hint="Give at least one message with text.")
        if max_new_tokens < 1 or len(prompt) + max_new_tokens > self.context_tokens:
            raise InputError(
                f"The prompt has {len(prompt)} tokens and the answer may have {max_new_tokens}; {self.name} holds "
                f"{self.context_tokens} together",
                hint="Give less evidence, or a shorter question.",
            )
        return self._generate(text_side, prompt, max_new_tokens)

    def _generate(self, text_side: _Text, prompt: list[int], max_new_tokens: int) -> Generator[str, None, None]:
        from tokenizers.decoders import DecodeStream

        if not self._turn.acquire(timeout=self._config.busy_timeout_s):
            raise ModelError(
                f"{self.name}: another answer has been running for {self._config.busy_timeout_s:.0f} s",
                hint="Cancel it, or wait and ask again.",
            )
        try:
            decoder = self._ensure_decoder()
            guard = RepetitionGuard(penalty=self._config.repetition_penalty, ngram=self._config.no_repeat_ngram)
            pieces = DecodeStream(skip_special_tokens=True)
            scores = decoder.restart(prompt)
            for left in range(max_new_tokens - 1, -1, -1):
                token = guard.choose(scores)
                if token in text_side.stops:
                    return
                guard.add(token)
                piece = pieces.step(text_side.tokenizer, token)
                if piece:  # None while a character's bytes are still incomplete
                    yield piece
                if left:
                    scores = decoder.step(token)
        finally:
            self._turn.release()

    def _ensure_text(self) -> _Text:
        if self._text is None:
            folder = self._config.folder
            tokenizer = load_tokenizer(folder)
            added = tokenizer.get_added_tokens_decoder().values()
            special = tuple(token.content for token in added if token.special)
            self._text = _Text(tokenizer, load_chat_template(folder), special, _stop_ids(folder, tokenizer))
        return self._text

    def _ensure_decoder(self) -> Decoder:
        with self._loading:
            if self._decoder is None:
                set_threads(self._config.threads)
                self._decoder = _load_decoder(self._config)
                _LOG.info("generator %s loaded for %s", self.name, type(self._decoder).__name__)
            return self._decoder


def _load_decoder(config: GeneratorConfig) -> Decoder:
    import torch

    dtype = fast_dtype()
    settings = read_json(config.folder / "config.json")
    if not LlamaDecoder.fits(settings):
        return TransformersDecoder(load_weights("AutoModelForCausalLM", config.folder, dtype))
    # Products of fp32 with one-byte weights are slower than with fp32 ones.
    rounded = config.rounded_weights and dtype == torch.bfloat16
    return LlamaDecoder(settings, load_tensors(config.folder, dtype), rounded=rounded)


def _stop_ids(folder: Path, tokenizer: Tokenizer) -> frozenset[int]:
    found: set[object] = set()
    for name in ("generation_config.json", "config.json"):
        path = folder / name
        ends = read_json(path).get("eos_token_id") if path.exists() else None
        found.update(ends if isinstance(ends, list) else [ends])
    found.update(tokenizer.token_to_id(token) for token in _STOP_TOKENS)
    stops = frozenset(token for token in found if isinstance(token, int))
    if not stops:
        raise ModelError(f"{folder}: names no token that ends an answer", hint=INSTALL_HINT)
    return stops


def _encode(text_side: _Text, text: str, *, wrapped: bool = False) -> list[int]:
    ids: list[int] = text_side.tokenizer.encode(text, add_special_tokens=wrapped).ids
    return ids


def _prompt_ids(text_side: _Text, messages: Sequence[ChatMessage]) -> list[int]:
    turns = [replace(message, content=_as_data(text_side, message.content)) for message in messages]
    if not turns:
        return []
    if text_side.template is None:
        return _encode(text_side, "\n\n".join(turn.content for turn in turns) + "\n\n", wrapped=True)
    return _encode(text_side, text_side.template.render(turns))


def _as_data(text_side: _Text, content: str) -> str:
    """The content without control tokens: a paper that prints ``<|im_end|>`` must not end the user's turn."""
    content = safe_text(content)
    changed = True
    while changed:  # removing one may join the halves of another
        before = content
        for token in text_side.special:
            content = content.replace(token, "")
        changed = content != before
    return content
