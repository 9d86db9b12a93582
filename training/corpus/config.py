"""How a corpus is made: settings as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.errors import SettingsError

Form = Literal["documents", "citing"]
Part = Literal["train", "dev", "test"]
DEFAULT_MASKED: Mapping[Form, float] = MappingProxyType({"documents": 0.0, "citing": 0.5})
"""Share of masked paragraphs by form, where none is asked for."""
PARTS: tuple[Part, ...] = ("train", "dev", "test")
MOST_TOKENS = 2**16
"""Shards hold token ids in 16 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusConfig:
    """What becomes of papers on their way to rows of tokens.

    ``form`` is the paper as a whole (``documents``) or mostly the text that leads up to citations (``citing``).
    ``masked_share`` of the citing paragraphs show each citation with the others around it taken out, as in a draft
    whose citations are still to be found. ``context_chars`` bounds the text before a citation in the form ``citing``.
    ``untitled_share`` of its masked pieces come without the title of their paper. ``prompt_ratio`` is the share of
    tokens spent on prompts, ``replay_ratio`` that of rows of an earlier corpus. ``dev_share`` and ``test_share`` split
    sources whose names tell no part. ``duplicate_similarity`` is the Jaccard similarity from which two papers are one.
    """

    form: Form = "documents"
    row_tokens: int = 1_024
    seed: int = 7
    papers_per_shard: int = 128
    masked_share: float = 0.0
    context_chars: int = 300
    untitled_share: float = 0.1
    prompt_ratio: float = 0.01
    replay_ratio: float = 0.0
    dev_share: float = 0.03
    test_share: float = 0.0
    duplicate_similarity: float = 0.8
    sample_chars: int = 24_000_000

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            SettingsError: A value lies outside its range.
        """
        if self.form not in ("documents", "citing"):
            raise SettingsError(f"no form {self.form}", hint="The forms are documents and citing.")
        if not 32 <= self.row_tokens <= 65_536:
            raise SettingsError(f"rows of {self.row_tokens} tokens", hint="Give between 32 and 65,536.")
        for name in ("masked_share", "untitled_share", "dev_share", "test_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} is {getattr(self, name)}", hint="A share lies between 0 and 1.")
        for name in ("prompt_ratio", "replay_ratio"):
            if not 0 <= getattr(self, name) < 0.95:
                raise SettingsError(f"{name} is {getattr(self, name)}", hint="A ratio lies between 0 and 0.95.")
        if self.dev_share + self.test_share >= 1:
            raise SettingsError("nothing is left for training", hint="Lower the shares of dev and test.")
        if not 0.3 <= self.duplicate_similarity <= 1:
            raise SettingsError("duplicates are told by a similarity between 0.3 and 1")
        if self.papers_per_shard < 1 or self.context_chars < 20 or self.sample_chars < 1:
            raise SettingsError("papers_per_shard, context_chars and sample_chars are too small")
