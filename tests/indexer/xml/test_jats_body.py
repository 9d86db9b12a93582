"""What stands in and beside paragraphs."""

from pathlib import Path

import pytest

from core.records import Document
from tests.indexer.xml.samples import REFS, article, read

LONG = (
    "A sentence that is long enough to stand for itself, since short paragraphs are joined with their neighbours. " * 2
)


def body(tmp_path: Path, source: str, *, back: str = "") -> Document:
    return read(tmp_path, article(body=source, back=back + REFS))


def kinds(document: Document) -> list[tuple[str, str, str]]:
    return [(each.kind, each.label, each.text) for each in document.passages]


def test_a_displayed_formula_parts_its_paragraph_and_keeps_its_number(tmp_path: Path) -> None:
    source = """<p>The level is <disp-formula id="e1"><label>(2)</label><mml:math><mml:mi>h</mml:mi><mml:mo>=</mml:mo>
    <mml:mfrac><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfrac></mml:math></disp-formula> as shown.</p>"""
    assert kinds(body(tmp_path, source)) == [
        ("paragraph", "", "The level is"),
        ("equation", "2", "h = a/b"),
        ("paragraph", "", "as shown."),
    ]


def test_a_formula_that_is_a_picture_is_left_out(tmp_path: Path) -> None:
    source = '<p>Before.</p><disp-formula><label>(1)</label><graphic xlink:href="x.gif"/></disp-formula>'
    assert kinds(body(tmp_path, source)) == [("paragraph", "", "Before.")]


def test_items_of_a_list_have_their_marks_and_stay_together(tmp_path: Path) -> None:
    source = """<p>Three glasses:<list list-type="order"><list-item><p>round</p></list-item><list-item><p>oval</p>
    <list list-type="bullet"><list-item><p>tall</p></list-item></list></list-item><list-item><label>c)</label>
    <p>flat</p></list-item></list>were used.</p>"""
    assert kinds(body(tmp_path, source)) == [
        ("paragraph", "", "Three glasses:"),
        ("list", "", "1. round 2. oval • tall c) flat"),
        ("paragraph", "", "were used."),
    ]


def test_definitions_are_a_list(tmp_path: Path) -> None:
    source = (
        "<def-list><def-item><term>GW</term><def><p>glass of water</p></def></def-item><def-item><term>CW</term>"
        "<def><p>cup</p></def></def-item></def-list>"
    )
    assert kinds(body(tmp_path, source)) == [("list", "", "GW: glass of water CW: cup")]


def test_figures_and_tables_give_their_captions_after_the_paragraph_that_holds_them(tmp_path: Path) -> None:
    source = """<p>We saw <xref ref-type="fig" rid="f1">Figure 2</xref><fig id="f1"><label>Figure 2.</label><caption>
    <title>A glass</title><p>After <xref ref-type="bibr" rid="B1">1</xref>.</p></caption><graphic/></fig> clearly.</p>
    <table-wrap><label>Table 1</label><caption><p>Sizes.</p></caption><table><tr><td>1</td></tr></table>
    <table-wrap-foot><fn><label>a</label><p>In cm.</p></fn><p>N = 2</p></table-wrap-foot></table-wrap>"""
    document = body(tmp_path, source)
    assert kinds(document) == [
        ("paragraph", "", "We saw Figure 2 clearly."),
        ("caption", "Figure 2", "Figure 2. A glass. After 1."),
        ("caption", "Table 1", "Table 1. Sizes."),
        ("footnote", "a", "In cm."),
        ("footnote", "", "N = 2"),
    ]
    assert [(mention.text, mention.sentence) for mention in document.mentions] == [("1", "After 1.")]


def test_rows_of_tables_are_kept_when_they_cite(tmp_path: Path) -> None:
    source = """<table-wrap><table><thead><tr><th>Glass</th><th>Seen by</th></tr></thead><tbody><tr><td>round</td>
    <td>nobody</td></tr><tr><td>oval</td><td>[<xref ref-type="bibr" rid="B2">2</xref>]</td></tr></tbody></table>
    </table-wrap>"""
    document = body(tmp_path, source)
    assert kinds(document) == [("list", "", "oval | [2]")]
    assert document.mentions[0].reference_indices == (1,)


