"""Search by meaning: vectors of an encoder, kept in one SQLite file and searched in memory.

Up to ``exact_rows`` vectors every search is exact. Beyond, the writer keeps a graph beside the file; what came after
the graph is searched exactly and joined, so that readers load and never build.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from core.errors import SearchIndexError
from core.interfaces import Encoder
from core.records import Scored
from indexer.search.vectorfile import DamagedFile, GroupRows, VectorFile
from indexer.search.vectors import FlatVectors, GraphVectors, decode_rows, encode_rows, merge

log = logging.getLogger(__name__)

EXACT_ROWS = 200_000
"""Exact search over this many 384-dimensional vectors takes about 10 ms on one core."""

_GRAPH = "graph-"
_RENEWAL_SHARE = 0.2
"""A graph is made anew when so many of its rows are dead, and extended when so many are missing from it."""


class DenseIndex:
    """Vectors of items in groups, which are replaced or removed as a whole.

    Args:
        folder: Made by :meth:`create`.
        encoder: The one that the folder was made with.
        exact_rows: Above this many vectors a graph is kept.

    Raises:
        SearchIndexError: The folder holds no readable index, or one of another encoder.
    """

    name = "dense"

    def __init__(self, folder: Path, encoder: Encoder, *, exact_rows: int = EXACT_ROWS) -> None:
        self._folder = folder
        self._encoder = encoder
        self._exact_rows = exact_rows
        self._lock = RLock()
        self._pending: dict[int, tuple[list[int], list[str]]] = {}
        self._flat = FlatVectors(encoder.dimension)
        self._graph: GraphVectors | None = None
        self._graph_name = ""
        self._generation = 0
        with _refusals(folder, "read"):
            self._file = VectorFile(folder / "vectors.sqlite")
        found = (self._file.encoder, self._file.dimension)
        if found != (encoder.name, encoder.dimension):
            self._file.close()
            raise SearchIndexError(
                f"{folder}: made with encoder {found[0]} of dimension {found[1]}, not {encoder.name}",
                hint="Rebuild it: galacite reindex",
            )

    @classmethod
    def create(cls, folder: Path, encoder: Encoder, *, exact_rows: int = EXACT_ROWS) -> DenseIndex:
        """Make an empty index in a folder that holds none.

        Raises:
            SearchIndexError: The folder cannot be written.
        """
        with _refusals(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True)
            VectorFile.create(folder / "vectors.sqlite", encoder=encoder.name, dimension=encoder.dimension).close()
        return cls(folder, encoder, exact_rows=exact_rows)

    def close(self) -> None:
        """Close the file; the index must not be used after."""
        with self._lock:
            self._file.close()

    def replace(self, group_id: int, ids: Sequence[int], texts: Sequence[str]) -> None:
        """Put these items in the place of the group's former ones; encoded and written by :meth:`commit`."""
        self._pending[group_id] = (list(ids), list(texts))

    def remove(self, group_id: int) -> None:
        """Drop a group; one that is not there is no error."""
        self._pending[group_id] = ([], [])

    def discard(self) -> None:
        """Forget the changes since the last commit."""
        self._pending.clear()

    def commit(self) -> None:
        """Write all changes since the last commit in one transaction; a text that its group had before is not encoded.

        Raises:
            SearchIndexError: The file cannot be written; the index is as before.
            core.errors.ModelError: The encoder failed; the index is as before.
        """
        if not self._pending:
            return
        with self._lock:
            with _refusals(self._folder, "read"):
                former = [self._file.read(group) for group in self._pending]
            rows = self._encode_pending(former)
            with _refusals(self._folder, "written"):
                self._file.write(rows)
            self._pending.clear()

    def optimize(self) -> None:
        """Make or extend the graph when the number of vectors asks for it; nothing to do up to ``exact_rows``.

        Raises:
            SearchIndexError: The graph cannot be written; the index is as before.
        """
        with self._lock, _refusals(self._folder, "written"):
            self._refresh()
            graph, loose = self._graph, len(self._flat)
            if loose + len(graph or ()) <= self._exact_rows:
                return
            if graph is None or graph.dead_share > _RENEWAL_SHARE or loose > _RENEWAL_SHARE * len(graph):
                self._renew_graph()

    def count(self) -> int:
        """How many items are stored; unlike ``len`` it loads nothing."""
        with self._lock, _refusals(self._folder, "read"):
            return self._file.count()

    def __len__(self) -> int:
        """How many items can be found."""
        with self._lock, _refusals(self._folder, "read"):
            self._refresh()
            return len(self._flat) + len(self._graph or ())

    def search(self, query: str, *, top: int, paper_ids: frozenset[int] | None = None) -> list[Scored]:
        """Find at most ``top`` items by cosine similarity, best first; equal scores in order of id.

        Args:
            query: Free text; blank text finds nothing.
            top: At least 1.
            paper_ids: When given, only items of these groups.

        Raises:
            SearchIndexError: The file is damaged.
            core.errors.ModelError: The encoder failed.
        """
        if not query.strip() or paper_ids == frozenset():
            return []
        return self.search_vector(self._encoder.encode([query])[0], top=top, paper_ids=paper_ids)

    def search_vector(
        self, vector: NDArray[np.float32], *, top: int, paper_ids: frozenset[int] | None = None
    ) -> list[Scored]:
        """The same for a vector of unit length, shape (D,)."""
        groups = None if paper_ids is None else np.fromiter(paper_ids, np.int64, len(paper_ids))
        with self._lock, _refusals(self._folder, "read"):
            self._refresh()
            parts = [self._flat.search(vector, top=top, groups=groups)]
            if self._graph is not None:
                parts.append(self._graph.search(vector, top=top, groups=groups))
        found = merge(parts, top)
        return [Scored(id=int(item), score=float(score)) for item, score in zip(found.ids, found.scores, strict=True)]

    def _refresh(self) -> None:
        """Follow the commits of any process."""
        if not self._file.changed():
            return
        try:
            self._read_changes()
        except BaseException:
            self._file.forget()  # else the next search would take what is in memory for the newest
            raise

    def _read_changes(self) -> None:
        graph_name = self._file.meta("graph")
        if graph_name != self._graph_name:
            self._start_from(graph_name)
        changes = self._file.read_since(self._generation)
        self._flat.remove(changes.groups)
        if self._graph is not None:
            self._graph.remove(changes.groups)
        self._flat.add(changes.ids, changes.row_groups, changes.codes)
        self._generation = changes.generation

    def _start_from(self, graph_name: str) -> None:
        """Forget what is in memory, and load a graph; the rows of later generations are read next."""
        self._graph = GraphVectors.load(self._folder / graph_name) if graph_name else None
        self._graph_name = graph_name
        self._flat = FlatVectors(self._encoder.dimension)
        self._generation = int(graph_name.removeprefix(_GRAPH)) if graph_name else 0

    def _renew_graph(self) -> None:
        """Put all vectors into the graph on disk: by adding what it lacks, or anew when much of it is dead."""
        graph, name = self._graph, f"{_GRAPH}{self._generation}"
        try:
            if graph is None or graph.dead_share > _RENEWAL_SHARE:
                every = self._file.read_since(0)
                graph = GraphVectors.build(every.ids, every.row_groups, decode_rows(every.codes))
            else:
                graph.add(self._flat.ids, self._flat.groups, decode_rows(self._flat.codes()))
            graph.save(self._folder / name)
            self._file.set_graph(name)
            # A reader may be about to load the former one: it stays until the next renewal.
            for path in self._folder.glob(f"{_GRAPH}*"):
                if path.stem not in (name, self._graph_name):
                    path.unlink(missing_ok=True)
        finally:
            self._start_from("")
            self._file.forget()
        log.info("saved a graph of %d vectors in %s", len(graph), self._folder)

    def _encode_pending(self, former: list[GroupRows]) -> list[GroupRows]:
        """Rows of the pending groups; texts found in ``former`` keep their vectors."""
        known = {key: code for rows in former for key, code in zip(rows.digests.tolist(), rows.codes, strict=True)}
        digests = {group: [_digest(text) for text in texts] for group, (_, texts) in self._pending.items()}
        fresh = {
            key: text
            for group, (_, texts) in self._pending.items()
            for key, text in zip(digests[group], texts, strict=True)
            if key not in known
        }
        if fresh:
            known |= zip(fresh, encode_rows(self._encoder.encode(list(fresh.values()))), strict=True)
        width = 2 * self._encoder.dimension
        return [
            GroupRows(
                group,
                np.array(ids, np.int64),
                np.array(digests[group], np.uint64),
                np.array([known[key] for key in digests[group]], np.uint8).reshape(-1, width),
            )
            for group, (ids, _) in self._pending.items()
        ]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


@contextlib.contextmanager
def _refusals(folder: Path, verb: str) -> Iterator[None]:
    """Turn what SQLite, FAISS (RuntimeError) and the disk raise into our error."""
    try:
        yield
    except (sqlite3.Error, DamagedFile, OSError, RuntimeError, ValueError) as error:
        hint = "Free disk space, then: galacite reindex" if verb == "written" else "Rebuild it: galacite reindex"
        raise SearchIndexError(f"{folder}: the dense index cannot be {verb}: {error}", hint=hint) from error
