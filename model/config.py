"""Settings of the models, as values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig:
    """The text encoder: a sentence-transformers folder of the BERT kind with mean pooling."""

    folder: Path
    max_tokens: int = 256
    batch_size: int = 32
    threads: int = 0
    """0 leaves PyTorch's own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig:
    """The model that phrases answers: a folder in the transformers format."""

    folder: Path
    max_context_tokens: int = 2_048
    """Prompt and answer together: a longer prompt makes a laptop wait too long for the first word."""
    repetition_penalty: float = 1.1
    """Divides the score of tokens that the answer already holds (CTRL, arXiv:1909.05858); 1 is off. The prompt does
    not count: copying the evidence is wanted."""
    no_repeat_ngram: int = 8
    """No run of this many tokens occurs twice in an answer; 0 is off. Small models loop."""
    rounded_weights: bool = True
    """Decode with weights of one byte where the architecture is known: twice as fast, hardly different."""
    threads: int = 0
    """0 leaves PyTorch's own choice."""
    busy_timeout_s: float = 300.0
    """How long a generation waits for the one before it."""
