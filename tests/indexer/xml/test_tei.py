"""TEI as GROBID writes it, with its switches on and off."""

import re
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from core.records import Document
from indexer.config import ParserLimits
from indexer.xml.tei import parse_tei
from tests.indexer.xml.samples import TIDES, check


def read(tmp_path: Path, source: str, *, limits: ParserLimits | None = None, name: str = "") -> Document:
    path = tmp_path / "paper.tei.xml"
    path.write_text(source, encoding="utf-8")
    document = parse_tei(path, limits=limits or ParserLimits(), name=name)
    check(document)
    return document


@pytest.fixture(scope="module")
def tides() -> Document:
    document = parse_tei(TIDES, limits=ParserLimits())
    check(document)
    return document


def test_the_header_is_read(tides: Document) -> None:
    assert tides.title == "Measuring tides in a glass of water"
    assert [(author.given, author.family, author.suffix) for author in tides.authors] == [
        ("Ida Q", "Marlowe", ""),
        ("Ole", "van der Berg", "Jr"),
    ]
    assert tides.affiliations == (
        "Institute of Small Waters, University of Somewhere, Norway",
        "Academy of Glass, Venice, Italy",
        "Nobody's Laboratory",
    )
    assert (tides.year, tides.doi, tides.arxiv_id) == (2022, "10.5555/inv.2022.11", "2206.01234")
    assert tides.venue == "Annals of Invented Results"
    assert tides.keywords == ("tides", "small waters")
    assert tides.abstract == "We measure the tides of a glass of water. They are small."


def test_sections_have_the_level_of_their_number_and_the_page_of_their_heading(tides: Document) -> None:
    assert [(each.number, each.heading, each.level, each.page) for each in tides.sections] == [
        ("1", "Introduction", 1, 1),
        ("2", "Methods", 1, 2),
        ("2.1", "Apparatus", 2, 2),
        ("", "Glasses", 3, 2),
        ("", "Acknowledgements", 1, 3),
        ("A", "More glasses", 1, 3),
    ]


def test_citations_beside_each_other_are_one_mention(tides: Document) -> None:
    assert [(each.text, each.reference_indices, each.page) for each in tides.mentions] == [
        ("[1][2][3]", (0, 1, 2), 1),
        ("[2, 4]", (1, 3), 1),
        ("Chen et al. (2003)", (2,), 2),
        ("(Adler, 2001; Brandt and Diaz, 2002)", (0, 1), 2),
        ("[4]", (3,), 2),
        ("[1]", (0,), 3),
    ]


def test_mentions_know_their_boxes(tides: Document) -> None:
    first = tides.mentions[0]
    assert [(box.page, box.x0, box.y0, box.x1, box.y1) for box in first.boxes] == [
        (1, 200.0, 240.0, 214.0, 249.0),
        (1, 214.0, 240.0, 220.0, 249.0),
        (1, 220.0, 240.0, 234.0, 249.0),
    ]


def test_passages_know_their_page_and_the_boxes_of_their_sentences(tides: Document) -> None:
    passage = next(each for each in tides.passages if each.text.startswith("Tides of oceans"))
    assert passage.page == 1
    assert [box.page for box in passage.boxes] == [1, 1, 2]
    assert tides.page_count == 3


def test_formulas_notes_and_captions_are_kept_apart_with_their_labels(tides: Document) -> None:
    kinds = [
        (each.kind, each.label, each.text) for each in tides.passages if each.kind not in ("paragraph", "abstract")
    ]
    assert kinds == [
        ("equation", "1", "h(t) = a cos(2πt/T) + b"),
        ("footnote", "1", "Measured with a watch."),
        ("caption", "Figure 1", "Figure 1: A glass, after [4]."),
        ("caption", "Table 1", "Table 1. Glasses used."),
        ("list", "", "Round | [1]"),
    ]


def test_references_are_read_from_their_fields(tides: Document) -> None:
    first, second, third, fourth = tides.references
    assert (first.label, first.raw) == (
        "1",
        "B. Adler. First tides. Journal of Water, 12(3):100-110, 2001. doi:10.5555/first",
    )
    assert (first.title, first.venue, first.year) == ("First tides", "Journal of Water", 2001)
    assert (first.volume, first.pages, first.doi, first.page) == ("12", "100–110", "10.5555/first", 3)
    assert len(first.boxes) == 2
    assert (second.title, second.venue, second.publisher) == ("The book of lakes", "", "Lake Press")
    assert [author.name for author in second.authors] == ["C Brandt", "M A Diaz"]
    assert (third.venue, third.pages) == ("Proceedings of the Third Meeting on Cups", "e17")
    assert (third.year, third.url) == (2003, "https://example.org/cups")
    assert (fourth.title, fourth.arxiv_id) == ("Glass at rest", "2004.00042")


def test_without_coordinates_there_are_no_pages(tmp_path: Path) -> None:
    source = TIDES.read_text(encoding="utf-8")
    bare = re.sub(r"<facsimile>.*?</facsimile>", "", re.sub(r' coords="[^"]*"', "", source), flags=re.DOTALL)
    document = read(tmp_path, bare)
    assert document.page_count == 0
    assert [each.text for each in document.mentions] == [
        "[1][2][3]", "[2, 4]", "Chen et al. (2003)", "(Adler, 2001; Brandt and Diaz, 2002)", "[4]", "[1]",
    ]  # fmt: skip


