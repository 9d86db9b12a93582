"""Which parser the settings choose."""

from contextlib import closing
from pathlib import Path

import pytest

from app.parsers import make_parser
from app.services.doctor import examine
from app.settings import Settings
from core.errors import SettingsError
from indexer.config import ParserLimits
from indexer.pdf.isolated import IsolatedParser
from indexer.xml.grobid import GrobidParser
from tests.indexer.xml.samples import TIDES
from tests.indexer.xml.samples import check as check_document
from tests.indexer.xml.server import Server, send

NOBODY = "http://127.0.0.1:9"


def test_the_parser_built_in_reads_unless_a_server_is_chosen(tmp_path: Path) -> None:
    assert isinstance(make_parser(Settings(home=tmp_path, grobid_url=NOBODY)), IsolatedParser)
    assert isinstance(make_parser(Settings(home=tmp_path, parser="grobid")), GrobidParser)


def test_an_address_that_cannot_be_is_an_error_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, parser="grobid", grobid_url="ftp://example.org")
    with pytest.raises(SettingsError, match="not the address of a server"):
        make_parser(settings, limits=ParserLimits())


def test_doctor_says_whether_the_chosen_server_answers(tmp_path: Path) -> None:
    def parser(settings: Settings) -> tuple[str, str]:
        check = next(check for check in examine(settings) if check.name == "parser")
        return check.state, check.hint

    assert parser(Settings(home=tmp_path)) == ("good", "")
    state, hint = parser(Settings(home=tmp_path, parser="grobid", grobid_url=NOBODY))
    assert state == "bad"
    assert "docker run" in hint


def test_a_chosen_server_reads_pdfs_and_a_process_of_its_own_reads_its_answer(tmp_path: Path) -> None:
    paper = tmp_path / "tides.pdf"
    paper.write_bytes(b"%PDF-1.7\n%%EOF\n")
    with closing(Server()) as server:
        server.replies = [send(TIDES.read_bytes())]
        parser = make_parser(Settings(home=tmp_path, parser="grobid", grobid_url=server.url))
        try:
            document = parser.parse(paper)
        finally:
            parser.close()
    check_document(document)
    assert document.title == "Measuring tides in a glass of water"
    assert len(document.mentions) == 6
    assert document.page_count == 3


def test_doctor_names_the_version_of_a_server_that_answers(tmp_path: Path) -> None:
    with closing(Server()) as server:
        server.replies = [send(b"true"), send(b"0.8.2")]
        settings = Settings(home=tmp_path, parser="grobid", grobid_url=server.url)
        check = next(check for check in examine(settings) if check.name == "parser")
    assert check.state == "good"
    assert "0.8.2" in check.message
