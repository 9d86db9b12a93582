"""Where papers come from, and which part of the corpus each belongs to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.records import Document
from core.text import title_key
from training.corpus.config import CorpusConfig, Part
from training.corpus.records import SourcePaper, read_papers

_PART = re.compile(r"(?:^|[._-])(train|dev|valid|validation|test)(?=[._-]|$)", re.IGNORECASE)


class PaperSource(Protocol):
    """Papers that can be gone through more than once, in the same order each time."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    @property
    def part(self) -> Part | None:
        """The part that all of its papers belong to; None when each is assigned by its title."""
        ...

    @property
    def stamp(self) -> str:
        """Changes when the papers do."""
        ...

    def __iter__(self) -> Iterator[SourcePaper]: ...


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A corpus file as ``read_papers`` reads it; its name may tell the part, as in ``elife.train.jsonl.xz``."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name without what its format adds."""
        return self.path.name.split(".jsonl")[0]

    @property
    def part(self) -> Part | None:
        """The part that the name tells."""
        return part_of_name(self.name)

    @property
    def stamp(self) -> str:
        """Name and size."""
        return f"{self.path.name}:{self.path.stat().st_size if self.path.is_file() else 0}"

    def __iter__(self) -> Iterator[SourcePaper]:
        return read_papers(self.path)


def part_of_name(name: str) -> Part | None:
    """The part that the name of a file or folder tells."""
    found = [match[1].lower() for match in _PART.finditer(name)]
    if not found:
        return None
    parts: dict[str, Part] = {"train": "train", "test": "test"}
    return parts.get(found[-1], "dev")


def part_of_paper(document: Document, identity: str, config: CorpusConfig) -> Part:
    """The part of a paper by its title (or ``identity`` when it has none): the same in every corpus and format."""
    key = title_key(document.title) or identity
    drawn = int.from_bytes(hashlib.sha256(f"{config.seed}/{key}".encode()).digest()[:8], "big") / 2**64
    if drawn < config.test_share:
        return "test"
    return "dev" if drawn < config.test_share + config.dev_share else "train"
