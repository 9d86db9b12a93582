"""What an index folder holds: which papers at which revision, and which works came with each.

The manifest is written after the indexes. Before they are touched, the ids concerned are noted as pending, so that
whatever a crash leaves behind is known to the next synchronisation.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import SearchIndexError
from indexer.search.source import PaperContent

FORMAT = "2"
"""Raised whenever the folders' layout or the analysis of text changes: older folders are then rebuilt."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE papers (paper_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, passages INTEGER NOT NULL);
CREATE TABLE paper_works (paper_id INTEGER NOT NULL, work_id INTEGER NOT NULL, PRIMARY KEY (paper_id, work_id))
    WITHOUT ROWID;
CREATE INDEX paper_works_by_work ON paper_works (work_id);
CREATE TABLE pending (kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""
_BUSY_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What an index folder was made from; one made from anything else is useless."""

    database: str
    encoder: str
    format: str


class Manifest:
    """The manifest of one folder.

    Args:
        folder: Has had :meth:`create`.

    Raises:
        SearchIndexError: From every method, when the file is missing, damaged or cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "manifest.sqlite"
        with self._refusals():
            uri = f"{self._path.resolve().as_uri()}?mode=rw"
            self._database = sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
        try:
            with self._refusals():
                meta = dict(self._database.execute("SELECT key, value FROM meta"))
        except SearchIndexError:
            self._database.close()
            raise
        self.origin = Origin(
            database=meta.get("database", ""), encoder=meta.get("encoder", ""), format=meta.get("format", "")
        )

    @classmethod
    def create(cls, folder: Path, origin: Origin) -> Manifest:
        """Make an empty manifest in a folder that has none."""
        path = folder / "manifest.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.executescript(_TABLES)
                meta = {"database": origin.database, "encoder": origin.encoder, "format": origin.format}
                with database:
                    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        except (sqlite3.Error, OSError) as error:
            raise _refused(path, error) from error
        return cls(folder)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def revisions(self) -> dict[int, int]:
        """Revision by paper, as indexed."""
        with self._refusals():
            return dict(self._database.execute("SELECT paper_id, revision FROM papers"))

    def works_of(self, paper_ids: Iterable[int]) -> set[int]:
        """The works that came with these papers."""
        with self._refusals():
            return {
                work
                for paper in paper_ids
                for (work,) in self._database.execute("SELECT work_id FROM paper_works WHERE paper_id = ?", (paper,))
            }

    def works(self) -> set[int]:
        """All works that came with any paper."""
        with self._refusals():
            return {work for (work,) in self._database.execute("SELECT DISTINCT work_id FROM paper_works")}

    def papers_with(self, work_ids: Iterable[int]) -> set[int]:
        """The papers that these works came with."""
        with self._refusals():
            return {
                paper
                for work in work_ids
                for (paper,) in self._database.execute("SELECT paper_id FROM paper_works WHERE work_id = ?", (work,))
            }

    def passage_count(self) -> int:
        """How many passages the index must hold when nothing is pending."""
        with self._refusals():
            (count,) = self._database.execute("SELECT coalesce(sum(passages), 0) FROM papers").fetchone()
            return int(count)

    def pending(self) -> tuple[set[int], set[int]]:
        """Papers and works whose last change may have been broken off."""
        with self._refusals():
            rows = self._database.execute("SELECT kind, id FROM pending").fetchall()
        return {id_ for kind, id_ in rows if kind == "paper"}, {id_ for kind, id_ in rows if kind == "work"}

    def begin(self, paper_ids: Iterable[int], work_ids: Iterable[int]) -> None:
        """Note what is about to change in the indexes."""
        rows = [("paper", id_) for id_ in paper_ids] + [("work", id_) for id_ in work_ids]
        with self._refusals(), self._database:
            self._database.executemany("INSERT OR IGNORE INTO pending VALUES (?, ?)", rows)

    def finish(self, put: Sequence[PaperContent], removed: Iterable[int], works: Iterable[int]) -> None:
        """Note what the indexes now hold.

        Args:
            put: Papers that were written.
            removed: Papers that are gone.
            works: Works that were written or removed.
        """
        gone = [(paper,) for paper in {*(content.paper_id for content in put), *removed}]
        papers = [(content.paper_id, content.revision, len(content.passages)) for content in put]
        its_works = [(content.paper_id, work) for content in put for work in content.work_ids]
        with self._refusals(), self._database:
            self._database.executemany("DELETE FROM papers WHERE paper_id = ?", gone)
            self._database.executemany("DELETE FROM paper_works WHERE paper_id = ?", gone)
            self._database.executemany("DELETE FROM pending WHERE kind = 'paper' AND id = ?", gone)
            self._database.executemany("DELETE FROM pending WHERE kind = 'work' AND id = ?", [(id_,) for id_ in works])
            self._database.executemany("INSERT INTO papers VALUES (?, ?, ?)", papers)
            self._database.executemany("INSERT INTO paper_works VALUES (?, ?)", its_works)

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise _refused(self._path, error) from error


def _refused(path: Path, error: Exception) -> SearchIndexError:
    return SearchIndexError(f"{path}: {error}", hint="Free disk space if it is full, then: galacite reindex")
