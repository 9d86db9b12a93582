"""Parsing and drawing in a process of its own, with limits: a hostile PDF can harm nothing but its own parse."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import InputError, JobCancelled, JobError, UnreadablePdf
from core.json import from_json, to_json
from core.records import Box, Document
from core.text import clean, display_name
from indexer.config import ParserLimits
from indexer.pdf.protocol import MAX_BODY_BYTES, MAX_REPLY_LINE, READY, Reply, Request, pack_path

_FILES_PER_CHILD = 200
"""A fresh process now and then keeps what libraries leak from growing."""
_START_ALLOWANCE_S = 20.0
"""Starting the interpreter on a busy machine is not the file's fault."""
_REASONS = frozenset(
    {"missing", "permission", "empty", "not_pdf", "damaged", "encrypted", "too_large", "too_many_pages", "memory"}
)
_CHUNK = 1 << 20
_PNG = b"\x89PNG\r\n\x1a\n"
_HIGHLIGHT = (255, 224, 102)


class _ChildDiedError(Exception):
    """The child ended before its answer was complete."""


class _TimeUpError(Exception):
    """The answer did not come in time."""


class _BadAnswerError(Exception):
    """The answer breaks the protocol: the child cannot be trusted any more."""


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    lifeline: int
    served: int = 0
    greeted: bool = False
    unread: bytearray = field(default_factory=bytearray)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def bury(self) -> int:
        """Kill, wait and close; returns the exit status, negative for a signal."""
        self.kill()
        status = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(OSError):
            os.close(self.lifeline)
        return status


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
        self._child: _Child | None = None
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

    def parse(self, path: Path, *, name: str = "") -> Document:
        """Parse one file; ``name`` is what the user calls it, for messages and as the title of last resort.

        Raises:
            UnreadablePdf: As ``parse_pdf``, and with reason timeout, memory or crashed.
            JobCancelled: ``cancel`` was called meanwhile.
            JobError: The child process does not come up at all.
        """
        body = self._serve(Request(task="parse", path=pack_path(path), name=display_name(name or path.name)))
        try:
            return from_json(Document, body)
        except ValueError as error:
            self.reset()
            raise _crashed(display_name(name or path.name), "answered with something that is no document") from error

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
        body = self._serve(request)
        if not body.startswith(_PNG):
            self.reset()
            raise _crashed(display_name(name or path.name), "answered with something that is no picture")
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

    def _serve(self, request: Request) -> bytes:
        """The body of the child's answer; every failure of the child becomes an error that names the file."""
        shown = request.name
        with self._busy:
            self._begin()
            try:
                return self._ask(request, shown)
            except _TimeUpError:
                self._drop_child()
                raise self._too_slow(shown) from None
            except _BadAnswerError:
                self._drop_child()
                raise _crashed(shown, "answered out of turn") from None
            except _ChildDiedError:
                greeted = self._child is not None and self._child.greeted
                status = self._drop_child()
                self._check_cancelled(shown)
                if not greeted:
                    raise JobError(
                        f"the parser cannot start ({_death(status)})",
                        hint=f"Is the installation whole? Try: {sys.executable} -m indexer.pdf.child",
                    ) from None
                if status == -signal.SIGXCPU:
                    raise self._too_slow(shown) from None
                raise _crashed(shown, _death(status)) from None
            finally:
                with self._state:
                    self._active = False

    def _begin(self) -> None:
        with self._state:
            self._active = True
            self._cancelled = False

    def _check_cancelled(self, shown: str) -> None:
        if self._cancelled:
            raise JobCancelled(f"{shown}: cancelled")

    def _ask(self, request: Request, shown: str) -> bytes:
        child = self._ready_child(shown)
        fresh = not child.greeted
        line = to_json(request).encode() + b"\n"
        deadline = time.monotonic() + self._limits.timeout_s + (_START_ALLOWANCE_S if fresh else 0.0)
        try:
            _send(child, line)
        except OSError as error:
            raise _ChildDiedError from error
        if fresh:
            # Only now that the child has come up does the file's own time begin.
            _expect_ready(child, deadline)
            child.greeted = True
            deadline = time.monotonic() + self._limits.timeout_s
        reply = _read_reply(child, deadline)
        body = _read_exactly(child, reply.size, deadline)
        child.served += 1
        if reply.status == "ok":
            return body
        if reply.status == "memory":
            self._drop_child()
            raise self._too_big(shown)
        if reply.status == "unreadable" and reply.reason in _REASONS:
            raise UnreadablePdf(clean(reply.message), reason=reply.reason, hint=clean(reply.hint))
        if reply.status == "input":
            raise InputError(clean(reply.message), hint=clean(reply.hint))
        raise _BadAnswerError

    def _ready_child(self, shown: str) -> _Child:
        child = self._child
        if child is not None and (child.served >= self._files_per_child or child.process.poll() is not None):
            self._drop_child()
            child = None
        if child is None:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="galacite-parse-")
            child = _start(self._limits, self._folder.name)
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


