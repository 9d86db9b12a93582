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
    max_prompt_tokens: int = 1_500
    """Prompts beyond this make a laptop wait too long for the first word."""
