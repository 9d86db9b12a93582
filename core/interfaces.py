"""The seams of the system, as Protocols: what can be exchanged without touching the code around it."""

from __future__ import annotations

from collections.abc import Generator as Pieces
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.records import Document, Scored


class Encoder(Protocol):
    """Turns text into vectors whose inner product is cosine similarity."""

    @property
    def name(self) -> str:
        """Identifies the weights: vectors of different names are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """Length D of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed N texts.

        Returns:
            Shape (N, D); rows have unit length. N may be 0.

        Raises:
            core.errors.ModelError: The weights are missing or damaged.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One turn given to a generator."""

    role: Literal["system", "user", "assistant"]
    content: str


class Generator(Protocol):
    """Phrases text. Its output is never trusted: callers verify it against evidence."""

    @property
    def name(self) -> str:
        """Shown with every answer."""
        ...

    @property
    def context_tokens(self) -> int:
        """Prompt and answer together must fit in this many tokens."""
        ...

    def count_tokens(self, text: str) -> int:
        """Length of a text in this generator's tokens."""
        ...

    def stream(self, messages: Sequence[ChatMessage], *, max_new_tokens: int) -> Pieces[str, None, None]:
        """Generate greedily, piece by piece. Closing it stops the generation.

        Raises:
            core.errors.ModelError: The model is missing, unreachable or failed.
            core.errors.InputError: The prompt does not fit.
        """
        ...


class SearchBackend(Protocol):
    """Ranks stored items (passages or works) for a query."""

    @property
    def name(self) -> str:
        """Short name shown beside its score, such as ``bm25`` or ``dense``."""
        ...

    def search(self, query: str, *, top: int, paper_ids: frozenset[int] | None = None) -> list[Scored]:
        """Find at most ``top`` items, best first.

        Args:
            query: Free text; never parsed as a query language.
            top: At least 1.
            paper_ids: When given, only items of these papers. Not None for works is an error of the caller.
        """
        ...


class DocumentParser(Protocol):
    """Reads a file into a Document."""

    def parse(self, path: Path, *, name: str = "") -> Document:
        """Parse one file; ``name`` is what the user calls it, for messages and as the title of last resort.

        Raises:
            core.errors.UnreadableFile: The file cannot be parsed; the reason is in its code.
        """
        ...
