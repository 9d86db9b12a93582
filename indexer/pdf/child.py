"""The process that opens PDFs: ``python -m indexer.pdf.child LIMITS LIFELINE``.

It takes requests on standard input until that ends, and dies with its parent: the parent holds the write end of the
lifeline pipe, and its closing sends SIGIO, whose default action ends the process even within library code.
"""

from __future__ import annotations

import fcntl
import os
import resource
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.errors import InputError, UnreadableFile
from core.json import from_json, to_json
from indexer.config import ParserLimits
from indexer.formats import format_of, parse_file
from indexer.pdf.parser import make_document, read_pdf
from indexer.pdf.protocol import MAX_REPLY_LINE, READY, Reply, Request, Status, unpack_path
from indexer.pdf.render import render_page
from indexer.pdf.scans.recognised import RecognisedPage

_TEXT_CHARS = 2_000


def main(arguments: list[str]) -> int:
    """Serve requests; returns the exit status."""
    limits = from_json(ParserLimits, arguments[0])
    _die_with_parent(int(arguments[1]))
    # Library code may print: what it writes to standard output must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    _limit_memory(limits.max_memory_bytes)
    _write(answers, READY)
    while line := sys.stdin.buffer.readline():
        request = from_json(Request, line)
        attached = sys.stdin.buffer.read(request.attached)
        _limit_cpu(limits.timeout_s)
        reply, body = answer(request, limits=limits, attached=attached)
        _write(answers, to_json(reply).encode() + b"\n" + body)
        if reply.status == "memory":
            return 1
    return 0


def answer(request: Request, *, limits: ParserLimits, attached: bytes = b"") -> tuple[Reply, bytes]:
    """Do what is asked; errors that a user can act on become replies, bugs end the process."""
    try:
        status, body = _TASKS[request.task](request, limits, attached)
    except UnreadableFile as error:
        return _refusal("unreadable", error, reason=error.reason), b""
    except InputError as error:
        return _refusal("input", error), b""
    except MemoryError:
        return Reply(status="memory"), b""
    return Reply(status=status, size=len(body)), body


def _parse(request: Request, limits: ParserLimits, attached: bytes) -> tuple[Status, bytes]:
    path = unpack_path(request.path)
    if format_of(path, name=request.name) != "pdf":
        return "ok", to_json(parse_file(path, limits=limits, name=request.name)).encode()
    read = read_pdf(path, limits=limits, name=request.name)
    if request.ocr is not None and not request.tried and read.unread:
        return "scanned", to_json(read.unread).encode()
    recognised = from_json(list[RecognisedPage], attached) if attached else []
    return "ok", to_json(make_document(read, recognised=recognised, tried=request.tried)).encode()


def _render(request: Request, limits: ParserLimits, _: bytes) -> tuple[Status, bytes]:
    picture = render_page(
        unpack_path(request.path),
        request.page,
        width_px=request.width_px,
        highlights=request.highlights,
        color=request.color,
        limits=limits,
        name=request.name,
    )
    return "ok", picture


def _recognise(request: Request, limits: ParserLimits, _: bytes) -> tuple[Status, bytes]:
    from indexer.pdf.scans.ocr import recognise_page  # only few files need it

    if request.ocr is None:
        raise InputError(f"{request.name}: recognition is switched off")
    path = unpack_path(request.path)
    page = recognise_page(path, request.page, config=request.ocr, limits=limits, name=request.name)
    return "ok", to_json(page).encode()


_TASKS: dict[str, Callable[[Request, ParserLimits, bytes], tuple[Status, bytes]]] = {
    "parse": _parse,
    "render": _render,
    "recognise": _recognise,
}


def _refusal(status: Status, error: InputError, *, reason: str = "") -> Reply:
    return Reply(status=status, reason=reason, message=error.message[:_TEXT_CHARS], hint=error.hint[:_TEXT_CHARS])


def _write(stream: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view[: 4 * MAX_REPLY_LINE]) :]


def _die_with_parent(lifeline: int) -> None:
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    if select.select([lifeline], [], [], 0)[0]:  # the parent died before the signal was armed
        os._exit(1)


def _limit_memory(limit_bytes: int) -> None:
    """Bound the memory in use to the limit, and forbid core dumps.

    The kernel bounds address space, of which mapped libraries take much without being memory: what is mapped now but
    not resident is therefore allowed on top.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages, resident = (int(field) for field in Path("/proc/self/statm").read_text().split()[:2])
    size = os.sysconf("SC_PAGE_SIZE")
    bound = limit_bytes + (pages - resident) * size
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _limit_cpu(timeout_s: float) -> None:
    """A second line behind the parent's clock: a child that nobody watches any more ends by itself."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    bound = int(usage.ru_utime + usage.ru_stime + timeout_s) + 2
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
