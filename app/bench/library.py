"""Libraries of any size for benchmarks: real text where the corpora of the evaluation are at hand, else Zipf's law."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from core.records import Author, Box, Document, Passage, Reference, StoredFile
from core.text import clean
from indexer.database import Database
from indexer.store.papers import add_paper

PASSAGE_CHARS = 900

_SHORTEST_PASSAGE = 120
_PASSAGES_PER_PAPER = 50
_PASSAGES_PER_PAGE = 5
_REFERENCES_PER_PAPER = 10
_PAPERS_PER_TRANSACTION = 50
_VOCABULARY = 30_000
_GENERATED_WORDS = 120
_YEARS = (1985, 2025)


def find_corpus(data: Path | None) -> Path | None:
    """Real papers in the folder of the benchmark corpora (``Settings.data``), when they are there."""
    path = data / "corpus" / "neurips2025.train.jsonl.xz" if data else None
    return path if path is not None and path.is_file() else None


def passage_texts(corpus: Path | None) -> Iterator[str]:
    """Texts of at most ``PASSAGE_CHARS`` characters; without a corpus they are generated and never end."""
    return _generated_texts() if corpus is None else _corpus_texts(corpus)


def store_library(database: Database, texts: Sequence[str], on_progress: Callable[[int, int], None]) -> int:
    """Store texts as passages of papers; returns how many papers there are.

    Raises:
        StorageError: The database cannot be written.
    """
    starts = range(0, len(texts), _PASSAGES_PER_PAPER)
    for batch in range(0, len(starts), _PAPERS_PER_TRANSACTION):
        with database.session(write=True) as session:
            for start in starts[batch : batch + _PAPERS_PER_TRANSACTION]:
                document = _document(start // _PASSAGES_PER_PAPER, texts[start : start + _PASSAGES_PER_PAPER])
                digest = sha256(str(start).encode()).hexdigest()
                add_paper(session, document, StoredFile(sha256=digest, name=f"{start}.pdf", size_bytes=1))
        on_progress(min(batch + _PAPERS_PER_TRANSACTION, len(starts)), len(starts))
    return len(starts)


def _corpus_texts(corpus: Path) -> Iterator[str]:
    with lzma.open(corpus, "rt", encoding="utf-8") as file:
        for line in file:
            for paragraph in _paragraphs(json.loads(line)):
                for start in range(0, len(paragraph), PASSAGE_CHARS):
                    text = paragraph[start : start + PASSAGE_CHARS].strip()
                    if len(text) >= _SHORTEST_PASSAGE:
                        yield text


def _paragraphs(paper: dict[str, Any]) -> Iterator[str]:
    for _, paragraphs in paper["secs"]:
        for text, _ in paragraphs:
            yield clean(text)


def _generated_texts() -> Iterator[str]:
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnoprstuvw"))
    words = ["".join(random.choice(letters, random.integers(2, 11))) for _ in range(_VOCABULARY)]
    weights = 1.0 / np.arange(2, _VOCABULARY + 2)
    weights /= weights.sum()
    while True:
        text = " ".join(words[index] for index in random.choice(_VOCABULARY, _GENERATED_WORDS, p=weights))
        yield text[:PASSAGE_CHARS]


def _document(number: int, texts: Sequence[str]) -> Document:
    passages: list[Passage] = []
    position = 0
    for index, text in enumerate(texts):
        page = 1 + index // _PASSAGES_PER_PAGE
        box = Box(page=page, x0=72.0, y0=80.0, x1=520.0, y1=200.0)
        passages.append(
            Passage(index=index, text=text, page=page, start=position, end=position + len(text), boxes=(box,))
        )
        position += len(text) + 2
    return Document(
        title=" ".join(texts[0].split()[:9]),
        page_count=passages[-1].page,
        authors=(Author(family=f"Family{number % 400}", given="A."),),
        year=_YEARS[0] + number % (_YEARS[1] - _YEARS[0]),
        passages=tuple(passages),
        references=tuple(_reference(index, number, text) for index, text in enumerate(texts[:_REFERENCES_PER_PAPER])),
    )


def _reference(index: int, number: int, text: str) -> Reference:
    title = " ".join(text.split()[-8:])
    author = Author(family=f"Cited{(7 * number + index) % 900}")
    return Reference(index=index, raw=f"{author.family}. {title}.", page=1, authors=(author,), title=title, year=2020)
