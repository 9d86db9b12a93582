"""Small articles in JATS, put together of parts; the papers are invented."""

from __future__ import annotations

from pathlib import Path

from core.records import Document
from indexer.config import ParserLimits
from indexer.xml.jats import parse_jats

TIDES = Path(__file__).parent / "data" / "tides.tei.xml"
"""An invented paper as GROBID 0.8 would return it, with coordinates, sentences and raw citations."""
DOCTYPE = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.3 20210610//EN" '
    '"JATS-archivearticle1-3.dtd">'
)
META = """
<journal-meta><journal-title-group><journal-title>Annals of Invented Results</journal-title></journal-title-group>
</journal-meta>
<article-meta>
<article-id pub-id-type="pmid">1234</article-id><article-id pub-id-type="doi">10.5555/INV.2021.7</article-id>
<title-group><article-title>Tides in a glass of <italic>aqua destillata</italic></article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Marlowe</surname><given-names>Ida</given-names></name>
</contrib></contrib-group>
<pub-date pub-type="epub"><day>3</day><month>5</month><year>2021</year></pub-date>
</article-meta>
"""
_REF = """
<ref id="B{number}"><label>{number}.</label><element-citation publication-type="journal">
<person-group person-group-type="author"><name><surname>{family}</surname><given-names>{given}</given-names></name>
</person-group><article-title>{title} tides</article-title><source>J. Water</source><year>{year}</year>
</element-citation></ref>
"""
REFS = "<ref-list><title>References</title>{}</ref-list>".format(
    "".join(
        _REF.format(number=number, family=family, given=given, title=title, year=2000 + number)
        for number, (family, given, title) in enumerate(
            [("Adler", "B.", "First"), ("Brandt", "C.", "Second"), ("Chen", "D.", "Third"), ("Dubois", "E.", "Fourth"),
             ("Eco", "F.", "Fifth")],
            1,
        )
    )
)  # fmt: skip


def article(*, meta: str = META, body: str = "", back: str = "", more: str = "", doctype: str = DOCTYPE) -> str:
    """An article of its parts."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{doctype}\n<article xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns:mml="http://www.w3.org/1998/Math/MathML"><front>{meta}</front><body>{body}</body>'
        f"<back>{back}</back>{more}</article>"
    )


def read(tmp_path: Path, source: str | bytes, *, limits: ParserLimits | None = None, name: str = "") -> Document:
    """Parse a source as a file, checking what holds for all documents."""
    path = tmp_path / "paper.xml"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    document = parse_jats(path, limits=limits or ParserLimits(), name=name)
    check(document)
    return document


def check(document: Document) -> None:
    """The invariants of documents."""
    text = document.text
    assert all(text[each.start : each.end] == each.text and each.text for each in document.passages)
    assert [each.index for each in document.passages] == list(range(len(document.passages)))
    assert [each.index for each in document.references] == list(range(len(document.references)))
    for mention in document.mentions:
        assert text[mention.start : mention.end] == mention.text
        assert mention.text in mention.sentence
        assert mention.reference_indices
        assert set(mention.reference_indices) <= set(range(len(document.references)))
    for section in document.sections:
        assert 0 <= section.start <= section.end <= len(text)
        assert section.parent is None or document.sections[section.parent].level < section.level
    if not document.page_count:
        items = (*document.passages, *document.sections, *document.references, *document.mentions)
        assert {item.page for item in items} <= {0}
        assert not any(item.boxes for item in (*document.passages, *document.references, *document.mentions))
