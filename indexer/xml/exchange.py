"""One request to a web server, bounded in time and size, that another thread can end."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import SettingsError

_CHUNK = 64 * 2**10
_CONNECT_S = 10.0
"""Time for a connection alone: a machine that is there answers at once, though its work may take long."""


class TooSlowError(Exception):
    """The answer was not complete in time."""


class TooLongError(Exception):
    """The answer grew beyond the limit."""


class EndedError(Exception):
    """Another thread ended the exchange."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is; ``shown`` is for people."""

    host: str
    port: int | None
    path: str
    secure: bool

    @property
    def shown(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}" if self.port else self.host


@dataclass(frozen=True, slots=True)
class Answer:
    """Status code and body."""

    status: int
    body: bytes


def read_address(url: str) -> Address:
    """Take a base address apart.

    Raises:
        SettingsError: It is not http or https, names no host, or holds a user name or password.
    """
    hint = "Such as http://127.0.0.1:8070"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingsError("the address of the server cannot be read", hint=hint) from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"{parts.hostname}: an address with a user name or password is not used", hint=hint)
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise SettingsError(f"{url!r}: not the address of a server", hint=hint)
    return Address(parts.hostname, port, parts.path.rstrip("/"), parts.scheme == "https")


class Exchange:
    """A request under way. ``end`` may be called from any thread, at any time, before or during ``run``."""

    def __init__(self, address: Address, *, deadline: float, max_bytes: int) -> None:
        self._address = address
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._state = threading.Lock()
        self._socket: socket.socket | None = None
        self._ended = False

    def end(self) -> None:
        """End the exchange: ``run`` raises at once."""
        with self._state:
            self._ended = True
            self._shut()

    def run(self, method: str, path: str, *, headers: Mapping[str, str], body: Iterable[bytes] = ()) -> Answer:
        """Send a request and read the answer.

        Raises:
            TooSlowError: The deadline (of ``time.monotonic``) passed, however the server spends the time.
            TooLongError: The answer is longer than ``max_bytes``.
            EndedError: ``end`` was called.
            OSError, http.client.HTTPException: There is no server, or the connection broke off.
        """
        watch = threading.Timer(max(0.0, self._deadline - time.monotonic()), self._time_up)
        watch.daemon = True
        watch.start()
        try:
            with contextlib.closing(self._connect()) as connection:
                return self._converse(connection, method, path, headers, body)
        except (OSError, http.client.HTTPException, ValueError):  # ValueError: reading from what was just closed
            if self._ended:
                raise EndedError from None
            if time.monotonic() >= self._deadline:
                raise TooSlowError from None
            raise
        finally:
            watch.cancel()
            with self._state:
                self._socket = None

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._address.secure else http.client.HTTPConnection
        left = max(0.01, self._deadline - time.monotonic())
        connection = kind(self._address.host, self._address.port, timeout=min(left, _CONNECT_S))
        connection.connect()
        with self._state:
            self._socket = connection.sock
            connection.sock.settimeout(max(0.01, self._deadline - time.monotonic()))
            if self._ended:
                self._shut()
        return connection

    def _converse(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Iterable[bytes],
    ) -> Answer:
        connection.putrequest(method, self._address.path + path)
        for name, value in headers.items():
            connection.putheader(name, value)
        try:
            connection.endheaders()
            for part in body:
                connection.send(part)
        except (BrokenPipeError, ConnectionResetError):
            # A server may refuse before it has read all; its answer then lies ready.
            if self._ended:
                raise
        with contextlib.closing(connection.getresponse()) as response:
            return Answer(response.status, b"".join(self._pieces(response)))

    def _pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        size = 0
        while piece := response.read(_CHUNK):
            size += len(piece)
            if size > self._max_bytes:
                raise TooLongError
            yield piece
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        if self._ended or time.monotonic() >= self._deadline:
            raise OSError("the connection was closed")  # a closed connection reads like the end of the answer

    def _time_up(self) -> None:
        with self._state:
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