def test_footnotes_are_set_apart_wherever_they_stand(tmp_path: Path) -> None:
    source = "<p>Water<fn id='n'><label>1</label><p>From the tap.</p></fn> is wet.</p>"
    back = "<fn-group><fn><label>*</label><p>These authors drank.</p></fn></fn-group>"
    assert kinds(body(tmp_path, source, back=back)) == [
        ("paragraph", "", "Water is wet."),
        ("footnote", "1", "From the tap."),
        ("footnote", "*", "These authors drank."),
    ]


def test_theorems_quotations_and_boxes_are_paragraphs_with_their_names(tmp_path: Path) -> None:
    source = f"""<statement><label>Theorem 1</label><title>(Tides)</title><p>{LONG}</p></statement>
    <disp-quote><p>{LONG}</p></disp-quote>
    <boxed-text><label>Box 1</label><caption><title>A story</title></caption><p>{LONG}</p></boxed-text>"""
    assert kinds(body(tmp_path, source)) == [
        ("paragraph", "", f"Theorem 1 (Tides). {LONG.strip()}"),
        ("paragraph", "", LONG.strip()),
        ("caption", "Box 1", "Box 1. A story."),
        ("paragraph", "", LONG.strip()),
    ]


@pytest.mark.parametrize(
    ("source", "number", "heading"),
    [
        ("<label>2.1.</label><title>Glasses</title>", "2.1", "Glasses"),
        ("<title>2.1 Glasses</title>", "2.1", "Glasses"),
        ("<label>IV</label><title>Glasses</title>", "IV", "Glasses"),
        ("<label>Appendix B</label><title>Glasses</title>", "B", "Glasses"),
        ("<label>Box 1</label><title>Glasses</title>", "", "Box 1 Glasses"),
        ("<title>On <italic>E. coli</italic> in H<sub>2</sub>O</title>", "", "On E. coli in H2O"),
        ("<title>2020 in glasses</title>", "", "2020 in glasses"),
    ],
)
def test_headings_are_parted_from_their_numbers(source: str, number: str, heading: str, tmp_path: Path) -> None:
    (section,) = body(tmp_path, f"<sec>{source}<p>Text.</p></sec>").sections
    assert (section.number, section.heading) == (number, heading)


def test_sections_without_a_title_belong_to_those_around(tmp_path: Path) -> None:
    document = body(tmp_path, "<sec><title>One</title><sec><p>Inner.</p></sec></sec><sec><p>Bare.</p></sec>")
    assert [section.heading for section in document.sections] == ["One"]
    assert [passage.section for passage in document.passages] == [0]


def test_back_matter_has_its_sections(tmp_path: Path) -> None:
    back = """<ack><p>Thanks.</p></ack><app-group><app><label>Appendix A</label><title>Proofs</title><p>Trivial.</p>
    <sec><title>Part</title><p>Also.</p></sec></app></app-group><sec><title>Funding</title><p>None.</p></sec>
    <glossary><title>Words</title><def-list><def-item><term>GW</term><def><p>glass</p></def></def-item></def-list></glossary>
    <bio><p>She was born.</p></bio>"""
    document = body(tmp_path, "<sec><title>One</title><p>Text.</p></sec>", back=back)
    assert [(each.heading, each.number, each.level) for each in document.sections] == [
        ("One", "", 1),
        ("Acknowledgements", "", 1),
        ("Proofs", "A", 1),
        ("Part", "", 2),
        ("Funding", "", 1),
        ("Words", "", 1),
    ]
    assert "born" not in document.text


def test_an_empty_section_for_the_references_is_none(tmp_path: Path) -> None:
    assert body(tmp_path, "<sec><title>References</title></sec>").sections == ()


