"""A first look at the papers to train on: how works are written, and a sample of text for the tokenizer."""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from training.contexts import CitedWork, cited_works
from training.corpus.records import SourcePaper
from training.corpus.rendering import Spellings, render_document
from training.corpus.shards import write_atomically

WORKS = "works.json"
_OWN_WORDS = Spellings({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the first look found; ``sample`` holds whole papers as text."""

    papers: int
    works: dict[str, CitedWork]
    sample: list[str]


def survey(papers: Iterable[SourcePaper], *, sample_chars: int, seed: int) -> Survey:
    """Go through papers once.

    Args:
        papers: Those to train on.
        sample_chars: About how much text to keep; papers are drawn by their identity, so that their order is no matter.
        seed: Of the drawing.
    """
    sample = _Sample(sample_chars, seed)
    works = cited_works(sample.watch(papers))
    return Survey(papers=sample.papers, works=works, sample=sample.texts())


def write_works(folder: Path, works: dict[str, CitedWork]) -> None:
    """Write how works are spelled, for the processes that render papers and for building again."""
    spellings = {key: [work.title, work.surname] for key, work in sorted(works.items())}
    write_atomically(folder / WORKS, json.dumps(spellings, ensure_ascii=False, indent=0))


def read_spellings(folder: Path) -> Spellings:
    """Read what ``write_works`` wrote.

    Raises:
        InputError: It is missing or damaged.
    """
    path = folder / WORKS
    try:
        found = json.loads(path.read_bytes())
        return Spellings({str(key): (str(title), str(surname)) for key, (title, surname) in found.items()})
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__})", hint="Build the corpus anew.") from error


class _Sample:
    """Papers with the least hash values, rendered, as many as fit."""

    def __init__(self, most_chars: int, seed: int) -> None:
        self._most = most_chars
        self._seed = seed
        self._kept: list[tuple[int, int, str]] = []  # hash made negative, number, text: the largest hash comes first
        self._chars = 0
        self.papers = 0

    def watch(self, papers: Iterable[SourcePaper]) -> Iterator[SourcePaper]:
        """Hand papers on, keeping some of them."""
        for paper in papers:
            self.papers += 1
            self._consider(paper)
            yield paper

    def texts(self) -> list[str]:
        """The kept texts, by hash."""
        return [text for _, _, text in sorted(self._kept, reverse=True)]

    def _consider(self, paper: SourcePaper) -> None:
        value = zlib.crc32(f"{self._seed}/{paper.source}/{paper.id}".encode())
        if self._chars >= self._most and value >= -self._kept[0][0]:
            return
        text = render_document(paper.document, _OWN_WORDS)
        heapq.heappush(self._kept, (-value, self.papers, text))
        self._chars += len(text)
        while len(self._kept) > 1 and self._chars - len(self._kept[0][2]) >= self._most:
            self._chars -= len(heapq.heappop(self._kept)[2])
