"""A real server on this machine that answers as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server whose replies each test sets, the last one for all further requests; remembers what it was sent."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.kinds: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.paths.append(self.path)
                outer.reply(self)

            def do_POST(self) -> None:
                outer.paths.append(self.path)
                outer.kinds.append(self.headers["Content-Type"])
                outer.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                outer.reply(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Keep the terminal clean."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def reply(self, handler: BaseHTTPRequestHandler) -> None:
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        try:
            reply(handler)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def send(body: bytes = b"", *, status: int = 200, kind: str = "application/xml", **headers: str) -> Reply:
    """A complete reply."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply
