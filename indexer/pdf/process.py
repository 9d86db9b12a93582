"""The parsing child as its parent sees it: started, spoken to within a deadline, buried. See ``protocol``."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from core.json import from_json, to_json
from indexer.config import ParserLimits
from indexer.pdf.protocol import MAX_BODY_BYTES, MAX_REPLY_LINE, READY, Reply

_START_ALLOWANCE_S = 20.0
"""Starting the interpreter on a busy machine is not the file's fault."""
_CHUNK = 1 << 20
_FOLDER = "galacite-parse-"
_UNUSED = ("pymupdf.layout", "onnxruntime")
"""What the PDF library loads when it can: models that nothing here uses, and their runtime, which takes half a second
and 80 MB, and tells its maker of its use unless it is forbidden."""
_PROGRAM = (
    f"import sys; sys.modules.update(dict.fromkeys({_UNUSED!r})); "
    "from indexer.pdf.child import main; sys.exit(main(sys.argv[1:]))"
)


class ChildDiedError(Exception):
    """The child ended before its answer was complete."""


class TimeUpError(Exception):
    """The answer did not come in time."""


class BadAnswerError(Exception):
    """The answer breaks the protocol: the child cannot be trusted any more."""


@dataclass(slots=True)
class Child:
    """A running child; ``unread`` has come from it but was not asked for yet."""

    process: subprocess.Popen[bytes]
    lifeline: int
    served: int = 0
    greeted: bool = False
    unread: bytearray = field(default_factory=bytearray)

    def kill(self) -> None:
        """End it at once."""
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


def ask(child: Child, data: bytes, *, timeout_s: float) -> tuple[Reply, bytes]:
    """Send a request and read the answer.

    Raises:
        ChildDiedError, TimeUpError, BadAnswerError: The child is of no use any more.
    """
    fresh = not child.greeted
    deadline = time.monotonic() + timeout_s + (_START_ALLOWANCE_S if fresh else 0.0)
    try:
        _send(child, data)
    except OSError as error:
        raise ChildDiedError from error
    if fresh:
        # Only now that the child has come up does the file's own time begin.
        _expect_ready(child, deadline)
        child.greeted = True
        deadline = time.monotonic() + timeout_s
    reply = _read_reply(child, deadline)
    body = _read_exactly(child, reply.size, deadline)
    child.served += 1
    return reply, body


def make_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for a child to work in; those of parents that were killed are removed on the way."""
    for path in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = path.name.removeprefix(_FOLDER).partition("-")[0]
        # Children leave nothing in it: what is not empty is none of theirs.
        if owner.isascii() and owner.isdecimal() and len(owner) < 10 and not _lives(int(owner)):
            with contextlib.suppress(OSError):
                path.rmdir()
    return tempfile.TemporaryDirectory(prefix=f"{_FOLDER}{os.getpid()}-")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def start_child(limits: ParserLimits, folder: str) -> Child:
    """Start a child with a minimal environment; ``folder`` is its working directory."""
    lifeline_read, lifeline_write = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, to_json(limits), str(lifeline_read)],
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
    return Child(process, lifeline_write)


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
        "ORT_DISABLE_TELEMETRY": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }


def _send(child: Child, data: bytes) -> None:
    """Write a request; the child reads at once, and a request is small, so that waiting is bounded."""
    stream = child.process.stdin
    if stream is None:
        raise ChildDiedError
    view = memoryview(data)
    deadline = time.monotonic() + _START_ALLOWANCE_S
    while view:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeUpError
        if _ready(stream.fileno(), select.POLLOUT, left):
            view = view[os.write(stream.fileno(), view[:_CHUNK]) :]


def _expect_ready(child: Child, deadline: float) -> None:
    if _read_exactly(child, len(READY), deadline) != READY:
        raise BadAnswerError


def _read_reply(child: Child, deadline: float) -> Reply:
    while b"\n" not in child.unread:
        if len(child.unread) > MAX_REPLY_LINE:
            raise BadAnswerError
        child.unread += _receive(child, deadline)
    line, _, rest = bytes(child.unread).partition(b"\n")
    child.unread = bytearray(rest)
    try:
        reply = from_json(Reply, line)
    except ValueError as error:
        raise BadAnswerError from error
    if not 0 <= reply.size <= MAX_BODY_BYTES:
        raise BadAnswerError
    return reply


def _read_exactly(child: Child, size: int, deadline: float) -> bytes:
    while len(child.unread) < size:
        child.unread += _receive(child, deadline)
    data = bytes(child.unread[:size])
    del child.unread[:size]
    return data


def _receive(child: Child, deadline: float) -> bytes:
    """The next bytes of the child's answers."""
    stream = child.process.stdout
    if stream is None:
        raise ChildDiedError
    while (left := deadline - time.monotonic()) > 0:
        if _ready(stream.fileno(), select.POLLIN, left):
            data = os.read(stream.fileno(), _CHUNK)
            if not data:
                raise ChildDiedError
            return data
    raise TimeUpError


def _ready(descriptor: int, event: int, timeout_s: float) -> bool:
    """Whether a pipe can be written or read, or has ended; unlike ``select``, for descriptors of any number."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(1, int(timeout_s * 1_000))))


def how_it_died(status: int) -> str:
    """In words, for a message."""
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