def test_without_a_list_of_pages_they_are_counted_by_the_coordinates(tmp_path: Path) -> None:
    source = re.sub(r"<facsimile>.*?</facsimile>", "", TIDES.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert read(tmp_path, source).page_count == 3


def test_without_sentences_the_text_is_the_same(tmp_path: Path, tides: Document) -> None:
    source = TIDES.read_text(encoding="utf-8").replace("</s><s ", "</s> <s ")
    whole = re.sub(r"</?s(?: [^>]*)?>", "", source)
    document = read(tmp_path, whole)
    assert document.text == tides.text
    assert [each.text for each in document.mentions] == [each.text for each in tides.mentions]


def test_without_raw_citations_the_entry_is_written_out(tmp_path: Path) -> None:
    source = re.sub(r'<note type="raw_reference">.*?</note>', "", TIDES.read_text(encoding="utf-8"))
    first = read(tmp_path, source).references[0]
    assert first.raw == "Adler, B (2001). First tides. Journal of Water, 12(3), 100–110. https://doi.org/10.5555/first"


@pytest.mark.parametrize(
    "coords",
    ["", "1", "1,2,3", "x,1,1,1,1", "1,nan,1,1,1", "1,inf,1,1,1", "9,1,1,1,1", "0,1,1,1,1", "-1,1,1,1,1",
     "1,700,1,5,5", "1,1,1,-5,5", "1,1e999,1,1,1", ";;;", "1,,,,"],
)  # fmt: skip
def test_a_place_that_cannot_be_is_passed_over(coords: str, tmp_path: Path) -> None:
    source = TIDES.read_text(encoding="utf-8").replace("1,200.00,240.00,14.00,9.00", coords)
    assert len(read(tmp_path, source).mentions[0].boxes) == 2


def test_a_place_that_overlaps_the_edge_is_cut_there(tmp_path: Path) -> None:
    source = TIDES.read_text(encoding="utf-8").replace("1,200.00,240.00,14.00,9.00", "1,600.00,-5.00,40.00,9.00")
    box = read(tmp_path, source).mentions[0].boxes[0]
    assert (box.x0, box.y0, box.x1, box.y1) == (600.0, 0.0, 612.0, 4.0)


def test_a_million_places_are_not_all_kept(tmp_path: Path) -> None:
    many = ";".join(["1,1,1,9,9"] * 500_000)
    source = TIDES.read_text(encoding="utf-8").replace("1,200.00,240.00,14.00,9.00", many)
    assert len(read(tmp_path, source).mentions[0].boxes) <= 403


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    source = TIDES.read_text(encoding="utf-8")
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, source, limits=ParserLimits(max_pages=2))
    assert caught.value.reason == "too_many_pages"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/><text/></TEI>', "not as GROBID writes it"),
        (
            '<TEI><teiHeader><encodingDesc><application ident="Oxygen"/></encodingDesc></teiHeader></TEI>',
            "not as GROBID writes it",
        ),
        ("<article><front/></article>", "no TEI"),
    ],
)
def test_any_other_tei_is_refused(source: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=message) as caught:
        read(tmp_path, source, name="poem.xml")
    assert caught.value.message.startswith("poem.xml")
    assert "GROBID" in caught.value.hint


def test_a_header_alone_is_a_paper_without_text(tmp_path: Path) -> None:
    source = re.sub(r"<text .*</text>", "", TIDES.read_text(encoding="utf-8"), flags=re.DOTALL)
    document = read(tmp_path, source)
    assert document.title == "Measuring tides in a glass of water"
    assert document.references == ()
    assert [each.kind for each in document.passages] == ["abstract"]


def test_roman_chapters_have_lettered_sections(tmp_path: Path) -> None:
    source = TIDES.read_text(encoding="utf-8")
    for old, new in (('n="1"', 'n="I."'), ('n="2"', 'n="II."'), ('n="2.1."', 'n="A."')):
        source = source.replace(f"<head {old}", f"<head {new}")
    sections = read(tmp_path, source).sections
    assert [(each.number, each.level) for each in sections[:3]] == [("I", 1), ("II", 1), ("A", 2)]


@pytest.mark.parametrize(
    ("marked", "indices"),
    [
        ('<ref type="bibr" target="#b0">[1]</ref>-<ref type="bibr" target="#b3">[4]</ref>', (0, 1, 2, 3)),
        ('<ref type="bibr" target="#b0">[1-</ref><ref type="bibr" target="#b2">3]</ref>', (0, 1, 2)),
        ('<ref type="bibr" target="#b0">[1-3]</ref>', (0, 1, 2)),
        ('<ref type="bibr" target="#b0">1</ref>, <ref type="bibr" target="#b3">4</ref>', (0, 3)),
    ],
)
def test_ranges_name_all_between_their_ends(marked: str, indices: tuple[int, ...], tmp_path: Path) -> None:
    source = TIDES.read_text(encoding="utf-8").replace(
        "They were round ", f"Oval ones {marked} broke. They were round "
    )
    document = read(tmp_path, source)
    mention = next(each for each in document.mentions if each.sentence.startswith("Oval ones"))
    assert mention.reference_indices == indices


@pytest.mark.parametrize(
    ("head", "desc", "label", "text"),
    [
        ("Fig. 2 M", "waves of a glass.", "Fig. 2", "Fig. 2. M waves of a glass."),
        ("Figure 2 .", "Figure 2. A glass.", "Figure 2", "Figure 2. A glass."),
        ("Fig. 3 : A cup", "after use.", "Fig. 3", "Fig. 3. A cup after use."),
        ("A glass", "at rest.", "Figure 1", "A glass. at rest."),
        ("", "At rest.", "Figure 1", "At rest."),
    ],
)
def test_captions_are_put_together(head: str, desc: str, label: str, text: str, tmp_path: Path) -> None:
    figure = f"<figure><head>{head}</head><label>1</label><figDesc>{desc}</figDesc></figure></body>"
    document = read(tmp_path, TIDES.read_text(encoding="utf-8").replace("</body>", figure))
    last = [passage for passage in document.passages if passage.kind == "caption"][-1]
    assert (last.label, last.text) == (label, text)