def _start(limits: ParserLimits, folder: str) -> _Child:
    """Start a child with a minimal environment; ``folder`` is its working directory."""
    lifeline_read, lifeline_write = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "indexer.pdf.child", to_json(limits), str(lifeline_read)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder),
            pass_fds=(lifeline_read,),
            start_new_session=True,
            bufsize=0,
        )
    except BaseException:
        os.close(lifeline_write)
        raise
    finally:
        os.close(lifeline_read)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            os.set_blocking(stream.fileno(), False)
    return _Child(process, lifeline_write)


def _environment(folder: str) -> dict[str, str]:
    """Only what the interpreter needs: no keys or tokens of the parent reach the process that opens foreign files."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    return {
        **kept,
        "PYTHONPATH": root,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }


def _send(child: _Child, data: bytes) -> None:
    """Write a request; the child reads at once, and a request is small, so that waiting is bounded."""
    stream = child.process.stdin
    if stream is None:
        raise _ChildDiedError
    view = memoryview(data)
    deadline = time.monotonic() + _START_ALLOWANCE_S
    while view:
        left = deadline - time.monotonic()
        if left <= 0:
            raise _TimeUpError
        if _ready(stream.fileno(), select.POLLOUT, left):
            view = view[os.write(stream.fileno(), view[:_CHUNK]) :]


def _expect_ready(child: _Child, deadline: float) -> None:
    if _read_exactly(child, len(READY), deadline) != READY:
        raise _BadAnswerError


def _read_reply(child: _Child, deadline: float) -> Reply:
    while b"\n" not in child.unread:
        if len(child.unread) > MAX_REPLY_LINE:
            raise _BadAnswerError
        child.unread += _receive(child, deadline)
    line, _, rest = bytes(child.unread).partition(b"\n")
    child.unread = bytearray(rest)
    try:
        reply = from_json(Reply, line)
    except ValueError as error:
        raise _BadAnswerError from error
    if not 0 <= reply.size <= MAX_BODY_BYTES:
        raise _BadAnswerError
    return reply


def _read_exactly(child: _Child, size: int, deadline: float) -> bytes:
    while len(child.unread) < size:
        child.unread += _receive(child, deadline)
    data = bytes(child.unread[:size])
    del child.unread[:size]
    return data


def _receive(child: _Child, deadline: float) -> bytes:
    """The next bytes of the child's answers."""
    stream = child.process.stdout
    if stream is None:
        raise _ChildDiedError
    while (left := deadline - time.monotonic()) > 0:
        if _ready(stream.fileno(), select.POLLIN, left):
            data = os.read(stream.fileno(), _CHUNK)
            if not data:
                raise _ChildDiedError
            return data
    raise _TimeUpError


def _ready(descriptor: int, event: int, timeout_s: float) -> bool:
    """Whether a pipe can be written or read, or has ended; unlike ``select``, for descriptors of any number."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(1, int(timeout_s * 1_000))))


def _crashed(shown: str, how: str) -> UnreadablePdf:
    return UnreadablePdf(
        f"{shown}: the parser {how}",
        reason="crashed",
        hint="The file is probably damaged: download it again, or let qpdf IN OUT repair it.",
    )


def _death(status: int) -> str:
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