def test_floats_at_the_end_of_the_file_are_read(tmp_path: Path) -> None:
    more = "<floats-group><fig><label>Fig. 1</label><caption><p>A cup.</p></caption></fig></floats-group>"
    document = read(tmp_path, article(body="<p>Text.</p>", more=more))
    assert kinds(document)[-1] == ("caption", "Fig. 1", "Fig. 1. A cup.")


def test_code_is_kept_on_one_line(tmp_path: Path) -> None:
    source = f"<p>{LONG}</p><code>for each in tides:\n    print(each)</code>"
    assert body(tmp_path, source).text.endswith("for each in tides: print(each)")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("of 10<sup>−3</sup> m<sup>2</sup>", "of 10⁻³ m²"),
        ("the 19<sup>th</sup> glass", "the 19th glass"),
        ("<sc>Small</sc> <bold>and</bold> <monospace>x</monospace>", "Small and x"),
        ("<italic>E</italic>. <italic>coli</italic>s", "E. colis"),
        ("soft\u00adhyphen and zero\u200bwidth", "softhyphen and zerowidth"),
        ("a<break/>b", "a b"),
        ("<abbrev>GW<def><p>glass</p></def></abbrev> rose", "GW rose"),
        ("x<inline-graphic xlink:href='a'/>y", "xy"),
        ("<index-term><term>tide</term></index-term>Tides", "Tides"),
        ("m&#x200A;s and &#160;n", "m s and n"),
        ("see <ext-link xlink:href='http://example.org'>this</ext-link>", "see this"),
        ("a <mml:math><mml:mi>x</mml:mi><mml:mo>≤</mml:mo><mml:mn>3</mml:mn></mml:math> b", "a x ≤ 3 b"),
        ("<![CDATA[a < b]]> holds", "a < b holds"),
    ],
)  # fmt: skip
def test_running_text_reads_as_it_is_printed(source: str, text: str, tmp_path: Path) -> None:
    assert body(tmp_path, f"<p>{source}</p>").text == text


def x(rid: str, text: str) -> str:
    """A marked citation."""
    return f'<xref ref-type="bibr" rid="{rid}">{text}</xref>'


MENTIONS = [
    # PLOS and BMC: numbers in brackets
    (f'[{x("B1", "1")},{x("B3", "3")}]', "[1,3]", (0, 2)),
    (f'[{x("B1", "1")}–{x("B4", "4")}]', "[1–4]", (0, 1, 2, 3)),
    (f'[{x("B1", "1")}-{x("B3", "3")}, {x("B5", "5")}]', "[1-3, 5]", (0, 1, 2, 4)),
    (f'{x("B1", "[1]")}–{x("B3", "[3]")}', "[1]–[3]", (0, 1, 2)),
    (f'{x("B1", "[1]")}, {x("B2", "[2]")}', "[1], [2]", (0, 1)),
    (f'[{x("B1 B2 B3", "1–3")}]', "[1–3]", (0, 1, 2)),
    (f'[{x("B1", "1–3")}]', "[1–3]", (0, 1, 2)),
    # Springer and Nature: raised, with the middle of a range marked but not shown
    (f'<sup>{x("B1", "1")}–{x("B3", "3")}</sup>', "¹⁻³", (0, 1, 2)),
    (f'{x("B1", "<sup>1</sup>")}<sup>,</sup>{x("B4", "<sup>4</sup>")}', "¹,⁴", (0, 3)),
    (f'[{x("B1", "1")}<xref ref-type="bibr" rid="B2"/>–{x("B3", "3")}]', "[1–3]", (0, 1, 2)),
    # Frontiers and eLife: names and years
    (f'({x("B1", "Adler, 2001")}; {x("B2", "Brandt et al., 2002")})', "(Adler, 2001; Brandt et al., 2002)", (0, 1)),
    (f'(see {x("B1", "Adler, 2001")}, also {x("B2", "Brandt, 2002")})', "(see Adler, 2001, also Brandt, 2002)", (0, 1)),
    (f'{x("B1", "Adler (2001)")}', "Adler (2001)", (0,)),
    (f'Adler and Jones ({x("B1", "2001")})', "Adler and Jones (2001)", (0,)),
    (f'Adler et al. ({x("B1", "2001")})', "Adler et al. (2001)", (0,)),
    (f'({x("B1", "Adler")}, {x("B1", "2001")})', "(Adler, 2001)", (0,)),
    # an xref that leaves its text to the printer, and one that does not say what it is
    ('<xref ref-type="bibr" rid="B2"/>', "[2]", (1,)),
    ('[<xref rid="B2">2</xref>]', "[2]", (1,)),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "indices"), MENTIONS)
