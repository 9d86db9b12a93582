"""Front matter as publishers write it."""

from pathlib import Path

import pytest

from core.records import Author, Document
from tests.indexer.xml.samples import META, article, read


def front(tmp_path: Path, meta: str, *, journal: str = "") -> Document:
    return read(tmp_path, article(meta=f"{journal}<article-meta>{meta}</article-meta>"))


def titled(title: str) -> str:
    return f"<title-group>{title}</title-group>"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("<article-title>Plain  and\n wrapped</article-title>", "Plain and wrapped"),
        (
            "<article-title>On <italic>E. coli</italic><xref ref-type='fn' rid='f'>*</xref></article-title>",
            "On E. coli",
        ),
        ("<article-title>Growth<fn id='f'><p>Funded by us.</p></fn></article-title>", "Growth"),
        ("<article-title>Uptake of CO<sub>2</sub> and Ca<sup>2+</sup></article-title>", "Uptake of CO2 and Ca²⁺"),
        ("<article-title>First line<break/>second line</article-title>", "First line second line"),
        ("<article-title>Main</article-title><subtitle>A study</subtitle>", "Main: A study"),
        ("<article-title>Main?</article-title><subtitle>A study</subtitle>", "Main? A study"),
        ("<article-title>Main:</article-title><subtitle>A</subtitle><subtitle>B</subtitle>", "Main: A B"),
        (
            (
                "<article-title>Decay of <mml:math><mml:msup><mml:mi>B</mml:mi><mml:mn>0</mml:mn></mml:msup>"
                "</mml:math> mesons</article-title>"
            ),
            "Decay of B⁰ mesons",
        ),
        (
            "<article-title>The <inline-formula><tex-math>$\\alpha$</tex-math></inline-formula> rule</article-title>",
            "The \\alpha rule",
        ),
        ("<article-title>A &amp; B &#x2014; C</article-title>", "A & B — C"),
    ],
)
def test_titles_are_flattened(source: str, title: str, tmp_path: Path) -> None:
    assert front(tmp_path, titled(source)).title == title


def test_only_authors_are_authors_and_in_their_order(tmp_path: Path) -> None:
    meta = """<contrib-group>
    <contrib contrib-type="author"><name name-style="western"><surname>de la Cruz</surname>
    <given-names>Ana M.</given-names>
    <suffix>Jr.</suffix></name><degrees>MD</degrees><xref ref-type="aff" rid="a1"><sup>1</sup></xref></contrib>
    <contrib contrib-type="author"><collab>The Tide Group<contrib-group><contrib contrib-type="author non-byline"><name>
    <surname>Hidden</surname><given-names>H.</given-names></name></contrib></contrib-group></collab></contrib>
    <contrib contrib-type="author"><name-alternatives><name xml:lang="ja"><surname>山田</surname>
    <given-names>花子</given-names></name><name xml:lang="en"><surname>Yamada</surname><given-names>Hanako</given-names>
    </name></name-alternatives></contrib>
    <contrib contrib-type="author"><string-name>Ludwig van Beethoven</string-name></contrib>
    <contrib contrib-type="author"><name><surname>Madonna</surname></name></contrib>
    <contrib contrib-type="editor"><name><surname>Strict</surname><given-names>S.</given-names></name></contrib>
    </contrib-group>
    <contrib-group content-type="section"><contrib contrib-type="senior_editor"><name><surname>Senior</surname>
    </name></contrib></contrib-group>"""
    assert front(tmp_path, meta).authors == (
        Author(family="de la Cruz", given="Ana M.", suffix="Jr."),
        Author(family="The Tide Group"),
        Author(family="山田", given="花子"),
        Author(family="van Beethoven", given="Ludwig"),
        Author(family="Madonna"),
    )


def test_contributors_without_a_type_are_authors_when_there_are_no_others(tmp_path: Path) -> None:
    meta = "<contrib-group><contrib><name><surname>One</surname></name></contrib></contrib-group>"
    assert [author.family for author in front(tmp_path, meta).authors] == ["One"]


@pytest.mark.parametrize(
    ("aff", "text"),
    [
        ("<aff><label>1</label>Dept. of Water, Oslo</aff>", "Dept. of Water, Oslo"),
        ("<aff><sup>a</sup> Dept. of Water</aff>", "Dept. of Water"),
        (
            (
                "<aff><institution-wrap><institution-id>ror.org/1</institution-id><institution>University of Somewhere"
                "</institution></institution-wrap><addr-line><named-content>Oslo</named-content></addr-line>"
                "<country>Norway</country></aff>"
            ),
            "University of Somewhere, Oslo, Norway",
        ),
        (
            (
                '<aff><institution content-type="original">Inst. Agua, Lima</institution>'
                '<institution content-type="orgname">'
                "Inst. Agua</institution><country>Peru</country></aff>"
            ),
            "Inst. Agua, Lima",
        ),
        ("<aff><institution>Sea Lab</institution>, Bergen, <email>x@example.org</email></aff>", "Sea Lab, Bergen"),
    ],
)
def test_affiliations_are_one_line_each(aff: str, text: str, tmp_path: Path) -> None:
    assert front(tmp_path, f"<contrib-group/>{aff}{aff}<aff><label>2</label></aff>").affiliations == (text,)


