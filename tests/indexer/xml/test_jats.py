"""Whole articles, and files that are not quite articles."""

from pathlib import Path

import pytest

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.xml.jats import parse_jats
from tests.indexer.xml.samples import META, REFS, article, read

BODY = """
<sec><label>1.</label><title>Introduction</title><p>Tides were seen early [<xref ref-type="bibr" rid="B1">1</xref>].</p>
<sec><label>1.1</label><title>Scope</title><p>Only water.</p></sec></sec>
<sec><label>2</label><title>Methods</title><p>We waited.</p></sec>
"""


def test_a_paper_is_read_whole(tmp_path: Path) -> None:
    document = read(tmp_path, article(body=BODY, back=REFS))
    assert document.title == "Tides in a glass of aqua destillata"
    assert [author.name for author in document.authors] == ["Ida Marlowe"]
    assert (document.year, document.venue, document.doi) == (2021, "Annals of Invented Results", "10.5555/inv.2021.7")
    assert [(section.number, section.heading, section.level, section.parent) for section in document.sections] == [
        ("1", "Introduction", 1, None),
        ("1.1", "Scope", 2, 0),
        ("2", "Methods", 1, None),
    ]
    assert [reference.title for reference in document.references] == [
        "First tides", "Second tides", "Third tides", "Fourth tides", "Fifth tides",
    ]  # fmt: skip
    assert [(mention.text, mention.reference_indices, mention.section) for mention in document.mentions] == [
        ("[1]", (0,), 0)
    ]
    assert document.page_count == 0
    assert document.notices == ()


def test_sections_reach_over_their_subsections(tmp_path: Path) -> None:
    document = read(tmp_path, article(body=BODY))
    text = document.text
    introduction, scope, methods = document.sections
    assert "Only water." in text[introduction.start : introduction.end]
    assert "We waited." not in text[introduction.start : introduction.end]
    assert text[scope.start : scope.end].strip() == "Only water."
    assert text[methods.start : methods.end] == "We waited."


def test_a_default_namespace_and_prefixed_attributes_make_no_difference(tmp_path: Path) -> None:
    plain = article(body=BODY, back=REFS)
    spaced = plain.replace(
        "<article xmlns:xlink", '<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" xmlns:xlink'
    )
    assert read(tmp_path, spaced) == read(tmp_path, plain)


def test_every_prefix_can_be_used(tmp_path: Path) -> None:
    import re

    source = article(body=BODY, back=REFS)
    prefixed = re.sub(r"<(/?)(?!\?|!|/|mml:)([a-z])", r"<\1j:\2", source).replace(
        "<j:article ", '<j:article xmlns:j="https://jats.nlm.nih.gov/ns/archiving/1.3/" ', 1
    )
    assert read(tmp_path, prefixed) == read(tmp_path, source)


def test_the_file_gives_its_name_to_a_paper_without_title(tmp_path: Path) -> None:
    source = article(meta="<article-meta/>", body=BODY)
    assert read(tmp_path, source, name="notes on tides.xml").title == "notes on tides"


def test_the_first_of_several_articles_is_read_with_a_notice(tmp_path: Path) -> None:
    one = article(doctype="").split("?>", 1)[1]
    both = f"<pmc-articleset>{one}{one.replace('aqua destillata', 'wine')}</pmc-articleset>"
    document = read(tmp_path, both)
    assert "destillata" in document.title
    assert [notice.code for notice in document.notices] == ["several_articles"]


def test_articles_one_after_another_are_not_well_formed_and_the_first_is_read(tmp_path: Path) -> None:
    document = read(tmp_path, article() + article(doctype="").split("?>", 1)[1])
    assert "destillata" in document.title
    assert [notice.code for notice in document.notices] == ["repaired"]


@pytest.mark.parametrize("tag", ["sub-article", "response"])
def test_reviews_and_translations_within_the_file_are_left_out(tag: str, tmp_path: Path) -> None:
    more = f"<{tag}><front-stub/><body><p>The reviewers liked it.</p></body><back>{REFS}</back></{tag}>"
    document = read(tmp_path, article(body=BODY, more=more))
    assert "reviewers" not in document.text
    assert document.references == ()
    assert document.notices == ()


def test_a_wrapper_around_the_article_is_looked_through(tmp_path: Path) -> None:
    inner = article(body=BODY, doctype="").split("?>", 1)[1]
    document = read(tmp_path, f"<record><metadata>{inner}</metadata></record>")
    assert len(document.sections) == 3
    assert document.notices == ()


@pytest.mark.parametrize("source", ["<html><body><p>Hello</p></body></html>", "<TEI><teiHeader/></TEI>"])
def test_other_xml_is_refused_by_name(source: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(source)
    with pytest.raises(UnreadableFile, match="no article in JATS") as caught:
        parse_jats(path, limits=ParserLimits(), name="mine.xml")
    assert "mine.xml" in caught.value.message
    assert caught.value.hint


def test_an_old_nlm_article_is_read(tmp_path: Path) -> None:
    meta = META.replace("<journal-title-group>", "").replace("</journal-title-group>", "")
    back = """<ref-list><ref id="r1"><label>[1]</label><citation citation-type="journal"><person-group
    person-group-type="author"><name><surname>Eco</surname><given-names>U</given-names></name></person-group>
    <article-title>On wells</article-title>. <source>Wells</source> <year>1980</year>;<volume>3</volume>:
    <fpage>10</fpage>-<lpage>12</lpage>.</citation></ref></ref-list>"""
    document = read(
        tmp_path, article(meta=meta, body='<p>Deep <xref rid="r1" ref-type="bibr">[1]</xref>.</p>', back=back)
    )
    assert document.venue == "Annals of Invented Results"
    (reference,) = document.references
    assert (reference.title, reference.venue, reference.volume, reference.pages) == ("On wells", "Wells", "3", "10–12")
    assert document.mentions[0].text == "[1]"
