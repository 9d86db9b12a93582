"""Searching the current indexes from any process, while another may replace them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Literal

from core.errors import SearchIndexError
from core.interfaces import Encoder, SearchBackend
from core.records import Scored
from indexer.search.dense import DenseIndex
from indexer.search.folders import CITING, DENSE, LEXICAL, Folders
from indexer.search.lexical import PASSAGE_FIELDS, WORK_FIELDS, LexicalIndex
from indexer.search.shelf import PASSAGES, WORKS

ItemKind = Literal["passages", "works"]


class LiveIndex:
    """The current index of one kind. Opened on first use, and again whenever a rebuild has taken its place.

    Args:
        name: Shown beside its scores.
        folders: Where the current folder is looked up.
        open_index: Opens the index inside a folder.
    """

    def __init__(self, name: str, folders: Folders, open_index: Callable[[Path], SearchBackend]) -> None:
        self.name = name
        self._folders = folders
        self._open_index = open_index
        self._lock = Lock()
        self._stamp: tuple[int, int] | None = None
        self._index: SearchBackend | None = None

    def search(self, query: str, *, top: int, paper_ids: frozenset[int] | None = None) -> list[Scored]:
        """See :class:`core.interfaces.SearchBackend`.

        Raises:
            SearchIndexError: There is no index yet, or it is damaged.
            core.errors.ModelError: The encoder failed.
        """
        index, stamp = self._current()
        try:
            return index.search(query, top=top, paper_ids=paper_ids)
        except SearchIndexError:
            if self._folders.stamp() == stamp:
                raise
            # The folder was replaced and removed during the search.
            return self._current()[0].search(query, top=top, paper_ids=paper_ids)

    def _current(self) -> tuple[SearchBackend, tuple[int, int]]:
        with self._lock:
            stamp = self._folders.stamp()
            if self._index is None or stamp != self._stamp:
                self._index = self._opened()
                self._stamp = stamp
            return self._index, stamp

    def _opened(self) -> SearchBackend:
        """Open the current folder; once more when it was replaced between looking it up and opening it."""
        folder = self._folders.current()
        try:
            if folder is not None:
                return self._open_index(folder)
        except SearchIndexError:
            if self._folders.current() == folder:
                raise
            folder = self._folders.current()
            if folder is not None:
                return self._open_index(folder)
        raise SearchIndexError(f"there is no {self.name} index yet", hint="Build it: galacite reindex")


def lexical_reader(root: Path, kind: ItemKind) -> LiveIndex:
    """BM25 over the passages or works indexed below ``root``."""
    sub_folder, fields = (PASSAGES, PASSAGE_FIELDS) if kind == "passages" else (WORKS, WORK_FIELDS)
    return LiveIndex("bm25", Folders(root / LEXICAL), lambda folder: LexicalIndex(folder / sub_folder, fields))


def dense_reader(root: Path, encoder: Callable[[], Encoder]) -> LiveIndex:
    """Similarity of meaning over the passages indexed below ``root``.

    The encoder is asked for when a search needs it: until one is installed, searches raise its ModelError.
    """
    return LiveIndex("dense", Folders(root / DENSE), lambda folder: DenseIndex(folder / PASSAGES, encoder()))


def citing_reader(root: Path, encoder: Callable[[], Encoder]) -> LiveIndex:
    """Works by a tuned encoder, asked with the text of a place that it understands; see ``dense_reader``."""
    return LiveIndex("dense", Folders(root / CITING), lambda folder: DenseIndex(folder / WORKS, encoder()))