def test_affiliations_of_editors_are_left_out(tmp_path: Path) -> None:
    meta = """<contrib-group><contrib contrib-type="author"><name><surname>Ada</surname></name>
    <xref ref-type="aff" rid="a1">1</xref></contrib></contrib-group><aff id="a1">Sea Lab</aff><contrib-group>
    <contrib contrib-type="editor"><name><surname>Ed</surname></name><xref ref-type="aff" rid="e1"/>
    <aff>Desk of Ed</aff></contrib></contrib-group><aff id="e1">Editors' House</aff>"""
    assert front(tmp_path, meta).affiliations == ("Sea Lab",)


def date(kind: str, year: int) -> str:
    return f'<pub-date pub-type="{kind}"><year>{year}</year></pub-date>'


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        (date("epub", 2020) + date("ppub", 2021), 2021),
        (date("epub", 2020) + date("collection", 2021), 2021),
        (date("pmc-release", 2023) + date("epub", 2022), 2022),
        (('<pub-date date-type="pub" publication-format="electronic"><year>2020</year></pub-date>'
         '<pub-date date-type="pub" publication-format="print"><year>2021</year></pub-date>'), 2021),
        ('<pub-date iso-8601-date="2019-05-01"/>', 2019),
        ("<pub-date><string-date>May 2018</string-date></pub-date>", 2018),
        ("<permissions><copyright-year>2017</copyright-year></permissions>", 2017),
        ("<pub-date><year>2020</year></pub-date><copyright-year>2022</copyright-year>", 2022),
        ("<pub-date><year>2020</year></pub-date><copyright-year>2019</copyright-year>", 2020),
        ("<pub-date><year>in press</year></pub-date>", None),
    ],
)  # fmt: skip
def test_the_year_is_that_of_the_issue(dates: str, year: int | None, tmp_path: Path) -> None:
    assert front(tmp_path, dates).year == year


def test_keywords_of_the_authors_in_the_language_of_the_article(tmp_path: Path) -> None:
    groups = """<kwd-group kwd-group-type="research-organism"><kwd>Mouse</kwd></kwd-group>
    <kwd-group xml:lang="pt"><kwd>marés</kwd></kwd-group>
    <kwd-group xml:lang="en" kwd-group-type="author-keywords"><title>Keywords:</title><kwd><italic>tides</italic></kwd>
    <kwd>CO<sub>2</sub>;</kwd><kwd>tides</kwd></kwd-group>
    <kwd-group kwd-group-type="abbreviations"><kwd>GW</kwd></kwd-group>"""
    source = article(meta=f"<article-meta>{groups}</article-meta>").replace("<article ", '<article xml:lang="en" ')
    assert read(tmp_path, source).keywords == ("tides", "CO2")


def test_identifiers_of_an_eprint(tmp_path: Path) -> None:
    ids = '<article-id pub-id-type="doi">https://doi.org/10.48550/arXiv.2101.00042</article-id>'
    document = front(tmp_path, ids)
    assert (document.doi, document.arxiv_id) == ("10.48550/arxiv.2101.00042", "2101.00042")


@pytest.mark.parametrize(
    ("journal", "venue"),
    [
        ("<journal-meta><journal-title>Old Form</journal-title></journal-meta>", "Old Form"),
        (
            (
                "<journal-meta><journal-title-group><journal-title/>"
                "<abbrev-journal-title>J. Abbr.</abbrev-journal-title>"
                "</journal-title-group></journal-meta>"
            ),
            "J. Abbr.",
        ),
    ],
)
def test_the_journal_is_found_where_it_stands(journal: str, venue: str, tmp_path: Path) -> None:
    assert front(tmp_path, "", journal=journal).venue == venue


def test_a_paper_of_a_meeting_has_its_name(tmp_path: Path) -> None:
    assert front(tmp_path, "<conference><conf-name>Third Meeting on Cups</conf-name></conference>").venue == (
        "Third Meeting on Cups"
    )


ABSTRACTS = [
    ("<abstract><title>Abstract</title><p>One.</p><p>Two.</p></abstract>", "One. Two."),
    (
        ("<abstract><sec><title>Background</title><p>We ask.</p></sec><sec><title>Results:</title>"
        "<p>We know.</p></sec></abstract>"),
        "Background: We ask. Results: We know.",
    ),
    ('<abstract abstract-type="graphical"><p>Look!</p></abstract><abstract><p>Read.</p></abstract>', "Read."),
    (('<abstract abstract-type="teaser"><p>Short.</p></abstract><abstract abstract-type="section"><p>Long.</p>'
    '</abstract>'), "Long."),
    ('<abstract abstract-type="executive-summary"><p>Only this.</p></abstract>', "Only this."),
    ('<abstract><p>Here.</p></abstract><trans-abstract xml:lang="fr"><p>Ici.</p></trans-abstract>', "Here."),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("source", "abstract"), ABSTRACTS)
def test_the_abstract_is_the_one_that_tells_the_paper(source: str, abstract: str, tmp_path: Path) -> None:
    document = read(tmp_path, article(meta=META.replace("</article-meta>", f"{source}</article-meta>")))
    assert document.abstract == abstract
    assert " ".join(each.text for each in document.passages if each.kind == "abstract") == abstract
    assert document.sections == ()
