"""Search over the passages of the library, and how much a passage bears on a question."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.errors import ModelError, SearchIndexError
from core.interfaces import Encoder
from core.records import EVERYTHING, Hit, Notice, SearchFilter
from core.words import coverage
from indexer.database import Database
from indexer.search.hybrid import HybridSearch, SearchResult
from indexer.store.papers import count_papers

_log = logging.getLogger(__name__)
_CANDIDATES = 24
_PER_PAPER = 4


class SearchService:
    """Finds passages.

    Args:
        database: Where the passages are.
        passages: The joined ranking of all indexes.
        encoder: Weighs passages against questions; may raise ModelError, and words alone decide instead.
    """

    def __init__(self, database: Database, *, passages: HybridSearch, encoder: Callable[[], Encoder]) -> None:
        self._database = database
        self._passages = passages
        self._encoder = encoder

    def search(self, query: str, *, narrow: SearchFilter = EVERYTHING, top: int = 20) -> SearchResult:
        """The passages that fit a query best. An empty query finds nothing; an empty library says so."""
        try:
            return self._passages.search(query, filter=narrow, top=top)
        except SearchIndexError:
            with self._database.session() as session:
                if count_papers(session):
                    raise
            notice = Notice(code="no_papers", message="The library is empty: add some PDFs first.")
            return SearchResult(hits=(), notices=(notice,))

    def evidence(self, question: str, *, narrow: SearchFilter = EVERYTHING, top: int = 6) -> SearchResult:
        """Passages that bear on a question, weighed by ``relevance`` into their ``score``, a few a paper at most."""
        found = self.search(question, narrow=narrow, top=_CANDIDATES)
        weights, notices = self.relevance(question, [f"{hit.section} {hit.text}" for hit in found.hits])
        weighed = sorted(
            (replace(hit, score=weight) for hit, weight in zip(found.hits, weights, strict=True)),
            key=lambda hit: hit.score,
            reverse=True,
        )
        kept: list[Hit] = []
        for hit in weighed:
            if sum(other.paper_id == hit.paper_id for other in kept) < _PER_PAPER:
                kept.append(hit)
        return SearchResult(hits=tuple(kept[:top]), notices=(*found.notices, *notices))

    def relevance(self, question: str, texts: Sequence[str]) -> tuple[list[float], tuple[Notice, ...]]:
        """How much each text bears on a question, in [0, 1].

        The mean of the cosine similarity and of the share of the question's content words that the text holds; the
        latter alone when no encoder is installed.
        """
        words = [coverage(question, text) for text in texts]
        if not texts:
            return words, ()
        try:
            vectors = self._encoder().encode([question, *texts])
        except ModelError as error:
            _log.warning("relevance without encoder: %s", type(error).__name__)
            return words, (Notice(code="no_encoder", message=error.in_full),)
        cosines = vectors[1:] @ vectors[0]
        return [0.5 * max(0.0, float(cosine)) + 0.5 * share for cosine, share in zip(cosines, words, strict=True)], ()
