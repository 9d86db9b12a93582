"""Why a work is suggested for a place: what the library says where it cites the work, and what the work itself says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.services.citing import near_query
from app.services.places import Place
from core.errors import SearchIndexError
from core.interfaces import SearchBackend
from core.records import CitedAt, Hit, ListedAt, Scored, Work
from core.text import title_words
from indexer.database import Database
from indexer.store import bibliographies as bibliography_store
from indexer.store import papers as paper_store
from indexer.store import works as work_store

_SENTENCES = 20
"""Looked at for each work."""
_SHOWN = 3
_LEAST_WORD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Of one work; see ``core.records.Suggestion``."""

    cited_at: tuple[CitedAt, ...] = ()
    listed_at: ListedAt | None = None
    passage: Hit | None = None


class Reasons:
    """Finds reasons in the library.

    Args:
        database: Where papers and works are.
        passages: Searches passages by words.
    """

    def __init__(self, database: Database, *, passages: SearchBackend) -> None:
        self._database = database
        self._passages = passages

    def find(self, place: Place, works: Sequence[Work]) -> dict[int, Reason]:
        """The reasons for each of the works, by id."""
        best = self._best_passages(place, works)
        ids = [work.id for work in works]
        with self._database.session() as session:
            cited = work_store.cited_at(session, ids, per_work=_SENTENCES)
            uncited = [id_ for id_ in ids if id_ not in cited]
            listed = work_store.listed_at(session, uncited)
            imported = bibliography_store.listed_as(session, [id_ for id_ in uncited if id_ not in listed])
            passages = {hit.paper_id: hit for hit in paper_store.hits(session, best)}
        listed |= {id_: ListedAt(bibliography=entries[0].bibliography) for id_, entries in imported.items()}
        fitting = _by_fit(f"{place.before} {place.after}", cited)
        return {
            work.id: Reason(
                cited_at=fitting.get(work.id, ()),
                listed_at=listed.get(work.id),
                passage=passages.get(work.paper_id) if work.paper_id is not None else None,
            )
            for work in works
        }

    def _best_passages(self, place: Place, works: Iterable[Work]) -> list[Scored]:
        """The best passage of each work that the library holds; none when there is no index of passages."""
        held = [work.paper_id for work in works if work.paper_id is not None]
        query = near_query(place)
        try:
            return [one for id_ in held for one in self._passages.search(query, top=1, paper_ids=frozenset({id_}))]
        except SearchIndexError:
            return []


def _by_fit(text: str, cited: Mapping[int, Sequence[CitedAt]]) -> dict[int, tuple[CitedAt, ...]]:
    """Those of each work that share most with a text; a word counts the more, the fewer of all sentences hold it."""
    words = {place: _telling(place.sentence) for places in cited.values() for place in places}
    holding = Counter(word for found in words.values() for word in found)
    wanted = {word: math.log(1 + len(words) / holding[word]) for word in _telling(text) if word in holding}

    def fit(place: CitedAt) -> float:
        own = words[place]
        return sum(wanted.get(word, 0.0) for word in own) / math.sqrt(len(own) or 1)

    return {id_: tuple(sorted(places, key=fit, reverse=True)[:_SHOWN]) for id_, places in cited.items()}


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in title_words(text) if len(word) >= _LEAST_WORD)
