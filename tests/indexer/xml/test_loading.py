"""Foreign XML: what it may hold, and what it must not do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.xml.inline import all_text
from indexer.xml.loading import load_xml
from tests.indexer.xml.samples import article, read

LIMITS = ParserLimits()


def load(tmp_path: Path, data: bytes, *, limits: ParserLimits = LIMITS) -> tuple[str, list[str]]:
    path = tmp_path / "x.xml"
    path.write_bytes(data)
    source = load_xml(path, limits=limits, name="mine.xml")
    return all_text(source.root), [notice.code for notice in source.notices]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "missing"),
        (lambda path: path.mkdir(), "missing"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b" \n"), "empty"),
        (lambda path: path.write_bytes(b"<a>" + b"x" * 2_000 + b"</a>"), "too_large"),
        (lambda path: path.write_bytes(b"no markup at all"), "damaged"),
        (lambda path: path.write_bytes(b"\x00\x01\x02\xff" * 50), "damaged"),
        (lambda path: path.write_bytes(b"<?xml version='1.0'?>"), "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(make: object, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    make(path)  # type: ignore[operator]
    with pytest.raises(UnreadableFile) as caught:
        load_xml(path, limits=ParserLimits(max_file_bytes=1_000), name="mine.xml")
    assert caught.value.reason == reason
    assert caught.value.message.startswith("mine.xml")
    assert caught.value.hint


@pytest.mark.parametrize("doctype", [b"", b'<!DOCTYPE a PUBLIC "-//X//DTD//EN" "missing.dtd">'])
def test_named_characters_need_no_dtd(doctype: bytes, tmp_path: Path) -> None:
    text, notices = load(tmp_path, doctype + b"<a t='&eacute;'>caf&eacute;&nbsp;&mdash;&NotEqualTilde; &lt;&amp;</a>")
    assert text == "café\xa0—\u2242\u0338 <&"
    assert notices == []


def test_a_name_that_nobody_knows_is_left_out(tmp_path: Path) -> None:
    document = read(tmp_path, article(body="<p>one&unheardof;two &notin; three</p>"))
    assert document.text == "one two ∉ three"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<?xml version='1.0' encoding='iso-8859-1'?><a>caf\xe9</a>", "café"),
        ("<?xml version='1.0' encoding='utf-16'?><a>café</a>".encode("utf-16"), "café"),
        ("\ufeff<a>café</a>".encode(), "café"),
        (b"<?xml version='1.0' encoding='windows-1252'?><a>\x93caf\xe9\x94</a>", "“café”"),
    ],
)
def test_encodings_are_those_that_the_file_declares(data: bytes, text: str, tmp_path: Path) -> None:
    assert load(tmp_path, data) == (text, [])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<?xml version='1.0' encoding='utf-8'?><a>caf\xe9 cr\xe8me</a>", "café crème"),
        (b"<?xml version='1.0' encoding='utf-8'?><a>\xc3\xa9t\xc3\xa9 \xc3\xa0 \xff</a>", "été à \ufffd"),
        (b"<?xml version='1.0' encoding='no-such-code'?><a>plain</a>", "plain"),
        (b"<a>one<b>two</a>", "onetwo"),
        (b"<a>one & two < three</a>", "one  two "),
        (b"<a><x:math x:y='1'>m</x:math></a>", "m"),
        (b"<a>cut off in the mid", "cut off in the mid"),
    ],
)
def test_what_is_not_well_formed_is_read_with_a_notice(data: bytes, text: str, tmp_path: Path) -> None:
    found, notices = load(tmp_path, data)
    assert found.split()[:2] == text.split()[:2]
    assert notices == ["repaired"] or b"x:math" in data


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    (tmp_path / "evil.dtd").write_text(f'<!ENTITY stolen SYSTEM "file://{secret}">')
    data = (
        f'<!DOCTYPE article SYSTEM "evil.dtd" [<!ENTITY here SYSTEM "file://{secret}">'
        f'<!ENTITY % more SYSTEM "file://{tmp_path}/evil.dtd">%more;]>'
        '<article xmlns:xi="http://www.w3.org/2001/XInclude"><front/><body><p>a&here;b&stolen;c'
        f'<xi:include href="file://{secret}" parse="text"/></p></body></article>'
    )
    assert "SECRET" not in read(tmp_path, data).text


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize("use", ["<p>&l11;</p>", "<p id='&l11;'>x</p>", "<p>&q;</p>" * 2_000])
def test_entities_do_not_multiply(use: str, tmp_path: Path) -> None:
    doctype = f'<!DOCTYPE article [<!ENTITY l0 "lol">{BOMB}<!ENTITY q "{"q" * 100_000}">]>'
    path = tmp_path / "bomb.xml"
    path.write_text(f"{doctype}<article><front/><body>{use}</body></article>")
    begun = time.perf_counter()
    try:
        text = all_text(load_xml(path, limits=LIMITS).root)
    except UnreadableFile:
        text = ""
    assert len(text) < 1_000_000
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize(
    "tag", ["sec", "p", "list", "italic", "sup", "boxed-text", "mml:mrow", "ref-list", "collab", "fig"]
)
def test_nesting_without_end_is_survived(tag: str, tmp_path: Path) -> None:
    deep = f"<{tag}>" * 50_000 + "core" + f"</{tag}>" * 50_000
    for source in (f"<p>{deep}</p>", deep):
        document = read(tmp_path, article(body=source))
        assert "repaired" in {notice.code for notice in document.notices}


def test_nesting_to_the_limit_of_the_library_is_read(tmp_path: Path) -> None:
    deep = "<italic>" * 240 + "core" + "</italic>" * 240
    document = read(tmp_path, article(body=f"<p>{deep}</p>"))
    assert document.text == "core"
    assert document.notices == ()


def test_sections_to_the_limit_of_the_library_keep_their_text(tmp_path: Path) -> None:
    deep = "<sec><title>In</title>" * 240 + "<p>core</p>" + "</sec>" * 240
    document = read(tmp_path, article(body=deep))
    assert "core" in document.text


def test_comments_and_instructions_are_no_text(tmp_path: Path) -> None:
    document = read(tmp_path, article(body="<?page 3?><p>one <!-- hidden --> two<?x y?>.</p><!-- end -->"))
    assert document.text == "one two."