def test_citations_are_joined_as_they_are_read(
    source: str, text: str, indices: tuple[int, ...], tmp_path: Path
) -> None:
    document = body(tmp_path, f"<p>Tides were seen before. This is known {source} to all.</p>")
    (mention,) = document.mentions
    assert (mention.text, mention.reference_indices) == (text, indices)
    assert mention.sentence == f"This is known {text} to all."


def test_line_breaks_in_the_source_do_not_part_a_mark_from_its_sentence(tmp_path: Path) -> None:
    source = """<p>Children cough.<xref ref-type="bibr" rid="B2">
                <sup>2</sup>
              </xref> It gets worse<sup>
                <xref ref-type="bibr" rid="B3">3</xref>
              </sup>.</p>"""
    document = body(tmp_path, source)
    assert document.text == "Children cough.² It gets worse³."
    assert [mention.sentence for mention in document.mentions] == ["Children cough.²", "It gets worse³."]


def test_marks_of_notes_are_no_text(tmp_path: Path) -> None:
    mark = '<xref ref-type="fn" rid="n">{}</xref>'
    source = f"<p>It is wet.{mark.format('<sup>a</sup>')} See {mark.format('Note 1')}.</p>"
    assert body(tmp_path, source).text == "It is wet. See Note 1."


def test_videos_and_structures_have_captions(tmp_path: Path) -> None:
    source = """<p>See it.<media><label>Video 1.</label><caption><p>A wave.</p></caption></media></p>
    <chem-struct-wrap><label>Molecule 1</label><caption><p>Water.</p></caption></chem-struct-wrap>"""
    assert [each[1:] for each in kinds(body(tmp_path, source))[1:]] == [
        ("Video 1", "Video 1. A wave."),
        ("Molecule 1", "Molecule 1. Water."),
    ]


APART = [
    (f'{x("B1", "Adler (2001)")} and {x("B2", "Brandt (2002)")}', ["Adler (2001)", "Brandt (2002)"]),
    (f'[{x("B1", "1")}] and cups [{x("B2", "2")}]', ["[1]", "[2]"]),
    (f'glasses<sup>{x("B1", "1")}</sup> (and, in some cups of ours, tides<sup>{x("B2", "2")}</sup> too)', ["¹", "²"]),
    (f'<xref ref-type="fig" rid="B1">Figure 1</xref> and {x("nothing", "9")}', []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "texts"), APART)
def test_citations_that_are_read_apart_stay_apart(source: str, texts: list[str], tmp_path: Path) -> None:
    document = body(tmp_path, f"<p>Known {source} to all.</p>")
    assert [mention.text for mention in document.mentions] == texts


def test_citations_that_nobody_marked_are_found_in_the_text(tmp_path: Path) -> None:
    source = "<p>Tides of glasses [1, 3–5] differ from those of cups [2].</p>"
    document = body(tmp_path, source)
    assert [(mention.text, mention.reference_indices) for mention in document.mentions] == [
        ("[1, 3–5]", (0, 2, 3, 4)),
        ("[2]", (1,)),
    ]


def test_a_citation_in_the_abstract_and_in_an_item_is_a_mention(tmp_path: Path) -> None:
    source = '<list><list-item><p>Short <xref ref-type="bibr" rid="B1">1</xref>. More.</p></list-item></list>'
    (mention,) = body(tmp_path, source).mentions
    assert mention.sentence == "• Short 1."
