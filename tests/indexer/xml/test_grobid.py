"""The client against a real server on this machine, which answers as GROBID does, or as it should not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from core.errors import JobCancelled, JobError, SettingsError, UnreadableFile
from core.records import Document
from indexer.config import ParserLimits
from indexer.xml.grobid import GrobidParser
from indexer.xml.tei import parse_tei
from tests.indexer.xml.samples import TIDES, check
from tests.indexer.xml.server import Reply, Server, send

PDF = b"%PDF-1.7\nnot much of one\n%%EOF\n"


class Reader:
    """Reads TEI in this process, and notes all other files that it is given."""

    def __init__(self) -> None:
        self.others: list[str] = []
        self.given: list[Any] = []
        self.closed = False

    def parse(self, path: Path, *, name: str = "", ocr: Any = None, on_progress: Any = None) -> Document:
        if path.name.endswith(".tei.xml"):
            return parse_tei(path, limits=ParserLimits(), name=name)
        self.others.append(name or path.name)
        self.given.append((ocr, on_progress))
        return Document(title="read elsewhere", page_count=1)

    def cancel(self) -> None:
        """Nothing is under way here."""

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(Server()) as running:
        yield running


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / 'Ünïcode "quotes"\r\nand lines.pdf'
    path.write_bytes(PDF)
    return path


def parser(server: Server, *, timeout_s: float = 10.0, reader: Reader | None = None, **options: Any) -> GrobidParser:
    limits = ParserLimits(timeout_s=timeout_s)
    return GrobidParser(server.url, limits=limits, reader=reader or Reader(), first_pause_s=0.01, **options)


def test_a_pdf_becomes_the_document_of_the_answer(server: Server, paper: Path) -> None:
    server.replies = [send(TIDES.read_bytes())]
    document = parser(server).parse(paper, name="tides.pdf")
    check(document)
    assert document == parse_tei(TIDES, limits=ParserLimits())
    assert server.paths == ["/api/processFulltextDocument"]


def test_the_form_asks_for_places_sentences_and_raw_citations_and_for_nothing_of_others(
    server: Server, paper: Path
) -> None:
    server.replies = [send(TIDES.read_bytes())]
    parser(server).parse(paper)
    (body,), (kind,) = server.bodies, server.kinds
    boundary = kind.partition("boundary=")[2].encode()
    parts = body.split(b"--" + boundary)
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    fields = [part.split(b"\r\n\r\n", 1) for part in parts[1:-1]]
    values = [(head.split(b'name="')[1].split(b'"')[0].decode(), value.removesuffix(b"\r\n")) for head, value in fields]
    assert values.pop() == ("input", PDF)
    assert dict(values[:5]) == {
        "consolidateHeader": b"0",
        "consolidateCitations": b"0",
        "includeRawCitations": b"1",
        "includeRawAffiliations": b"1",
        "segmentSentences": b"1",
    }
    assert {name for name, _ in values[5:]} == {"teiCoordinates"}
    assert {b"ref", b"s", b"biblStruct", b"head", b"figure", b"formula"} <= {value for _, value in values[5:]}
    assert "nïcode".encode() not in body


def test_references_are_completed_by_others_only_when_told(server: Server, paper: Path) -> None:
    server.replies = [send(TIDES.read_bytes())]
    parser(server, consolidate=True).parse(paper)
    assert b'name="consolidateCitations"\r\n\r\n1\r\n' in server.bodies[0]


def test_a_path_in_the_address_is_kept(server: Server, paper: Path) -> None:
    server.replies = [send(TIDES.read_bytes())]
    GrobidParser(f"{server.url}/grobid/", limits=ParserLimits(), reader=Reader()).parse(paper)
    assert server.paths == ["/grobid/api/processFulltextDocument"]


def test_a_busy_server_is_asked_again(server: Server, paper: Path) -> None:
    server.replies = [send(status=503), send(status=503), send(TIDES.read_bytes())]
    assert parser(server).parse(paper).year == 2022
    assert len(server.paths) == 3


def test_a_server_that_stays_busy_is_given_up_in_time(server: Server, paper: Path) -> None:
    server.replies = [send(status=503)]
    begun = time.monotonic()
    with pytest.raises(UnreadableFile, match="busy all the time within") as caught:
        parser(server, timeout_s=0.5).parse(paper)
    assert caught.value.reason == "timeout"
    assert caught.value.may_pass_later
    assert time.monotonic() - begun < 3


def test_nobody_there_is_said_with_a_way_to_start_one(paper: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    parser = GrobidParser(f"http://127.0.0.1:{port}", limits=ParserLimits(), reader=Reader())
    with pytest.raises(JobError, match=f"127.0.0.1:{port}: nothing listens there") as caught:
        parser.parse(paper)
    assert "docker run" in caught.value.hint


def test_an_unknown_host_is_said(paper: Path) -> None:
    parser = GrobidParser("http://grobid.invalid:8070", limits=ParserLimits(), reader=Reader())
    with pytest.raises(JobError, match=r"grobid\.invalid:8070: cannot be reached"):
        parser.parse(paper)


def test_a_silent_server_ends_with_the_time(server: Server, paper: Path) -> None:
    over = threading.Event()
    server.replies = [lambda handler: [over.wait(10)].clear()]
    begun = time.monotonic()
    with pytest.raises(UnreadableFile, match="did not finish within") as caught:
        parser(server, timeout_s=0.3).parse(paper, name="slow.pdf")
    over.set()
    assert caught.value.reason == "timeout"
    assert caught.value.message.startswith("slow.pdf")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_server_that_drips_ends_with_the_time(where: str, server: Server, paper: Path) -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\n" + (b"" if where == "head" else b"Content-Type: text/xml\r\n\r\n<TEI")
        )
        while not over.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    server.replies = [drip]
    begun = time.monotonic()
    with pytest.raises(UnreadableFile, match="did not finish") as caught:
        parser(server, timeout_s=0.4).parse(paper)
    over.set()
    assert caught.value.reason == "timeout"
    assert time.monotonic() - begun < 5


def test_cancelling_ends_a_request_under_way(server: Server, paper: Path) -> None:
    asked, over = threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        over.wait(20)

    server.replies = [hang]
    client = parser(server, timeout_s=20)

    def cancel() -> None:
        asked.wait(10)
        client.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(JobCancelled):
        client.parse(paper)
    over.set()
    thread.join()
    assert time.monotonic() - begun < 10
    server.replies = [send(TIDES.read_bytes())]
    assert client.parse(paper).year == 2022


def test_cancelling_ends_the_wait_for_a_busy_server(server: Server, paper: Path) -> None:
    asked = threading.Event()
    busy = send(status=503)

    def reply(handler: BaseHTTPRequestHandler) -> None:
        busy(handler)
        asked.set()

    server.replies = [reply]
    client = GrobidParser(server.url, limits=ParserLimits(timeout_s=60), reader=Reader(), first_pause_s=30)

    def cancel() -> None:
        asked.wait(10)
        time.sleep(0.05)
        client.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(JobCancelled):
        client.parse(paper)
    thread.join()


def test_cancelling_without_a_parse_changes_nothing(server: Server, paper: Path) -> None:
    server.replies = [send(TIDES.read_bytes())]
    client = parser(server)
    client.cancel()
    assert client.parse(paper).year == 2022


def test_a_failure_of_the_server_is_told_with_its_words(server: Server, paper: Path) -> None:
    server.replies = [send(b"[TIMEOUT] PDF to XML conversion timed out" + b"\n at org.grobid" * 1_000, status=500)]
    with pytest.raises(
        UnreadableFile, match=r"x\.pdf: GROBID at 127\.0\.0\.1:\d+ cannot read it \(HTTP 500: \[TIMEOUT\]"
    ) as caught:
        parser(server).parse(paper, name="x.pdf")
    assert caught.value.reason == "crashed"
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    "reply",
    [send(status=204), send(b"[NO_BLOCKS] PDF parsing resulted in empty content", status=500)],
)
def test_a_paper_without_text_goes_to_the_reader(reply: Reply, server: Server, paper: Path) -> None:
    server.replies = [reply]
    reader = Reader()
    progress = lambda done, total: None  # noqa: E731
    document = parser(server, reader=reader).parse(paper, name="scan.pdf", on_progress=progress)
    assert document.title == "read elsewhere"
    assert reader.others == ["scan.pdf"]
    assert reader.given == [(None, progress)]


def test_other_files_never_go_to_the_server(server: Server, tmp_path: Path) -> None:
    reader = Reader()
    path = tmp_path / "paper.tex"
    path.write_text(r"\documentclass{article}")
    parser(server, reader=reader).parse(path)
    missing = tmp_path / "missing.pdf"
    parser(server, reader=reader).parse(missing)
    assert reader.others == ["paper.tex", "missing.pdf"]
    assert server.paths == []


def test_a_pdf_beyond_the_limit_never_goes_to_the_server(server: Server, paper: Path) -> None:
    reader = Reader()
    client = GrobidParser(server.url, limits=ParserLimits(max_file_bytes=10), reader=reader)
    client.parse(paper)
    assert reader.others == [paper.name]
    assert server.paths == []


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (send(b"<!DOCTYPE html><html><body>Welcome</body></html>", kind="text/html"), "something else than TEI"),
        (send(b"{}", kind="application/json"), "something else than TEI"),
        (send(b"", status=200), "something else than TEI"),
        (send(b"no such page", status=404), "HTTP 404"),
        (send(status=302, Location="http://127.0.0.1:1/"), "HTTP 302"),
        (send(status=401), "HTTP 401"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"), "BadStatusLine"),
        (lambda handler: None, "the connection broke off"),
        (
            lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<TEI"),
            "the connection broke off",
        ),
        (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000), "LineTooLong"),
    ],
)
def test_what_is_no_grobid_is_told_apart(reply: Reply, message: str, server: Server, paper: Path) -> None:
    server.replies = [reply]
    with pytest.raises(JobError, match=message) as caught:
        parser(server).parse(paper)
    assert caught.value.hint


def test_damaged_tei_is_an_error_of_the_paper(server: Server, paper: Path) -> None:
    server.replies = [send(b'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader>')]
    with pytest.raises(UnreadableFile, match=r"x\.pdf: the answer of GROBID at .* cannot be read"):
        parser(server).parse(paper, name="x.pdf")


@pytest.mark.parametrize("announced", [True, False])
def test_an_endless_answer_is_cut_off(announced: bool, server: Server, paper: Path) -> None:
    body = b"<TEI>" + b" " * 2_000_000

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if announced:
            handler.wfile.write(b"Content-Length: %d\r\n" % len(body))
        handler.wfile.write(b"\r\n" + body)

    server.replies = [reply]
    with pytest.raises(UnreadableFile, match="exceeds 1 MiB") as caught:
        parser(server, max_answer_bytes=2**20).parse(paper)
    assert caught.value.reason == "too_large"


def test_a_refusal_before_the_upload_ends_is_understood(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "big.pdf"
    path.write_bytes(PDF + b"\0" * 30_000_000)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass

        thread = threading.Thread(target=refuse)
        thread.start()
        client = GrobidParser(
            f"http://127.0.0.1:{listening.getsockname()[1]}", limits=ParserLimits(timeout_s=20), reader=Reader()
        )
        with pytest.raises(UnreadableFile, match="HTTP 413") as caught:
            client.parse(path)
        thread.join()
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1", "127.0.0.1:8070", "http://", "file:///etc/passwd", "http://a b/", "http://[::1", "",
     "http://host:99999", "http://x\n/", "gopher://x"],
)  # fmt: skip
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        GrobidParser(url, limits=ParserLimits(), reader=Reader())
    assert "8070" in caught.value.hint


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        GrobidParser("http://me:secret@host:8070", limits=ParserLimits(), reader=Reader())
    assert "secret" not in caught.value.in_full


def test_the_version_tells_that_it_is_alive(server: Server) -> None:
    server.replies = [send(b"true", kind="text/plain"), send(b"0.8.2", kind="text/plain")]
    assert parser(server).version() == "0.8.2"
    assert server.paths == ["/api/isalive", "/api/version"]


def test_what_is_not_alive_is_told(server: Server) -> None:
    server.replies = [send(b"false", kind="text/plain")]
    with pytest.raises(JobError, match="answered with HTTP 200"):
        parser(server).version()


def test_closing_ends_the_reader_too(server: Server) -> None:
    reader = Reader()
    with parser(server, reader=reader):
        assert not reader.closed
    assert reader.closed
