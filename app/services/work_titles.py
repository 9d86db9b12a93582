"""The titles of all stored works as a trie, kept in one file beside the search indexes and in step with the library."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from core.errors import ModelError, StorageError
from indexer.database import Database
from indexer.store import holders
from indexer.store import works as work_store

if TYPE_CHECKING:
    from model.galactica.titles import Title, TitleTrie
    from model.galactica.tokenizer import GalacticaTokenizer

FILE_NAME = "titles.safetensors"
_MOVED_ROWS = 200_000_000
"""Adding a title moves all that come after it: beyond so many moves the trie is sorted anew, which takes seconds."""
_log = logging.getLogger(__name__)


class WorkTitles:
    """The trie over the titles of all works. Not to be used by two threads at once.

    The file is a cache: one of another library or tokenizer, of an older format, or damaged is replaced, and priors
    of another model are dropped. The revision of each paper and part of a bibliography stands in it, so only works of
    those that came, changed or left are looked at.

    Args:
        database: Where the works are.
        file: Where the trie is kept.
        tokenizer: Cuts the titles.
        weights: Names the model's weights: priors of others are worthless.
    """

    def __init__(self, database: Database, file: Path, *, tokenizer: GalacticaTokenizer, weights: str) -> None:
        self._database = database
        self._file = file
        self._tokenizer = tokenizer
        self._weights = weights
        self._trie: TitleTrie | None = None
        self._papers: Mapping[int, int] = {}
        self._identity = ""

    def current(self) -> TitleTrie:
        """The trie as the library is now.

        Raises:
            StorageError: The database cannot be read.
        """
        with self._database.session() as session:
            self._identity = self._identity or self._database.identity(session)
            if self._trie is None:
                self._trie = self._loaded()
            # The revisions first: what is changed by others meanwhile is then seen by the next call.
            papers = holders.revisions(session)
            if self._trie is not None and papers == self._papers:
                return self._trie
            present = work_store.titled_ids(session)
            if self._trie is None or not self._followed(self._trie, session, papers, present):
                self._trie = self._sorted(work_store.titled_works(session, present))
        self._papers = papers
        self.save()
        return self._trie

    def save(self) -> None:
        """Write the file; a disk that refuses costs the next start some seconds, and nothing else."""
        if self._trie is None:
            return
        about = {
            "database": self._identity,
            "tokenizer": self._tokenizer.fingerprint,
            "weights": self._weights,
            "papers": json.dumps(list(self._papers.items())),
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._trie.save(self._file, about=about)
        except (StorageError, OSError) as error:
            _log.warning("the titles are not kept: %s", error)

    def _loaded(self) -> TitleTrie | None:
        """What the file holds; None when it is missing or of no use."""
        from model.galactica.titles import TitleTrie

        if not self._file.is_file():
            return None
        try:
            trie, about = TitleTrie.load(self._file)
            papers = {int(paper): int(revision) for paper, revision in json.loads(about["papers"])}
        except (ModelError, KeyError, TypeError, ValueError, RecursionError) as error:
            _log.warning("the titles are read anew: %s", error)
            return None
        if (about.get("database"), about.get("tokenizer")) != (self._identity, self._tokenizer.fingerprint):
            return None
        if (trie.end, trie.vocabulary) != (self._tokenizer.end_ref, self._tokenizer.vocabulary):
            return None
        if about.get("weights") != self._weights:
            trie.forget_priors()
        self._papers = papers
        return trie

    def _sorted(self, works: Iterable[work_store.TitledWork]) -> TitleTrie:
        from model.galactica.titles import title_trie

        listed = list(works)
        return title_trie(self._tokenizer, [_title(work) for work in listed], [work.id for work in listed])

    def _followed(self, trie: TitleTrie, session: Session, papers: Mapping[int, int], present: set[int]) -> bool:
        """Bring a trie to the works that are present; False when there is so much to do that sorting anew is faster."""
        from model.galactica.titles import title_sequences

        changed = [paper for paper, revision in papers.items() if self._papers.get(paper) != revision]
        touched = {work for paper in changed for work in holders.works_of(session, paper)}
        ids = trie.rows.ids_between(0, len(trie))
        known = set(ids.tolist())
        wanted, gone = (touched & present) | (present - known), known - present
        if (len(wanted) + len(gone)) * max(len(known), len(present)) > _MOVED_ROWS:
            return False
        rows = trie.rows
        places = np.flatnonzero(np.isin(ids, list(wanted))).tolist()
        former = {int(ids[row]): rows.sequence(row).tolist() for row in places}
        works = list(work_store.titled_works(session, wanted))
        sequences = title_sequences(self._tokenizer, [_title(work) for work in works])
        fresh = {work.id: cut for work, cut in zip(works, sequences, strict=True) if former.get(work.id) != cut}
        for work_id in gone | (fresh.keys() & former.keys()):
            trie.remove(work_id)
        for work_id, sequence in fresh.items():
            trie.add(work_id, sequence)
        return True


def _title(work: work_store.TitledWork) -> Title:
    from model.galactica.titles import Title

    return Title(work.title, work.surname)
