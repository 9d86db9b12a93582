"""Keeping the search indexes in step with the database, whatever happened in between.

The database is the truth. Each kind of index, lexical and dense, follows it alone: a manifest holds the revision of
every paper as indexed, and a synchronisation brings over what differs. The order per batch is: note the batch as
pending, commit the indexes, record the batch. Each step can be repeated, so a crash anywhere is repaired by the next
synchronisation. Without an encoder the dense indexes stay as they are and catch up later.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock

from core.errors import SearchIndexError
from core.interfaces import Encoder
from indexer.search.dense import EXACT_ROWS
from indexer.search.folders import CITING, DENSE, LEXICAL, Folders
from indexer.search.follow import SyncReport, Tally, difference, follow
from indexer.search.manifest import FORMAT, Manifest, Origin
from indexer.search.shelf import CitingShelf, DenseShelf, LexicalShelf, Shelf, WorkEncoder
from indexer.search.source import IndexSource

log = logging.getLogger(__name__)

_LOCK_SLICE_S = 1.0

_BATCH_PAPERS = {LEXICAL: 64, DENSE: 4, CITING: 4}
"""Papers per commit: encoding one takes about a second, and a stop waits for the batch."""


class SearchIndexes:
    """The writer's view of the indexes below a folder.

    Args:
        root: Made when missing; holds nothing but indexes, and can be deleted at any time.
        source: The library.
        encoder: Without one, only the lexical indexes are kept in step.
        citing: An encoder tuned to match places with works; with one, an index of its own is kept in step for it.
        lock_timeout_s: How long to wait for another process that is writing.
        exact_rows: With more vectors than this, a graph makes dense search approximate and faster.
    """

    def __init__(
        self,
        root: Path,
        source: IndexSource,
        encoder: Encoder | None = None,
        *,
        citing: WorkEncoder | None = None,
        lock_timeout_s: float = 600.0,
        exact_rows: int = EXACT_ROWS,
    ) -> None:
        self._root = root
        self._source = source
        self._encoder = encoder
        self._citing = citing
        self._lock_timeout_s = lock_timeout_s
        self._exact_rows = exact_rows
        wanted = {LEXICAL: True, DENSE: encoder is not None, CITING: citing is not None}
        kinds = [kind for kind, kept in wanted.items() if kept]
        self._folders = {kind: Folders(root / kind) for kind in kinds}

    def is_current(self) -> bool:
        """Whether the manifests agree with the database. Damage to the files of an index shows on the next sync.

        Raises:
            StorageError: The database cannot be read.
            core.errors.ModelError: The encoder is damaged, so that its name is unknown.
        """
        revisions = self._source.revisions()
        return all(self._agrees(kind, revisions) for kind in self._folders)

    def sync(
        self,
        on_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> SyncReport:
        """Bring over what changed in the database since the last time; unusable indexes are built anew.

        Args:
            on_progress: Told (papers done, papers in all); each kind of index counts for itself.
            should_stop: Asked between batches; what is done stays done.

        Raises:
            SearchIndexError: The indexes cannot be written, or another process writes for too long.
            core.errors.ModelError: The encoder failed; the lexical indexes are up to date.
        """
        tally = Tally(on_progress=on_progress, should_stop=should_stop)
        with self._writing(tally) as folders_of:
            for kind, folders in folders_of.items():
                folders.sweep()
                folder = folders.current()
                if folder is None or not self._usable(kind, folder):
                    folder = self._created(kind)
                    folders.switch(folder)
                self._follow(kind, folder, tally)
        return tally.report()

    def rebuild(
        self,
        on_progress: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> SyncReport:
        """Build all indexes anew beside the present ones, which serve until the new ones are complete.

        Args:
            on_progress, should_stop: As for :meth:`sync`; when stopped, the present indexes stay.

        Raises:
            SearchIndexError, core.errors.ModelError: As for :meth:`sync`; the present indexes stay.
        """
        tally = Tally(on_progress=on_progress, should_stop=should_stop)
        with self._writing(tally) as folders_of:
            for kind, folders in folders_of.items():
                try:
                    folder = self._created(kind)
                    self._follow(kind, folder, tally)
                    if not tally.stopped:
                        folders.switch(folder)
                finally:
                    folders.sweep()
        return tally.report()

    @contextlib.contextmanager
    def _writing(self, tally: Tally) -> Iterator[dict[str, Folders]]:
        """Hold the writer's lock and give the folders to write; none when the caller wanted an end while waiting."""
        lock = filelock.FileLock(self._root / "write.lock")
        try:
            for kind in self._folders:
                (self._root / kind).mkdir(parents=True, exist_ok=True)
            acquired = self._acquire(lock, tally)
        except filelock.Timeout as error:
            raise SearchIndexError(
                f"{self._root}: another process is writing the search indexes", hint="Wait for it, then try again."
            ) from error
        except OSError as error:
            raise SearchIndexError(
                f"{self._root}: {error}", hint="Check the disk and the rights of the folder."
            ) from error
        try:
            yield self._folders if acquired else {}
        finally:
            lock.release()

    def _acquire(self, lock: filelock.BaseFileLock, tally: Tally) -> bool:
        deadline = time.monotonic() + self._lock_timeout_s
        while True:
            try:
                lock.acquire(timeout=min(_LOCK_SLICE_S, self._lock_timeout_s))
                return True
            except filelock.Timeout:
                if tally.must_stop():
                    return False
                if time.monotonic() >= deadline:
                    raise

    def _origin(self, kind: str) -> Origin:
        encoder = self._encoder_of(kind)
        name = f"{encoder.name}/{encoder.dimension}" if encoder is not None else ""
        if kind == CITING and self._citing is not None:
            name = f"{name}/{self._citing.wording}"
        return Origin(database=self._source.identity(), encoder=name, format=FORMAT)

    def _agrees(self, kind: str, revisions: dict[int, int]) -> bool:
        folder = self._folders[kind].current()
        if folder is None:
            return False
        try:
            with contextlib.closing(Manifest(folder)) as manifest:
                return manifest.origin == self._origin(kind) and not difference(manifest, revisions)
        except SearchIndexError:
            return False

    def _usable(self, kind: str, folder: Path) -> bool:
        """Whether the indexes come from this database and encoder, can be read, and hold what the manifest says."""
        try:
            with contextlib.closing(Manifest(folder)) as manifest:
                if manifest.origin != self._origin(kind):
                    log.warning("the %s indexes belong to %s: building new ones", kind, manifest.origin)
                    return False
                expected = None if any(manifest.pending()) else manifest.passage_count()
            with contextlib.closing(self._shelf(kind, folder)) as shelf:
                found = shelf.passage_count()
        except SearchIndexError as error:
            log.warning("the %s indexes are damaged: building new ones (%s)", kind, error)
            return False
        if expected is not None and found is not None and found != expected:
            log.warning("the %s indexes hold %d passages, not %d: building new ones", kind, found, expected)
            return False
        return True

    def _encoder_of(self, kind: str) -> Encoder | None:
        if kind == CITING:
            return self._citing.encoder if self._citing is not None else None
        return self._encoder if kind == DENSE else None

    def _shelf(self, kind: str, folder: Path) -> Shelf:
        if kind == CITING and self._citing is not None:
            return CitingShelf(folder, self._citing, exact_rows=self._exact_rows)
        if kind == DENSE and self._encoder is not None:
            return DenseShelf(folder, self._encoder, exact_rows=self._exact_rows)
        return LexicalShelf(folder)

    def _created(self, kind: str) -> Path:
        """A fresh folder with empty indexes."""
        folder = self._folders[kind].fresh()
        if kind == CITING and self._citing is not None:
            CitingShelf.create(folder, self._citing.encoder)
        elif kind == DENSE and self._encoder is not None:
            DenseShelf.create(folder, self._encoder)
        else:
            LexicalShelf.create(folder)
        Manifest.create(folder, self._origin(kind)).close()
        return folder

    def _follow(self, kind: str, folder: Path, tally: Tally) -> None:
        with contextlib.closing(Manifest(folder)) as manifest, contextlib.closing(self._shelf(kind, folder)) as shelf:
            follow(shelf, manifest, self._source, batch_papers=_BATCH_PAPERS[kind], tally=tally)
