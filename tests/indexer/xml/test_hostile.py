"""Whatever the files hold, documents keep their invariants, or there is an error that says what is wrong."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.xml.jats import parse_jats
from indexer.xml.tei import parse_tei
from tests.indexer.xml.samples import REFS, TIDES, article, check

LIMITS = ParserLimits()
CITE = '<xref ref-type="bibr" rid="B{0}">{0}</xref>'
PIECES = st.sampled_from(
    ["<p>", "</p>", "<sec>", "</sec>", "<title>", "</title>", "<label>", "</label>", "<sup>", "</sup>", "<italic>",
     "</italic>", "<list>", "<list-item>", "</list-item>", "</list>", "<fig>", "</fig>", "<caption>", "</caption>",
     "<disp-formula>", "</disp-formula>", "<fn>", "</fn>", "<table-wrap>", "<tr>", "<td>", "</td>", "</tr>",
     "</table-wrap>", "<ref-list>", "</ref-list>", '<ref id="B9">', "</ref>", "<mixed-citation>",
     "</mixed-citation>", "<name>", "</name>", "<surname>", "</surname>", "<year>", "</year>", "<mml:math>",
     "<mml:mfrac>", "<mml:mi>", "</mml:mi>", "</mml:mfrac>", "</mml:math>", "<abstract>", "</abstract>", "<xref>",
     '<xref ref-type="bibr" rid="B1 B2 nope">', "</xref>", '<xref ref-type="bibr" rid="B3"/>', CITE.format(1),
     CITE.format(4), "[", "]", "(", ")", "–", "-", ", ", "; ", " and ", "Adler", "2001", "et al.", "tides. ",
     "&nbsp;", "&unknown;", "&", "<", "<!--", "-->", "<![CDATA[", "]]>", "\x0b", "\u202e", "e\u0301", "\ud7ff", "１",
     "²", "x" * 300, "1" * 30]
)  # fmt: skip


def parsed_or_refused(parse: object, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xml"
        path.write_bytes(data)
        try:
            document = parse(path, limits=LIMITS)  # type: ignore[operator]
        except UnreadableFile:
            return
        check(document)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_of_elements_keeps_the_invariants(body: str) -> None:
    parsed_or_refused(parse_jats, article(body=body, back=REFS).encode("utf-8", "replace"))


@example("<sup>&unknown;</p>")
@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=20).map("".join))
def test_any_mixture_in_front_and_back_keeps_the_invariants(part: str) -> None:
    source = article(meta=f"<article-meta>{part}</article-meta>", body=f"<p>{CITE.format(9)}</p>", back=part)
    parsed_or_refused(parse_jats, source.encode("utf-8", "replace"))


TEI = TIDES.read_bytes()


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damaged_tei_keeps_the_invariants(data: st.DataObject) -> None:
    mutated = bytearray(TEI)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        size = data.draw(st.integers(0, 200))
        new = data.draw(st.binary(max_size=8) | st.just(bytes(mutated[at : at + size])) | st.just(b'" coords="9,9'))
        mutated[at : at + size] = new
    parsed_or_refused(parse_tei, bytes(mutated))


@pytest.mark.parametrize(
    "unit",
    [
        "<p>" + CITE.format(1) + "</p>",
        CITE.format(1) + "–" + CITE.format(4) + ", ",
        "(" + CITE.format(2) + "; ",
        "((([[[",
        "Adler et al. ",
        "tides. ",
        "<sec><title>x</title></sec>",
        "<sup>1</sup>,",
        "<list><list-item><p>x</p></list-item></list>",
        "<mml:math><mml:mi>x</mml:mi></mml:math>",
        "a<fn><p>b</p></fn>",
        "<fig><label>1</label><caption><p>c</p></caption></fig>",
        "。",
        "x",
    ],
)
def test_time_grows_with_the_size_of_the_file(unit: str, tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        path = tmp_path / "x.xml"
        inner = unit * count
        path.write_text(
            article(body=inner if unit.startswith(("<p", "<sec", "<fig")) else f"<p>{inner}</p>", back=REFS)
        )
        begun = time.process_time()
        check(parse_jats(path, limits=LIMITS))
        return time.process_time() - begun

    seconds(10)
    few, many = 20_000 // len(unit), 160_000 // len(unit)
    short, long = seconds(few), seconds(many)
    assert long < 0.2 + 8 * 3 * short


def test_a_reference_list_of_thousands_is_read_in_time(tmp_path: Path) -> None:
    work = "<mixed-citation><source>Book {0}</source>, <year>1990</year></mixed-citation>"
    ref = f'<ref id="r{{0}}"><label>{{0}}</label>{work}</ref>'
    cites = "".join(f'<p>See <xref ref-type="bibr" rid="r{n}">{n}</xref>.</p>' for n in range(3_000))
    path = tmp_path / "x.xml"
    path.write_text(article(body=cites, back=f"<ref-list>{''.join(map(ref.format, range(3_000)))}</ref-list>"))
    begun = time.process_time()
    document = parse_jats(path, limits=LIMITS)
    assert len(document.references) == len(document.mentions) == 3_000
    assert time.process_time() - begun < 15
