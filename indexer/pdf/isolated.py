"""Parsing and drawing in a process of its own, with limits: a hostile PDF can harm nothing but its own parse."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from core.errors import InputError, JobCancelled, JobError, UnreadablePdf
from core.json import from_json, to_json
from core.records import Box, Document
from core.text import clean, display_name
from indexer.config import OcrConfig, ParserLimits
from indexer.pdf.process import (
    BadAnswerError,
    Child,
    ChildDiedError,
    TimeUpError,
    ask,
    how_it_died,
    make_folder,
    start_child,
)
from indexer.pdf.protocol import MAX_BODY_BYTES, Reply, Request, pack_path
from indexer.pdf.scans.recognised import RecognisedPage

_FILES_PER_CHILD = 200
"""A fresh process now and then keeps what libraries leak from growing."""
_REASONS = frozenset(
    {"missing", "permission", "empty", "not_pdf", "damaged", "encrypted", "too_large", "too_many_pages", "memory"}
)
_PNG = b"\x89PNG\r\n\x1a\n"
_HIGHLIGHT = (255, 224, 102)
_GIVE_UP_AFTER = 3
"""Pages of one file that fail in a row: recognition does not work on it, or not at all."""

Progress = Callable[[int, int], None]
T = TypeVar("T")


class IsolatedParser:
    """A ``core.interfaces.DocumentParser`` that keeps a child process for opening files.

    One file at a time: calls from several threads queue. The child starts with the first call, serves many files and is
    replaced after any failure.
    """

    def __init__(self, limits: ParserLimits, *, files_per_child: int = _FILES_PER_CHILD) -> None:
        self._limits = limits
        self._files_per_child = files_per_child
        self._busy = threading.Lock()
        self._state = threading.Lock()
        self._child: Child | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._active = False
        self._cancelled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def child_pid(self) -> int | None:
        """The process that opens files, when one runs."""
        child = self._child
        return child.process.pid if child is not None else None

    def parse(
        self, path: Path, *, name: str = "", ocr: OcrConfig | None = None, on_progress: Progress | None = None
    ) -> Document:
        """Parse one file; ``name`` is what the user calls it, for messages and as the title of last resort.

        Args:
            ocr: Recognise pages whose text is in pictures. Each page is a request of its own with the time limit of a
                whole file; one that fails is left unread.
            on_progress: Called with pages recognised and pages to recognise, before each and after the last. What it
                raises ends the parse.

        Raises:
            UnreadablePdf: As ``parse_pdf``, and with reason timeout, memory or crashed.
            JobCancelled: ``cancel`` was called meanwhile.
            JobError: The child process does not come up at all.
        """
        request = Request(task="parse", path=pack_path(path), name=display_name(name or path.name), ocr=ocr)
        with self._working():
            status, body = self._exchange(request)
            if status == "scanned":
                pages = self._checked_pages(request, body)
                recognised = self._recognise(request, pages, on_progress or (lambda done, total: None))
                _, body = self._exchange(replace(request, tried=True), attached=recognised)
            return self._checked(Document, request, body)

    def render(
        self,
        path: Path,
        page: int,
        *,
        width_px: int,
        highlights: Sequence[Box] = (),
        color: tuple[int, int, int] = _HIGHLIGHT,
        name: str = "",
    ) -> bytes:
        """Draw a page as PNG; arguments and errors as ``indexer.pdf.render.render_page``, limits as ``parse``."""
        request = Request(
            task="render",
            path=pack_path(path),
            name=display_name(name or path.name),
            page=page,
            width_px=width_px,
            highlights=tuple(highlights),
            color=color,
        )
        with self._working():
            _, body = self._exchange(request)
            if not body.startswith(_PNG):
                self._drop_child()
                raise _crashed(request.name, "answered with something that is no picture")
            return body

    def cancel(self) -> None:
        """End the parse in progress, from another thread; without one, do nothing."""
        with self._state:
            if self._active:
                self._cancelled = True
                if self._child is not None:
                    self._child.kill()

    def reset(self) -> None:
        """End the child; the next call starts another."""
        with self._busy:
            self._drop_child()

    def close(self) -> None:
        """End the child and remove its folder; a parse in progress is cancelled. The parser can be used again."""
        self.cancel()
        with self._busy:
            self._drop_child()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _recognise(self, request: Request, pages: Sequence[int], on_progress: Progress) -> bytes:
        """What the pages say, as the JSON of a list of ``RecognisedPage``: those that can be read."""
        found: list[bytes] = []
        failures = size = 0
        for done, page in enumerate(pages):
            on_progress(done, len(pages))
            try:
                _, body = self._exchange(replace(request, task="recognise", page=page))
                self._checked(RecognisedPage, request, body)
            except UnreadablePdf:
                failures += 1
                if failures >= _GIVE_UP_AFTER:
                    break
                continue
            failures = 0
            size += len(body) + 1
            if size > MAX_BODY_BYTES:
                break
            found.append(body)
        on_progress(len(pages), len(pages))
        return b"[" + b",".join(found) + b"]"

    def _checked_pages(self, request: Request, body: bytes) -> tuple[int, ...]:
        pages = self._checked(tuple[int, ...], request, body)
        if len(pages) > self._limits.max_pages:
            self._drop_child()
            raise _crashed(request.name, "answered with more pages than there may be")
        return pages

    def _checked(self, kind: type[T], request: Request, body: bytes) -> T:
        try:
            return from_json(kind, body)
        except ValueError as error:
            self._drop_child()
            raise _crashed(request.name, f"answered with something that is no {kind.__name__}") from error

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """One file at a time, which can be cancelled throughout."""
        with self._busy:
            with self._state:
                self._active = True
                self._cancelled = False
            try:
                yield
            finally:
                with self._state:
                    self._active = False

    def _exchange(self, request: Request, *, attached: bytes = b"") -> tuple[str, bytes]:
        """Status and body of the child's answer; every failure of the child becomes an error that names the file."""
        shown = request.name
        try:
            line = to_json(replace(request, attached=len(attached))).encode()
            reply, body = ask(self._ready_child(shown), line + b"\n" + attached, timeout_s=self._limits.timeout_s)
            return self._accepted(request, reply), body
        except TimeUpError:
            self._drop_child()
            raise self._too_slow(shown) from None
        except BadAnswerError:
            self._drop_child()
            raise _crashed(shown, "answered out of turn") from None
        except ChildDiedError:
            greeted = self._child is not None and self._child.greeted
            status = self._drop_child()
            self._check_cancelled(shown)
            if not greeted:
                raise JobError(
                    f"the parser cannot start ({how_it_died(status)})",
                    hint=f"Is the installation whole? Try: {sys.executable} -m indexer.pdf.child",
                ) from None
            if status == -signal.SIGXCPU:
                raise self._too_slow(shown) from None
            raise _crashed(shown, how_it_died(status)) from None

    def _accepted(self, request: Request, reply: Reply) -> str:
        """The status of a good answer; refusals become errors."""
        if reply.status == "ok":
            return "ok"
        if reply.status == "scanned" and request.task == "parse" and request.ocr is not None and not request.tried:
            return "scanned"
        if reply.status == "memory":
            self._drop_child()
            raise self._too_big(request.name)
        if reply.status == "unreadable" and reply.reason in _REASONS:
            raise UnreadablePdf(clean(reply.message), reason=reply.reason, hint=clean(reply.hint))
        if reply.status == "input":
            raise InputError(clean(reply.message), hint=clean(reply.hint))
        raise BadAnswerError

    def _check_cancelled(self, shown: str) -> None:
        if self._cancelled:
            raise JobCancelled(f"{shown}: cancelled")

    def _ready_child(self, shown: str) -> Child:
        child = self._child
        if child is not None and (child.served >= self._files_per_child or child.process.poll() is not None):
            self._drop_child()
            child = None
        if child is None:
            if self._folder is not None and not Path(self._folder.name).is_dir():
                self._folder.cleanup()  # something has tidied up the temporary files
                self._folder = None
            if self._folder is None:
                self._folder = make_folder()
            child = start_child(self._limits, self._folder.name)
        with self._state:
            self._child = child
            cancelled = self._cancelled
        if cancelled:
            self._drop_child()
            self._check_cancelled(shown)
        return child

    def _drop_child(self) -> int:
        with self._state:
            child, self._child = self._child, None
        return child.bury() if child is not None else 0

    def _too_slow(self, shown: str) -> UnreadablePdf:
        return UnreadablePdf(
            f"{shown}: not done within {self._limits.timeout_s:g} s",
            reason="timeout",
            hint="Raise the time limit, or print the file to a new PDF and add that.",
        )

    def _too_big(self, shown: str) -> UnreadablePdf:
        return UnreadablePdf(
            f"{shown}: needs more than {self._limits.max_memory_bytes / 2**20:,.0f} MiB of memory",
            reason="memory",
            hint="Raise the memory limit, or reduce its pictures (gs -sDEVICE=pdfwrite -o OUT IN).",
        )


def _crashed(shown: str, how: str) -> UnreadablePdf:
    return UnreadablePdf(
        f"{shown}: the parser {how}",
        reason="crashed",
        hint="The file is probably damaged: download it again, or let qpdf IN OUT repair it.",
    )
