"""Vectors on disk: one SQLite file whose rows are groups, each stamped with the generation that wrote it.

A reader that stands at generation g catches up by reading the groups of later generations. A removed group stays as
an empty row, so that removals are read in the same way.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.search.vectors import Ids

_BUSY_TIMEOUT_S = 30.0
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE vectors (
    group_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, checksum INTEGER NOT NULL,
    ids BLOB NOT NULL, digests BLOB NOT NULL, codes BLOB NOT NULL
);
CREATE INDEX vectors_by_generation ON vectors (generation);
"""


class DamagedFile(Exception):
    """The file contradicts itself. Never leaves this package: callers raise SearchIndexError."""


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The items of one group: ids and digests of shape (N,), codes of shape (N, B); N is 0 for a removed group."""

    group: int
    ids: Ids
    digests: NDArray[np.uint64]
    codes: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Changes:
    """What later generations brought: the changed groups, and all their present rows one after another."""

    generation: int
    groups: Ids
    ids: Ids
    row_groups: Ids
    codes: NDArray[np.uint8]


class VectorFile:
    """An open file.

    Args:
        path: Made by :meth:`create`.

    Raises:
        sqlite3.Error, DamagedFile: From every method, when the file is not what it should be.
    """

    def __init__(self, path: Path) -> None:
        # Opened as a URI: plain connect() would create what is missing.
        self._database = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_TIMEOUT_S, check_same_thread=False
        )
        self._seen = -1
        try:
            self.encoder = self.meta("encoder")
            self.dimension = int(self.meta("dimension"))
        except (sqlite3.Error, DamagedFile, ValueError):
            self._database.close()
            raise

    @classmethod
    def create(cls, path: Path, *, encoder: str, dimension: int) -> VectorFile:
        """Make an empty file; one that exists is an error."""
        path.touch(exist_ok=False)
        with contextlib.closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_TABLES)
            meta = {"encoder": encoder, "dimension": str(dimension), "generation": "0", "graph": ""}
            with database:
                database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        return cls(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def changed(self) -> bool:
        """Whether any process has committed since the last call; cheap enough for every search."""
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        changed: bool = version != self._seen
        self._seen = version
        return changed

    def forget(self) -> None:
        """Make the next :meth:`changed` true."""
        self._seen = -1

    def meta(self, key: str) -> str:
        """A value of the file's own; ``encoder``, ``dimension``, ``generation`` or ``graph``."""
        row = self._database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise DamagedFile(f"no {key}")
        return str(row[0])

    def set_graph(self, name: str) -> None:
        """Name the graph file that readers should load."""
        with self._database:
            self._database.execute("UPDATE meta SET value = ? WHERE key = 'graph'", (name,))

    def write(self, groups: Iterable[GroupRows]) -> None:
        """Replace groups in one transaction, as a new generation."""
        with self._transaction("BEGIN IMMEDIATE"):
            generation = int(self.meta("generation")) + 1
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?, ?)", (_pack(rows, generation) for rows in groups)
            )
            self._database.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(generation),))
        self.forget()

    def count(self) -> int:
        """How many items all groups have; quick, since vectors are not read."""
        (size,) = self._database.execute("SELECT coalesce(sum(length(ids)), 0) FROM vectors").fetchone()
        return int(size) // 8

    def read(self, group: int) -> GroupRows:
        """The rows of one group; empty when it is not there."""
        row = self._database.execute(
            "SELECT group_id, checksum, ids, digests, codes FROM vectors WHERE group_id = ?", (group,)
        ).fetchone()
        return self._unpack(row or (group, 0, b"", b"", b""))

    def read_since(self, generation: int) -> Changes:
        """All that generations after this one brought."""
        with self._transaction("BEGIN"):
            newest = int(self.meta("generation"))
            rows = [
                self._unpack(row)
                for row in self._database.execute(
                    "SELECT group_id, checksum, ids, digests, codes FROM vectors WHERE generation > ?", (generation,)
                )
            ]
        empty = np.empty((0, 2 * self.dimension), np.uint8)
        sizes = [len(row.ids) for row in rows]
        groups = np.array([row.group for row in rows], np.int64)
        return Changes(
            generation=newest,
            groups=groups,
            ids=np.concatenate([np.empty(0, np.int64), *(row.ids for row in rows)]),
            row_groups=np.repeat(groups, sizes),
            codes=np.concatenate([empty, *(row.codes for row in rows)]),
        )

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._database.execute(begin)
        try:
            yield
        except BaseException:
            self._database.rollback()
            raise
        self._database.commit()

    def _unpack(self, row: tuple[int, int, bytes, bytes, bytes]) -> GroupRows:
        group, checksum, ids, digests, codes = row
        count = len(ids) // 8
        if len(ids) != 8 * count or len(digests) != 8 * count or len(codes) != count * 2 * self.dimension:
            raise DamagedFile(f"group {group} has the wrong length")
        if zlib.crc32(codes) != checksum:
            raise DamagedFile(f"group {group} fails its checksum")
        return GroupRows(
            group,
            np.frombuffer(ids, "<i8"),
            np.frombuffer(digests, "<u8"),
            np.frombuffer(codes, np.uint8).reshape(count, 2 * self.dimension),
        )


def _pack(rows: GroupRows, generation: int) -> tuple[int, int, int, bytes, bytes, bytes]:
    codes = rows.codes.tobytes()
    ids, digests = rows.ids.astype("<i8").tobytes(), rows.digests.astype("<u8").tobytes()
    return rows.group, generation, zlib.crc32(codes), ids, digests, codes
