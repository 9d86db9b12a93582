"""The language model of citations over the library: it ranks the works that are stored, and can name no others."""

from __future__ import annotations

import hashlib
import math
import os
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.services.work_titles import FILE_NAME, WorkTitles
from core.errors import InputError, ModelError
from core.records import Scored
from indexer.database import Database
from model.runtime import first_line

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica
    from model.galactica.titles import TitleTrie

FOLDER = "titles"
_FILLED_AT_ONCE = 64
"""Titles whose priors are computed before a waiting ranking gets its turn: an eighth of a second."""
_PAUSE_S = 0.02
_MOST_WORKERS = 8
_QUIET_S = 2.0
"""Between the places of one text less time passes: the rest of it is not kept waiting."""
_SAVED_EVERY = 5_000
_SAMPLE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class _Ready:
    """All that ranking takes, and the threads that do it: the products of one place are too small for all cores."""

    model: Galactica
    titles: WorkTitles
    alpha: float
    pool: ThreadPoolExecutor
    workers: int


class CitationRanker:
    """Ranks stored works as what comes next in a text. May be shared by threads.

    Args:
        source: Folder of the checkpoint, or its name on the hub, from where it is fetched when it is first needed.
        database: Where the works are.
        folder: Folder of the search indexes; the titles are kept below it.
        threads: Of the processor; 0 for all.
    """

    def __init__(self, source: Path | str, *, database: Database, folder: Path, threads: int = 0) -> None:
        self.name = source.name if isinstance(source, Path) else source
        self._source = source
        self._database = database
        self._file = folder / FOLDER / FILE_NAME
        self._threads = threads
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._ranked_at = -math.inf
        self._loaded: _Ready | None = None

    def load(self) -> None:
        """Load the weights and bring the titles up to date now instead of at the first ranking.

        Raises:
            ModelError: The checkpoint is missing or damaged.
            StorageError: The database cannot be read.
        """
        with self._lock, self._as_model_errors():
            ready = self._ready()
            ready.model.load()
            ready.titles.current()

    def rank(self, context: str, *, top: int, also: Sequence[int] = ()) -> list[Scored]:
        """Rank stored works as the citation that follows a text.

        Args:
            context: What stands before the place.
            top: At least 1.
            also: Works that are scored in any case.

        Raises:
            ModelError: The checkpoint is missing, damaged, too small or too large for this.
            StorageError: The database cannot be read.
        """
        return next(self.rank_all([(context, also)], top=top))

    def rank_all(self, asked: Sequence[tuple[str, Sequence[int]]], *, top: int) -> Generator[list[Scored], None, None]:
        """The same for many places, in their order, as many side by side as there are processor cores.

        A place that is asked alone has all cores for itself.

        Args:
            asked: For each place what stands before it, and works that are scored in any case.
            top: At least 1.

        Raises:
            ModelError, StorageError: See ``rank``.
        """
        with self._lock, self._as_model_errors():
            ready = self._ready()
            trie = ready.titles.current()
        if len(asked) == 1:
            yield self._ranked(ready, trie, *asked[0], top)
            return
        waiting: deque[Future[list[Scored]]] = deque()
        try:
            for context, also in asked:
                waiting.append(ready.pool.submit(self._ranked, ready, trie, context, also, top))
                if len(waiting) > ready.workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()

    def _ranked(self, ready: _Ready, trie: TitleTrie, context: str, also: Sequence[int], top: int) -> list[Scored]:
        from model.galactica.constrained import rank_titles

        self._ranked_at = time.monotonic()
        with self._as_model_errors():
            found = rank_titles(ready.model, context, trie, top=top, alpha=ready.alpha, also=also, specials=False)
        self._ranked_at = time.monotonic()
        return [Scored(id=each.id, score=each.score) for each in found]

    def fill_priors(self) -> None:
        """Compute what each title is worth without any context, and keep it; as long as anything is ranked it waits.

        Rankings work without it: each then computes it for its own candidates.

        Raises:
            ModelError: The checkpoint is missing or damaged.
            StorageError: The database cannot be read.
        """
        filled = 0
        while not self._closed.is_set():
            quiet_s = time.monotonic() - self._ranked_at
            if quiet_s < _QUIET_S:
                self._closed.wait(_QUIET_S - quiet_s)
                continue
            some = self._fill_some()
            if not some:
                break
            filled += some
            if filled % _SAVED_EVERY < some:
                self._save()
            self._closed.wait(_PAUSE_S)
        if filled:
            self._save()

    def close(self) -> None:
        """Keep what has been computed, and end what is being computed; the ranker must not be used after."""
        self._closed.set()
        if self._loaded is not None:
            self._loaded.pool.shutdown(cancel_futures=True)
        self._save()

    @contextmanager
    def _as_model_errors(self) -> Iterator[None]:
        """Say of whatever a checkpoint cannot do that the checkpoint cannot: other rankers go on without it."""
        try:
            yield
        except InputError as error:  # its context holds no title
            raise ModelError(f"{self.name}: {error.message}", hint=error.hint) from error
        except (RuntimeError, MemoryError, OSError, ValueError) as error:
            # What PyTorch raises, also when memory runs out; what files do; titles that a tokenizer has cut amiss.
            hint = "Choose a smaller model, or another."
            raise ModelError(f"{self.name}: failed ({first_line(error)})", hint=hint) from error

    def _fill_some(self) -> int:
        """Fill in a few of the priors that are missing; returns how many."""
        from model.galactica.scoring import fill_rows

        with self._lock, self._as_model_errors():
            ready = self._ready()
            rows = ready.titles.current().rows
            if not ready.alpha or not len(rows):
                return 0
            different = rows.distinct(0, len(rows))
            missing = different[np.isnan(rows.prior(different, rows.lengths(different)))][:_FILLED_AT_ONCE]
            fill_rows(ready.model, rows, missing)
            return len(missing)

    def _save(self) -> None:
        with self._lock:
            if self._loaded is not None and self._loaded.alpha:
                self._loaded.titles.save()

    def _ready(self) -> _Ready:
        if self._loaded is None:
            from model.galactica.checkpoint import load_galactica
            from model.galactica.prior import prior_strength
            from model.runtime import set_threads

            set_threads(self._threads)
            model = load_galactica(self._source, download=isinstance(self._source, str), lazy=True)
            weights = weights_sample(model.folder)
            titles = WorkTitles(self._database, self._file, tokenizer=model.tokenizer, weights=weights)
            alpha = prior_strength(model.folder)
            workers = self._threads or min(_MOST_WORKERS, os.cpu_count() or 1)
            self._loaded = _Ready(model, titles, alpha, _threads_apart(workers), workers)
        return self._loaded


def _threads_apart(workers: int) -> ThreadPoolExecutor:
    """Threads in each of which PyTorch computes with that one alone; in all others it goes on as before."""
    import torch

    cores = torch.get_num_threads()
    started = threading.Barrier(workers)

    def compute_alone(_: int) -> None:
        torch.get_num_threads()  # a thread that has not asked takes the number of all at its first product
        torch.set_num_threads(1)
        started.wait()  # or one thread would take the place of several

    pool = ThreadPoolExecutor(workers, thread_name_prefix="rank-citations")
    list(pool.map(compute_alone, range(workers)))
    # One is now also what threads begin with that are still to come: taken back once for all of them, for one that
    # begins between another's setting and its taking back would take the one for what had been.
    torch.set_num_threads(cores)
    return pool


def weights_sample(folder: Path) -> str:
    """Tells weights apart by their sizes, beginnings and ends: weights of gigabytes are not read for it."""
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name} {size} ".encode())
        with path.open("rb") as file:
            digest.update(file.read(_SAMPLE_BYTES))
            file.seek(max(0, size - _SAMPLE_BYTES))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()
