"""The library: papers come in, are looked at and leave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast, get_args

from sqlalchemy.orm import Session

from app.files import FileStore
from app.jobs.kinds import INGEST, REREAD
from app.paths import each_once, expand_paths
from app.services.jobs import JobService
from core.errors import GalaciteError, InputError, JobError, NotFound, StorageError
from core.records import EVERYTHING, Box, Document, Paper, Reference, SearchFilter, StoredFile, Work
from core.text import clean, display_name
from indexer.database import Database
from indexer.pdf.isolated import IsolatedParser
from indexer.store import collections as collection_store
from indexer.store import jobs as job_store
from indexer.store import papers as paper_store
from indexer.store import works as work_store

_STRAY_AFTER_S = 3_600.0
_UNREAD = frozenset({"no_text", "pages_unread"})
"""Codes of notices on papers that recognition may still make readable."""

AddStatus = Literal["queued", "already", "failed"]
Order = paper_store.PaperOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOutcome:
    """What became of one file that was to be added; ``message`` and ``hint`` are for the user."""

    name: str
    status: AddStatus
    message: str
    hint: str = ""
    job_id: int | None = None
    paper_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A named set of papers, and how many it holds."""

    name: str
    papers: int


class LibraryService:
    """Papers of one library.

    Args:
        can_recognise: Whether the text of scanned pages can be recognised now.
    """

    def __init__(
        self,
        database: Database,
        *,
        files: FileStore,
        jobs: JobService,
        renderer: IsolatedParser,
        can_recognise: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._files = files
        self._jobs = jobs
        self._renderer = renderer
        self._can_recognise = can_recognise

    def add(self, source: Path | BinaryIO, *, name: str) -> AddOutcome:
        """Store one PDF and queue its ingestion. Never raises for a bad file: the outcome says what is wrong.

        The same content twice is recognised, both in the library and among the files still waiting. A scan that could
        not be read when it was added is read again, when that is possible now.
        """
        try:
            file = self._files.put(source, name=name)
            return self._queue(file)
        except GalaciteError as error:
            return AddOutcome(name=display_name(name), status="failed", message=error.message, hint=error.hint)

    def add_paths(self, paths: Sequence[str]) -> list[AddOutcome]:
        """Add files, whole folders and glob patterns; one outcome a file, and one for each name that led nowhere."""
        found = {name: expand_paths([name]) for name in paths}
        files = each_once(path for matches in found.values() for path in matches)
        outcomes = [self.add(path, name=path.name) for path in files]
        return outcomes + [_without_pdf(name) for name, matches in found.items() if not matches]

    def reread(self, id_or_key: int | str) -> AddOutcome:
        """Queue reading a paper's stored PDF again: with recognition, or a newer parser. Its key and collections stay.

        Raises:
            NotFound: There is no such paper.
            JobError: The queue cannot be reached, or no worker starts.
        """
        paper = self.get(id_or_key)
        with self._database.session(write=True) as session:
            waiting = job_store.find_active(session, paper.file.sha256)
            job = waiting or job_store.create_job(session, REREAD, paper.file.name, _payload(paper.file))
        self._jobs.deliver(job)
        return AddOutcome(
            name=paper.file.name, status="queued", message="waiting to be read again", job_id=job.id, paper_id=paper.id
        )

    def get(self, id_or_key: int | str) -> Paper:
        """One paper by its id or cite key.

        Raises:
            NotFound: There is none.
        """
        with self._database.session() as session:
            return paper_store.get_paper(session, id_or_key)

    def papers(
        self,
        *,
        narrow: SearchFilter = EVERYTHING,
        text: str = "",
        order: Order = "added",
        limit: int = 100,
        offset: int = 0,
    ) -> list[Paper]:
        """Papers that hold all words of ``text`` in title, authors or cite key, or have it as DOI or arXiv id."""
        with self._database.session() as session:
            return paper_store.list_papers(session, narrow, text=text, order=order, limit=limit, offset=offset)

    def count(self, *, narrow: SearchFilter = EVERYTHING, text: str = "") -> int:
        """How many papers ``papers`` would give without a limit."""
        with self._database.session() as session:
            return paper_store.count_papers(session, narrow, text=text)

    def document(self, paper_id: int) -> Document:
        """All that was read from a paper."""
        with self._database.session() as session:
            return paper_store.get_document(session, paper_id)

    def references(self, paper_id: int) -> list[Reference]:
        """The reference list of a paper, with the works that its entries were found to be."""
        with self._database.session() as session:
            return work_store.references_of(session, paper_id)

    def works(self, work_ids: Sequence[int]) -> list[Work]:
        """The works of these ids, in no particular order; unknown ids are left out."""
        with self._database.session() as session:
            return work_store.get_works(session, work_ids)

    def find(self, sha256: str) -> Paper | None:
        """The paper whose stored file has that content, or None."""
        with self._database.session() as session:
            return paper_store.find_by_sha256(session, sha256)

    def collections(self) -> list[Collection]:
        """All collections with their sizes, in alphabetical order."""
        with self._database.session() as session:
            return _collections(session)

    def collection(self, name: str) -> Collection:
        """One collection by its name.

        Raises:
            NotFound: No such collection.
        """
        with self._database.session() as session:
            return _collection(session, clean(name))

    def collect(self, name: str, paper_ids: Sequence[int]) -> Collection:
        """Put papers into a collection, which is made when there is none of that name.

        Papers that are in it already, or have left the library, are passed over.

        Raises:
            InputError: The name is empty or too long.
        """
        name = clean(name)
        with self._database.session(write=True) as session:
            if name not in collection_store.list_collections(session):
                name = collection_store.create_collection(session, name)
            collection_store.add_to_collection(session, name, paper_ids)
            return _collection(session, name)

    def uncollect(self, name: str, paper_ids: Sequence[int]) -> Collection:
        """Take papers out of a collection; those that are not in it are passed over.

        Raises:
            NotFound: No such collection.
        """
        name = clean(name)
        with self._database.session(write=True) as session:
            collection_store.remove_from_collection(session, name, paper_ids)
            return _collection(session, name)

    def rename_collection(self, name: str, new_name: str) -> Collection:
        """Give a collection another name.

        Raises:
            NotFound: No such collection.
            InputError: The new name is empty, too long or taken.
        """
        with self._database.session(write=True) as session:
            return _collection(session, collection_store.rename_collection(session, clean(name), new_name))

    def remove_collection(self, name: str) -> Collection:
        """Delete a collection; its papers stay in the library. Returns what it was.

        Raises:
            NotFound: No such collection.
        """
        with self._database.session(write=True) as session:
            found = _collection(session, clean(name))
            collection_store.remove_collection(session, found.name)
        return found

    def remove(self, id_or_key: int | str) -> Paper:
        """Delete a paper, its file and what the indexes hold of it."""
        with self._database.session(write=True) as session:
            paper = paper_store.get_paper(session, id_or_key)
            paper_store.remove_paper(session, paper.id)
        self._files.remove(paper.file.sha256)
        self._jobs.ensure_synced()
        return paper

    def pdf(self, paper: Paper) -> bytes:
        """The stored file itself.

        Raises:
            StorageError: It is gone, or cannot be read.
        """
        try:
            return self._files.path(paper.file.sha256).read_bytes()
        except OSError as error:
            raise StorageError(
                f"{paper.file.name}: the stored PDF cannot be read ({error.strerror})", hint="Run: galacite doctor"
            ) from error

    def page_picture(self, paper: Paper, page: int, *, width_px: int, highlights: Iterable[Box] = ()) -> bytes:
        """A page as PNG with boxes highlighted.

        Raises:
            InputError: The paper has no such page.
            UnreadablePdf: The page cannot be drawn.
        """
        if not 1 <= page <= paper.page_count:
            raise InputError(f"{paper.title}: no page {page}", hint=f"It has pages 1 to {paper.page_count}.")
        boxes = tuple(box for box in highlights if box.page == page)
        path = self._files.path(paper.file.sha256)
        return self._renderer.render(path, page, width_px=width_px, highlights=boxes, name=paper.file.name)

    def sweep_files(self) -> int:
        """Delete stored files that belong to no paper, and to no job that waits or may be tried again."""
        with self._database.session() as session:
            keep = paper_store.known_hashes(session) | job_store.kept_hashes(session)
            owner = self._database.identity(session)
        return self._files.sweep(keep, owner=owner, older_than_s=_STRAY_AFTER_S, now_s=time.time())

    def _queue(self, file: StoredFile) -> AddOutcome:
        # One transaction that may write: of several processes that hand in the same file, one makes the job.
        with self._database.session(write=True) as session:
            paper = paper_store.find_by_sha256(session, file.sha256)
            waiting = job_store.find_active(session, file.sha256) if paper is None else None
            made = None
            if paper is None and waiting is None:
                made = job_store.create_job(session, INGEST, file.name, _payload(file))
        if paper is not None and self._could_be_read_now(paper):
            return self.reread(paper.id)
        if paper is not None:
            message = f"already in the library as “{paper.title}”"
            return AddOutcome(name=file.name, status="already", message=message, paper_id=paper.id)
        job = made or waiting
        if job is None:
            raise JobError(f"{file.name}: no job could be made", hint="Add the file again.")
        self._jobs.deliver(job)
        message = "waiting" if made else "already waiting"
        return AddOutcome(name=file.name, status="queued", message=message, job_id=job.id)

    def _could_be_read_now(self, paper: Paper) -> bool:
        return any(notice.code in _UNREAD for notice in paper.notices) and self._can_recognise()


def _payload(file: StoredFile) -> dict[str, str]:
    return {"sha256": file.sha256, "name": file.name, "size_bytes": str(file.size_bytes)}


def _without_pdf(folder: str) -> AddOutcome:
    hint = "Name a folder that holds files ending in .pdf, or the files themselves."
    return AddOutcome(name=clean(folder), status="failed", message="no PDF in this folder", hint=hint)


def _collections(session: Session) -> list[Collection]:
    known = collection_store.list_collections(session)
    return [Collection(name=name, papers=papers) for name, papers in known.items()]


def _collection(session: Session, name: str) -> Collection:
    for each in _collections(session):
        if each.name == name:
            return each
    raise NotFound(f"no collection is called “{name}”", hint="Run: galacite collections list")


def checked_order(order: str) -> Order:
    """The order of that name.

    Raises:
        InputError: There is none.
    """
    if order not in get_args(Order):
        raise InputError(f"no order {order!r}", hint=f"One of: {', '.join(get_args(Order))}")
    return cast("Order", order)
