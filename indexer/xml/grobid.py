"""A GROBID server as the parser of PDFs. Its answers are foreign too: they are bounded, and read by another parser.

Source: https://grobid.readthedocs.io/en/latest/Grobid-service/
"""

from __future__ import annotations

import http.client
import logging
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from core.errors import GalaciteError, JobCancelled, JobError, UnreadableFile
from core.records import Document
from core.text import clean, display_name
from indexer.config import OcrConfig, ParserLimits
from indexer.xml.exchange import Answer, EndedError, Exchange, TooLongError, TooSlowError, read_address
from indexer.xml.upload import form_around, is_pdf, upload

_FULL_TEXT = "/api/processFulltextDocument"
_MAX_ANSWER_BYTES = 64 * 2**20
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 16.0
_CHECK_S = 5.0
_START_HINT = "Is GROBID running? docker run --rm --publish 127.0.0.1:8070:8070 grobid/grobid:0.8.2-crf"
_LOG_HINT = "Look at the server's log; without GALACITE_PARSER=grobid the built-in parser reads the file."
_NO_TEXT = (b"NO_BLOCKS", b"no content")
_log = logging.getLogger(__name__)


class FileReader(Protocol):
    """What reads the server's answers, and the files that are not for the server: a parsing process of its own."""

    def parse(
        self,
        path: Path,
        *,
        name: str = "",
        ocr: OcrConfig | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Document:
        """As ``core.interfaces.DocumentParser.parse``; what pages without text need is given by ``ocr``."""
        ...

    def cancel(self) -> None:
        """End the parse in progress, from another thread."""
        ...

    def close(self) -> None:
        """End its process."""
        ...


class GrobidParser:
    """A ``core.interfaces.DocumentParser`` that sends PDFs to a GROBID server. One file at a time.

    Files of other kinds, and PDFs in which the server finds no text, are read by ``reader``.

    Args:
        url: Base address of the server, such as ``http://127.0.0.1:8070``.
        limits: Those of any parser; the time limit includes waiting for a server that is busy.
        reader: Reads the TEI that the server answers; closed with this parser.
        consolidate: Let the server complete references with Crossref: it then tells others what is read.
        max_answer_bytes: A longer answer is refused.
        first_pause_s: Wait before asking a busy server again; doubled each time.

    Raises:
        SettingsError: The address is not http or https.
    """

    def __init__(
        self,
        url: str,
        *,
        limits: ParserLimits,
        reader: FileReader,
        consolidate: bool = False,
        max_answer_bytes: int = _MAX_ANSWER_BYTES,
        first_pause_s: float = _FIRST_PAUSE_S,
    ) -> None:
        self._address = read_address(url)
        self._limits = limits
        self._reader = reader
        self._consolidate = consolidate
        self._max_answer_bytes = max_answer_bytes
        self._first_pause_s = first_pause_s
        self._busy = threading.Lock()
        self._state = threading.Lock()
        self._exchange: Exchange | None = None
        self._active = False
        self._cancelled = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The server, for people."""
        return f"GROBID at {self._address.shown}"

    def version(self) -> str:
        """Ask the server for its version; empty when it is alive but does not tell.

        Raises:
            JobError: It does not answer, or is no GROBID.
        """
        alive = self._ask_briefly("/api/isalive")
        if alive.status != 200 or alive.body.strip().lower() != b"true":
            raise self._stranger(f"HTTP {alive.status}")
        answer = self._ask_briefly("/api/version")
        text = clean(answer.body[:200].decode("utf-8", "replace")) if answer.status == 200 else ""
        return "".join(char for char in text if char.isalnum() or char in "._- ")[:40]

    def parse(
        self,
        path: Path,
        *,
        name: str = "",
        ocr: OcrConfig | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Document:
        """Parse one file; ``name`` is what the user calls it, for messages and as the title of last resort.

        Raises:
            UnreadableFile: The server cannot read the file, its answer cannot be read, or time is up.
            JobCancelled: ``cancel`` was called meanwhile.
            JobError: The server cannot be reached, or is no GROBID.
        """
        shown = display_name(name or path.name)
        with self._busy:
            with self._state:
                self._active = True
            try:
                tei = self._process(path, shown) if is_pdf(path, self._limits) else b""
                self._check_cancelled(shown)
                if not tei:
                    return self._reader.parse(path, name=name, ocr=ocr, on_progress=on_progress)
                return self._read(tei, shown)
            finally:
                with self._state:
                    self._active = False
                    self._cancelled.clear()

    def cancel(self) -> None:
        """End the parse in progress, from another thread; without one, do nothing."""
        with self._state:
            if self._active:
                self._cancelled.set()
                if self._exchange is not None:
                    self._exchange.end()
        self._reader.cancel()

    def close(self) -> None:
        """End a parse in progress and the reader's process. The parser can be used again."""
        self.cancel()
        self._reader.close()

    def _process(self, path: Path, shown: str) -> bytes:
        """The server's TEI; nothing when it finds no text in the file."""
        deadline = time.monotonic() + self._limits.timeout_s
        pause = self._first_pause_s
        while True:
            answer = self._post(path, shown, deadline)
            if answer.status != 503:
                return self._tei_of(answer, shown)
            if time.monotonic() + pause >= deadline:
                raise self._too_slow(shown, "the server was busy all the time")
            _log.info("%s is busy; asking again in %.0f s", self.name, pause)
            self._cancelled.wait(pause)
            self._check_cancelled(shown)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _check_cancelled(self, shown: str) -> None:
        if self._cancelled.is_set():
            raise JobCancelled(f"{shown}: cancelled")

    def _post(self, path: Path, shown: str, deadline: float) -> Answer:
        boundary = secrets.token_hex(16)
        head, tail = form_around(boundary, consolidate=self._consolidate)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
            "Accept": "application/xml",
        }
        try:
            return self._run("POST", _FULL_TEXT, deadline, headers=headers, body=upload(path, head, tail))
        except TooSlowError:
            raise self._too_slow(shown, "the server did not finish") from None
        except TooLongError:
            raise UnreadableFile(
                f"{shown}: the answer of {self.name} exceeds {self._max_answer_bytes / 2**20:,.0f} MiB",
                reason="too_large",
                hint=_LOG_HINT,
            ) from None
        except EndedError:
            raise JobCancelled(f"{shown}: cancelled") from None

    def _run(
        self, method: str, path: str, deadline: float, *, headers: dict[str, str], body: Iterator[bytes]
    ) -> Answer:
        exchange = Exchange(self._address, deadline=deadline, max_bytes=self._max_answer_bytes)
        with self._state:
            self._exchange = exchange
            if self._cancelled.is_set():
                exchange.end()
        try:
            return exchange.run(method, path, headers=headers, body=body)
        except ConnectionRefusedError as error:
            raise JobError(f"{self.name}: nothing listens there", hint=_START_HINT) from error
        except (http.client.IncompleteRead, ConnectionError) as error:
            raise JobError(f"{self.name}: the connection broke off ({type(error).__name__})", hint=_LOG_HINT) from error
        except http.client.HTTPException as error:
            raise self._stranger(type(error).__name__) from error
        except OSError as error:
            raise JobError(f"{self.name}: cannot be reached ({_reason(error)})", hint=_START_HINT) from error
        finally:
            with self._state:
                self._exchange = None

    def _ask_briefly(self, path: str) -> Answer:
        deadline = time.monotonic() + _CHECK_S
        try:
            return self._run("GET", path, deadline, headers={"Accept": "text/plain"}, body=iter(()))
        except TooSlowError:
            raise JobError(f"{self.name}: silent for {_CHECK_S:.0f} s", hint=_START_HINT) from None
        except (TooLongError, EndedError):
            raise self._stranger("an endless answer") from None

    def _tei_of(self, answer: Answer, shown: str) -> bytes:
        if answer.status == 204 or (answer.status == 500 and any(mark in answer.body[:2_000] for mark in _NO_TEXT)):
            return b""
        if answer.status == 200:
            if b"<TEI" not in answer.body[:4_096]:
                raise self._stranger("something else than TEI")
            return answer.body
        if answer.status in (400, 413, 422, 500):
            said = clean(answer.body[:300].decode("utf-8", "replace"))
            raise UnreadableFile(
                f"{shown}: {self.name} cannot read it (HTTP {answer.status}{': ' if said else ''}{said})",
                reason="too_large" if answer.status == 413 else "crashed",
                hint=_LOG_HINT,
            )
        raise self._stranger(f"HTTP {answer.status}")

    def _read(self, tei: bytes, shown: str) -> Document:
        with tempfile.TemporaryDirectory(prefix="galacite-grobid-") as folder:
            answer = Path(folder) / "answer.tei.xml"
            answer.write_bytes(tei)
            try:
                return self._reader.parse(answer, name=shown)
            except UnreadableFile as error:
                raise UnreadableFile(
                    f"{shown}: the answer of {self.name} cannot be read ({error.message})",
                    reason=error.reason,
                    hint=_LOG_HINT,
                ) from error

    def _too_slow(self, shown: str, what: str) -> UnreadableFile:
        return UnreadableFile(
            f"{shown}: {what} within {self._limits.timeout_s:g} s",
            reason="timeout",
            hint="Raise GALACITE_PARSE_TIMEOUT_S, or give GROBID more processors (concurrency in its grobid.yaml).",
        )

    def _stranger(self, what: str) -> GalaciteError:
        return JobError(
            f"{self.name}: answered with {what}",
            hint="Is it the base address of a GROBID server, such as http://127.0.0.1:8070?",
        )


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
