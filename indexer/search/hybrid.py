"""Search that joins words and meaning, and shows what it found on its page."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import GalaciteError, InputError, ModelError, SearchIndexError
from core.interfaces import SearchBackend
from core.records import EVERYTHING, Hit, Notice, Scored, SearchFilter
from indexer.config import SearchConfig
from indexer.database import Database
from indexer.search.analysis import Highlighter
from indexer.search.fusion import fuse
from indexer.store import papers as paper_store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What rankers found together: fused scores, best first, and each ranker's own list by name."""

    fused: tuple[Scored, ...]
    by_ranker: dict[str, tuple[Scored, ...]]
    notices: tuple[Notice, ...] = ()

    def scores_of(self, item_id: int) -> tuple[tuple[str, float], ...]:
        """The rankers' own scores of an item, in the order of the rankers."""
        return tuple(
            (name, scored.score)
            for name, ranking in self.by_ranker.items()
            for scored in ranking
            if scored.id == item_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Hits, best first; a notice says which ranker could not take part and why."""

    hits: tuple[Hit, ...]
    notices: tuple[Notice, ...] = ()


class HybridSearch:
    """Search over the passages of the library.

    Args:
        database: Where the passages are.
        rankers: Backends over passages, such as those of :mod:`indexer.search.readers`; one is enough.
        config: Candidates and fusion.
    """

    def __init__(
        self, database: Database, rankers: Sequence[SearchBackend], config: SearchConfig | None = None
    ) -> None:
        self._database = database
        self._rankers = tuple(rankers)
        self._config = config or SearchConfig()

    def search(self, query: str, *, top: int = 10, filter: SearchFilter = EVERYTHING) -> SearchResult:  # noqa: A002
        """Find at most ``top`` passages.

        A ranker that fails is left out with a notice, as long as another one works.

        Raises:
            InputError: ``top`` is below 1.
            SearchIndexError, ModelError: No ranker works.
            StorageError: The database cannot be read.
        """
        if top < 1:
            raise InputError(f"cannot find {top} passages", hint="Ask for at least 1.")
        with self._database.session() as session:
            paper_ids = paper_store.matching_ids(session, filter)
        if not query.strip() or paper_ids == frozenset():
            return SearchResult(hits=())
        # A passage removed since the last commit of the indexes is missing from the database: take some to spare.
        ranking = rank(self._rankers, query, top=2 * top, config=self._config, paper_ids=paper_ids)
        with self._database.session() as session:
            hits = paper_store.hits(session, ranking.fused)[:top]
        highlighter = Highlighter(query)
        shown = (
            replace(hit, scores=ranking.scores_of(hit.passage_id), highlights=highlighter.spans(hit.text))
            for hit in hits
        )
        return SearchResult(hits=tuple(shown), notices=ranking.notices)


def rank(
    rankers: Sequence[SearchBackend],
    query: str,
    *,
    top: int,
    config: SearchConfig,
    paper_ids: frozenset[int] | None = None,
) -> Ranking:
    """Ask all rankers and fuse what they say.

    Raises:
        SearchIndexError, ModelError: None of them works.
    """
    candidates = max(config.candidates, top)
    by_ranker: dict[str, tuple[Scored, ...]] = {}
    failures: list[tuple[str, GalaciteError]] = []
    for ranker in rankers:
        try:
            by_ranker[ranker.name] = tuple(ranker.search(query, top=candidates, paper_ids=paper_ids))
        except (SearchIndexError, ModelError) as error:
            log.warning("%s does not take part in the search: %s", ranker.name, error)
            failures.append((ranker.name, error))
    if failures and not by_ranker:
        raise failures[0][1]
    notices = tuple(Notice(code=f"{name}_unavailable", message=error.in_full) for name, error in failures)
    fused = fuse(list(by_ranker.values()), top=top, constant=config.fusion_constant)
    return Ranking(fused=tuple(fused), by_ranker=by_ranker, notices=notices)
