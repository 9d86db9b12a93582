from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.formats import Format, format_of, parse_file
from indexer.pdf.isolated import IsolatedParser
from tests.indexer.pdf.samples import plain_pdf

TEX = rb"\documentclass{article}\title{Engines}\begin{document}\maketitle Text.\end{document}"
JATS = b"""<?xml version="1.0"?><!-- note --><!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "a.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta><title-group><article-title>Engines</article-title>
</title-group></article-meta></front><body><p>Text of the body.</p></body></article>"""
TEI = b"""<?xml version="1.0" encoding="UTF-8"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>
<title level="a" type="main">Engines</title></titleStmt></fileDesc><encodingDesc>
<appInfo><application version="0.8.0" ident="GROBID"/></appInfo></encodingDesc></teiHeader>
<text><body><div><p>Text of it.</p></div></body></text></TEI>"""


def tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        member = tarfile.TarInfo("main.tex")
        member.size = len(data)
        packed.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, data)
    return out.getvalue()


SAMPLES: dict[str, tuple[bytes, Format]] = {
    "latex": (TEX, "latex"),
    "latex with a mark": (b"\xef\xbb\xbf% %PDF-1.5\n" + TEX, "latex"),
    "latex, wide": (TEX.decode().encode("utf-16"), "latex"),
    "part": (b"\\section{Engines}\nText.", "latex"),
    "gzip": (gzip.compress(TEX), "archive"),
    "tar": (tar(TEX), "archive"),
    "zip": (zipped("main.tex", TEX), "archive"),
    "jats": (JATS, "jats"),
    "tei": (TEI, "tei"),
    "pdf": (b"%PDF-1.7\n", "pdf"),
    "pdf behind junk": (b"junk\n%PDF-1.7\n", "pdf"),
}


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", ["file", "file.pdf", "file.xml"])
def test_the_content_decides_whatever_the_name(tmp_path: Path, sample: str, name: str) -> None:
    content, expected = SAMPLES[sample]
    path = tmp_path / name
    path.write_bytes(content)
    assert format_of(path) == expected


@pytest.mark.parametrize("sample", ["latex", "gzip", "tar", "zip", "jats", "tei"])
def test_each_format_gives_a_document(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(SAMPLES[sample][0])
    document = parse_file(path, limits=ParserLimits())
    assert document.title == "Engines"
    assert document.page_count == 0
    assert "Text" in document.text


def test_a_pdf_is_read_as_before(tmp_path: Path) -> None:
    assert parse_file(plain_pdf(tmp_path / "a.tex"), limits=ParserLimits()).page_count == 1


def test_a_tex_file_without_commands_is_text(tmp_path: Path) -> None:
    path = tmp_path / "part.tex"
    path.write_text("Only words.")
    assert parse_file(path, limits=ParserLimits()).text == "Only words."


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"just words", "no format that can be read"),
        (bytes(range(256)), "no format that can be read"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        (b"<?xml version='1.0'?><svg/>", "XML with the root <svg>"),
        (zipped("word/document.xml", b"<x/>"), "an office document"),
        (b"%!PS-Adobe-3.0\n", "PostScript"),
    ],
)
def test_other_formats_are_refused_with_what_can_be_read(tmp_path: Path, content: bytes, fact: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        parse_file(path, limits=ParserLimits(), name="my file")
    assert caught.value.message.startswith(f"my file: {fact}")
    assert "JATS" in caught.value.hint
    assert caught.value.reason == "not_pdf"


@pytest.mark.parametrize("kind", ["gone", "folder", "empty"])
def test_files_that_cannot_be_opened_are_told_apart(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.write_bytes(b"")
    with pytest.raises(UnreadableFile) as caught:
        parse_file(path, limits=ParserLimits())
    assert caught.value.reason == {"gone": "missing", "folder": "not_pdf", "empty": "empty"}[kind]


def test_the_isolated_parser_reads_every_format_and_passes_refusals_on(tmp_path: Path) -> None:
    (tmp_path / "paper.tex").write_bytes(TEX)
    (tmp_path / "paper.tar.gz").write_bytes(gzip.compress(tar(TEX)))
    (tmp_path / "broken.zip").write_bytes(zipped("main.tex", TEX)[:40])
    with IsolatedParser(ParserLimits()) as parser:
        assert parser.parse(tmp_path / "paper.tex").title == "Engines"
        assert parser.parse(tmp_path / "paper.tar.gz").title == "Engines"
        pid = parser.child_pid
        with pytest.raises(UnreadableFile, match=r"broken\.zip") as caught:
            parser.parse(tmp_path / "broken.zip")
        assert caught.value.reason == "damaged"
        assert parser.child_pid == pid
