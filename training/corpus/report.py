"""What a corpus holds, told per source: papers, citations, works, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InputError
from core.json import from_json

REPORT = "report.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """One source within one part. ``works`` are the distinct works with a title in its reference lists."""

    source: str
    part: str
    papers: int = 0
    duplicates: int = 0
    without_citations: int = 0
    citations: int = 0
    works: int = 0
    prompts: int = 0
    tokens: int = 0
    citation_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusReport:
    """A whole corpus; ``rows`` by part. ``works`` are distinct over all sources."""

    form: str
    row_tokens: int
    seed: int
    vocabulary: int
    tokenizer: str
    sources: tuple[SourceReport, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    works: int = 0
    left_out: int = 0
    repeated: tuple[tuple[str, str], ...] = ()
    """Some papers left out as duplicates, each with the one it repeats."""


def read_report(folder: Path) -> CorpusReport:
    """The report of a finished build.

    Raises:
        InputError: There is none, or it is damaged.
    """
    path = folder / REPORT
    try:
        return from_json(CorpusReport, path.read_bytes())
    except FileNotFoundError:
        raise InputError(
            f"{folder}: no finished corpus there", hint="Build one: galacite corpus build SOURCES --out FOLDER"
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__})", hint="Build the corpus anew.") from error
