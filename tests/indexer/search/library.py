"""A library in memory and an encoder without weights, for tests of the indexes."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.records import Scored, Work
from indexer.search.readers import ItemKind, dense_reader, lexical_reader
from indexer.search.source import PaperContent, WorkContent
from indexer.store.works import CitingSentence


@dataclass(frozen=True)
class HashingEncoder:
    """Words hashed to signed places: deterministic, and texts that share words are similar."""

    name: str = "hashing"
    dimension: int = 64

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                value = zlib.crc32(word.encode())
                vectors[row, value % self.dimension] += 1.0 if value & 0x10000 else -1.0
            vectors[row, 0] += 1e-3
        norms: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / norms


@dataclass
class MemoryLibrary:
    """An IndexSource whose papers are given as texts and whose works as titles."""

    name: str = "memory"
    contents: dict[int, PaperContent] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    next_passage: int = 1

    def put(self, paper_id: int, texts: Sequence[str], *, title: str = "", works: Sequence[int] = ()) -> None:
        """Add or change a paper; its works get a title of their own when new."""
        former = self.contents.get(paper_id)
        ids = range(self.next_passage, self.next_passage + len(texts))
        self.next_passage += len(texts)
        self.contents[paper_id] = PaperContent(
            paper_id=paper_id,
            revision=former.revision + 1 if former else 1,
            title=title or f"Paper {paper_id}",
            passages=tuple(zip(ids, texts, strict=True)),
            work_ids=frozenset(works),
        )
        for work in works:
            self.titles.setdefault(work, f"work number{work} on topic{work % 5}")

    def remove(self, paper_id: int) -> None:
        """Remove a paper, and the works that nothing cites any more."""
        del self.contents[paper_id]
        cited = {work for content in self.contents.values() for work in content.work_ids}
        self.titles = {work: title for work, title in self.titles.items() if work in cited}

    def merge(self, work: int, into: int) -> None:
        """One work becomes part of another; no revision changes."""
        del self.titles[work]
        for paper, content in self.contents.items():
            if work in content.work_ids:
                self.contents[paper] = replace(content, work_ids=content.work_ids - {work} | {into})

    def identity(self) -> str:
        return self.name

    def revisions(self) -> dict[int, int]:
        return {paper: content.revision for paper, content in self.contents.items()}

    def work_ids(self) -> set[int]:
        return set(self.titles)

    def papers(self, ids: Sequence[int]) -> list[PaperContent]:
        return [self.contents[paper] for paper in ids if paper in self.contents]

    def works(self, ids: Sequence[int]) -> list[WorkContent]:
        return [
            WorkContent(work=Work(id=work, title=self.titles[work]), cited_in=self._cited_in(work))
            for work in ids
            if work in self.titles
        ]

    def _cited_in(self, work: int) -> tuple[CitingSentence, ...]:
        citing = sorted(paper for paper, content in self.contents.items() if work in content.work_ids)
        return tuple(CitingSentence(f"cited within citing{paper}", "") for paper in citing)


def lexical(root: Path, query: str, kind: ItemKind = "passages", *, top: int = 100) -> list[Scored]:
    """Search the current lexical index."""
    return lexical_reader(root, kind).search(query, top=top)


def dense(root: Path, query: str, *, top: int = 100) -> list[Scored]:
    """Search the current dense index with the hashing encoder."""
    return dense_reader(root, HashingEncoder).search(query, top=top)


def ids(scored: Sequence[Scored]) -> list[int]:
    """The ids alone, in order."""
    return [item.id for item in scored]


def snapshot(root: Path) -> dict[str, object]:
    """All that can be found, in a form that two index folders can be compared by.

    Lexical scores are left out: statistics of removed documents stay in them until segments merge.
    """
    queries = ["alpha", "beta gamma", "paper work cited topic1 citing1 citing2"]
    found: dict[str, object] = {}
    for query in queries:
        found[f"dense {query}"] = dense(root, query)
        for kind in ("passages", "works"):
            found[f"lexical {kind} {query}"] = sorted(ids(lexical(root, query, kind)))  # type: ignore[arg-type]
    return found
