"""Tests of the remote generator against a real server on this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from core.errors import InputError, ModelError, SettingsError
from core.interfaces import ChatMessage
from model.remote import OpenAICompatibleGenerator

MESSAGES = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="What is recall?")]
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A server whose answer each test sets; remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda handler: None
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.broken = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append({"path": self.path, **json.loads(body)})
                outer.headers.append(dict(self.headers))
                try:
                    outer.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    outer.broken.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Keep the terminal clean."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(Server()) as running:
        yield running


def begin(handler: BaseHTTPRequestHandler, kind: str = "text/event-stream", status: int = 200) -> None:
    """Send the head of an answer that ends with the connection."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.end_headers()


def send_piece(handler: BaseHTTPRequestHandler, text: str, end: str | None = None) -> None:
    """Send one event of the protocol."""
    event = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": end}]}
    handler.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
    handler.wfile.flush()


def answer_with(*pieces: str, done: bool = True) -> Answer:
    """An answer in pieces."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        handler.wfile.write(b": keep-alive\n\ndata: " + json.dumps({"choices": []}).encode() + b"\n\n")
        for piece in pieces:
            send_piece(handler, piece)
        if done:
            handler.wfile.write(b"data: [DONE]\n\n")

    return answer


def answer_raw(data: bytes, kind: str = "text/event-stream", status: int = 200) -> Answer:
    """Anything at all."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler, kind, status)
        handler.wfile.write(data)

    return answer


def ask(server: Server, **options: Any) -> str:
    """The whole answer."""
    generator = OpenAICompatibleGenerator(server.url, "tiny", timeout_s=5.0, **options)
    return "".join(generator.stream(MESSAGES, max_new_tokens=50))


def test_pieces_arrive_in_order(server: Server) -> None:
    server.answer = answer_with("Recall ", "is naïve ", "漢字.")
    assert ask(server) == "Recall is naïve 漢字."
    request = server.requests[0]
    assert request["path"] == "/v1/chat/completions"
    assert request["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is recall?"},
    ]
    assert (request["model"], request["max_tokens"], request["temperature"], request["stream"]) == ("tiny", 50, 0, True)
    assert "Authorization" not in server.headers[0]


def test_a_finish_reason_ends_the_answer_as_well(server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        send_piece(handler, "Recall.", end="stop")

    server.answer = answer
    assert ask(server) == "Recall."


def test_a_key_is_sent_when_there_is_one(server: Server) -> None:
    server.answer = answer_with("yes")
    ask(server, api_key="secret-value")
    assert server.headers[0]["Authorization"] == "Bearer secret-value"


def test_a_redirect_does_not_get_the_key(server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", server.url + "/elsewhere")
        handler.end_headers()

    server.answer = answer
    with pytest.raises(ModelError, match="HTTP 307"):
        ask(server, api_key="secret-value")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "message", "hint"),
    [
        (401, b"", "refused the key", "GALACITE_API_KEY"),
        (404, b'{"error": {"message": "model tiny not found"}}', "model tiny not found", "models"),
        (429, b"{}", "too many requests", "Wait"),
        (500, b"<html>boom</html>", "HTTP 500", "log"),
        (503, b'{"error": "loading"}', r"HTTP 503 \(loading\)", "log"),
    ],
)
def test_refusals_are_explained(server: Server, status: int, body: bytes, message: str, hint: str) -> None:
    server.answer = answer_raw(body, "application/json", status)
    with pytest.raises(ModelError, match=message) as caught:
        ask(server)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (answer_raw(b"<html></html>", "text/html"), "text/html instead of"),
        (answer_raw(b"data: {nonsense\n\n"), "not JSON"),
        (answer_raw(b"data: [1]\n\n"), "not an object"),
        (answer_raw(b'data: {"choices": [{"delta": {"content": 5}}]}\n\n'), "not a string"),
        (answer_raw(b'data: {"error": {"message": "out of memory"}}\n\n'), "out of memory"),
        (answer_raw(b"data: " + b"x" * (2**20 + 10)), "endless line"),
        (answer_raw(b"\xff\xfe\x00 garbage\n"), "broke off"),
        (answer_raw(b""), "broke off"),
        (answer_with("Rec", done=False), "broke off"),
    ],
)
def test_garbage_and_cut_answers_are_errors(server: Server, answer: Answer, message: str) -> None:
    server.answer = answer
    with pytest.raises(ModelError, match=message):
        ask(server)


def test_pieces_before_the_cut_are_delivered(server: Server) -> None:
    server.answer = answer_with("Recall ", "is", done=False)
    pieces = OpenAICompatibleGenerator(server.url, "tiny").stream(MESSAGES, max_new_tokens=50)
    assert [next(pieces), next(pieces)] == ["Recall ", "is"]
    with pytest.raises(ModelError):
        next(pieces)


def test_silence_ends_in_an_error(server: Server) -> None:
    released = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        send_piece(handler, "Recall ")
        released.wait(10)

    server.answer = answer
    pieces = OpenAICompatibleGenerator(server.url, "tiny", timeout_s=0.3).stream(MESSAGES, max_new_tokens=50)
    assert next(pieces) == "Recall "
    started = time.monotonic()
    with pytest.raises(ModelError, match="silent"):
        next(pieces)
    assert time.monotonic() - started < 5
    released.set()


def test_an_answer_without_end_is_cut_off(server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        while True:
            send_piece(handler, "x" * 1_000)

    server.answer = answer
    with pytest.raises(ModelError, match="exceeds 20000 bytes"):
        ask(server, max_answer_bytes=20_000)
    assert server.broken.wait(10)  # the connection was closed


def test_closing_the_iterator_closes_the_connection(server: Server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        while True:
            send_piece(handler, "word ")

    server.answer = answer
    pieces = OpenAICompatibleGenerator(server.url, "tiny").stream(MESSAGES, max_new_tokens=50)
    assert next(pieces) == "word "
    pieces.close()
    assert server.broken.wait(10)


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    generator = OpenAICompatibleGenerator(f"http://127.0.0.1:{port}/v1", "tiny")
    with pytest.raises(ModelError, match=f"127.0.0.1:{port}: cannot be reached") as caught:
        next(generator.stream(MESSAGES, max_new_tokens=50))
    assert "running" in caught.value.hint


def test_name_hides_credentials() -> None:
    generator = OpenAICompatibleGenerator("https://user:pass@example.org/v1", "big")
    assert generator.name == "big at example.org"


@pytest.mark.parametrize(("url", "model"), [("ftp://x/v1", "m"), ("localhost:11434", "m"), ("http://x/v1", "")])
def test_unusable_settings_are_refused(url: str, model: str) -> None:
    with pytest.raises(SettingsError):
        OpenAICompatibleGenerator(url, model)


def test_prompt_that_does_not_fit_is_refused_before_it_is_sent(server: Server) -> None:
    generator = OpenAICompatibleGenerator(server.url, "tiny", context_tokens=100)
    with pytest.raises(InputError, match="100 together"):
        generator.stream([ChatMessage(role="user", content="recall " * 200)], max_new_tokens=50)
    assert server.requests == []
