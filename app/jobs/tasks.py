"""What jobs do. Each step can be repeated: a job that was cut off anywhere starts again and ends the same."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.jobs.kinds import INGEST, REREAD, SYNC
from app.parsers import make_parser
from app.wiring import Galacite
from core.errors import GalaciteError, InputError, JobCancelled, JobError, ModelError, SearchIndexError
from core.records import Document, Job, Paper, StoredFile
from indexer.database import Database
from indexer.store import jobs as job_store
from indexer.store import papers as paper_store
from indexer.store.replacing import replace_document
from indexer.xml.grobid import FileReader

_WATCH_S = 0.5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended well."""

    message: str
    paper_id: int | None = None


class JobContext:
    """What a running job may do: report progress, and learn that it should stop."""

    def __init__(self, job: Job, database: Database, *, stopping: threading.Event) -> None:
        self._job = job
        self._database = database
        self._worker_stopping = stopping
        self._cancelled = threading.Event()
        self.on_cancel: Callable[[], None] = lambda: None

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report a step.

        Raises:
            JobCancelled: The user has cancelled the job, or the worker is stopping.
        """
        with self._database.session(write=True) as session:
            wanted = job_store.report_progress(session, self._job.id, done, total, message)
        if not wanted:
            raise self._cancellation()
        self.check()

    def check(self) -> None:
        """Raise JobCancelled when the job should stop."""
        if self.should_stop():
            raise self._cancellation()

    def _cancellation(self) -> JobCancelled:
        return JobCancelled(f"{self._job.title}: cancelled")

    def should_stop(self) -> bool:
        """True once the job has been cancelled or the worker is stopping."""
        return self._cancelled.is_set() or self._worker_stopping.is_set()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Notice a cancellation even while a long step does not report."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(over,), name=f"watch-{self._job.id}", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(_WATCH_S):
            try:
                with self._database.session() as session:
                    state = job_store.get_job(session, self._job.id).state
            except GalaciteError as error:
                _log.warning("watching job %d: %s", self._job.id, error)
                continue
            if state == "cancelled":
                self._cancelled.set()
                self.on_cancel()
                return


class Handlers:
    """Runs a job by its kind. One parsing process a worker thread, kept warm between papers."""

    def __init__(self, galacite: Galacite) -> None:
        self._galacite = galacite
        self._local = threading.local()
        self._parsers: list[FileReader] = []

    def run(self, job: Job, context: JobContext) -> Outcome:
        """Do what the job asks.

        Raises:
            GalaciteError: It could not be done; message and hint are for the user.
        """
        if job.kind == INGEST:
            return self._ingest(job, context)
        if job.kind == REREAD:
            return self._reread(job, context)
        if job.kind == SYNC:
            return self._sync(context)
        raise JobError(f"unknown kind of job: {job.kind}", hint="Was it made by a newer version?")

    def clean_up(self, job: Job) -> None:
        """Remove the stored file of an ingestion that ended without a paper."""
        if job.kind != INGEST:
            return
        sha256 = job.payload["sha256"]
        with self._galacite.database.session() as session:
            known = paper_store.find_by_sha256(session, sha256)
        if known is None:
            self._galacite.files.remove(sha256)

    def undo(self, job: Job) -> None:
        """Leave nothing of an ingestion that was cancelled, even when its paper had been stored already."""
        if job.kind != INGEST:
            return
        with self._galacite.database.session() as session:
            stored = paper_store.find_by_sha256(session, job.payload["sha256"])
        if stored is not None and stored.added_at >= job.created_at:
            self._galacite.library.remove(stored.id)
        self.clean_up(job)

    def close(self) -> None:
        """End the parsing processes."""
        for parser in self._parsers:
            parser.close()

    def _ingest(self, job: Job, context: JobContext) -> Outcome:
        file = _file_of(job)
        steps = _Steps(context)
        steps.begin()
        with self._galacite.database.session() as session:
            paper = paper_store.find_by_sha256(session, file.sha256)
        if paper is None:
            paper = self._parse_and_store(file, steps)
        return self._index(paper, steps, _added_message(paper))

    def _reread(self, job: Job, context: JobContext) -> Outcome:
        file = _file_of(job)
        steps = _Steps(context)
        steps.begin()
        with self._galacite.database.session() as session:
            paper = paper_store.find_by_sha256(session, file.sha256)
        if paper is None:
            raise InputError(f"{file.name}: no longer in the library", hint="Add the file again.")
        document = self._parse(file, steps)
        steps.store()
        with self._galacite.database.session(write=True) as session:
            paper = replace_document(session, paper.id, document)
        return self._index(paper, steps, _added_message(paper).replace("added", "read again", 1))

    def _index(self, paper: Paper, steps: _Steps, message: str) -> Outcome:
        steps.index()
        try:
            self._galacite.indexes.sync(should_stop=steps.context.should_stop)
        except (ModelError, SearchIndexError) as error:
            _log.warning("paper %d is stored but not fully indexed: %s", paper.id, type(error).__name__)
            message = f"{message}; the search index is behind: {error.in_full}"
        steps.end()
        return Outcome(message=message, paper_id=paper.id)

    def _parse_and_store(self, file: StoredFile, steps: _Steps) -> Paper:
        document = self._parse(file, steps)
        steps.store()
        with self._galacite.database.session(write=True) as session:
            # Handed in twice at the same moment, the file has two jobs: the slower one finds the paper here.
            return paper_store.find_by_sha256(session, file.sha256) or paper_store.add_paper(session, document, file)

    def _parse(self, file: StoredFile, steps: _Steps) -> Document:
        """Nothing of a parse is kept before all of it can be stored: one that is cut off begins again."""
        path = self._galacite.files.path(file.sha256)
        if not path.exists():
            raise InputError(f"{file.name}: its stored copy is gone", hint="Add the file again.")
        parser = self._parser()
        steps.context.on_cancel = parser.cancel
        try:
            ocr = self._galacite.settings.find_ocr()
            return parser.parse(path, name=file.name, ocr=ocr, on_progress=steps.recognise)
        finally:
            steps.context.on_cancel = lambda: None

    def _sync(self, context: JobContext) -> Outcome:
        report = self._galacite.indexes.sync(
            on_progress=lambda done, total: context.progress(done, total, "indexing"), should_stop=context.should_stop
        )
        context.check()
        return Outcome(message=f"{report.added} added, {report.updated} updated, {report.removed} removed")

    def _parser(self) -> FileReader:
        parser: FileReader | None = getattr(self._local, "parser", None)
        if parser is None:
            parser = make_parser(self._galacite.settings)
            self._local.parser = parser
            self._parsers.append(parser)
        return parser


class _Steps:
    """The steps of reading a paper, as its job tells them: three, and one more for each page to recognise."""

    def __init__(self, context: JobContext) -> None:
        self.context = context
        self._pages = 0

    def begin(self) -> None:
        self.context.progress(0, 3, "reading")

    def recognise(self, done: int, total: int) -> None:
        """Page ``done + 1`` of ``total`` is next."""
        self._pages = total
        message = f"recognising page {done + 1} of {total}" if done < total else "reading"
        self.context.progress(done, total + 3, message)

    def store(self) -> None:
        self.context.progress(self._pages + 1, self._pages + 3, "storing")

    def index(self) -> None:
        self.context.progress(self._pages + 2, self._pages + 3, "indexing")

    def end(self) -> None:
        self.context.progress(self._pages + 3, self._pages + 3, "done")


def _file_of(job: Job) -> StoredFile:
    payload = job.payload
    return StoredFile(sha256=payload["sha256"], name=payload["name"], size_bytes=int(payload["size_bytes"]))


def _added_message(paper: Paper) -> str:
    codes = {notice.code for notice in paper.notices}
    if "no_text" in codes:
        return f"added, but it cannot be searched. {_notice(paper, 'no_text')}"
    if "pages_unread" in codes:
        return f"added in part. {_notice(paper, 'pages_unread')}"
    if "empty" in codes:
        return "added, but its pages are empty: there is nothing to search"
    if "repaired" in codes:
        return "added, but the file is damaged and was repaired: text may be missing, so better download it again"
    if paper.duplicate_of is not None:
        return f"added; looks like another version of paper {paper.duplicate_of}, both are kept"
    if "recognised" in codes:
        return f"added. {_notice(paper, 'recognised')}"
    return "added"


def _notice(paper: Paper, code: str) -> str:
    return next(notice.message for notice in paper.notices if notice.code == code)
