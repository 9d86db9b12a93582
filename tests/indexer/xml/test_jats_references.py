"""Reference lists as publishers write them; the works are invented."""

from pathlib import Path

import pytest

from core.records import Reference
from tests.indexer.xml.samples import article, read


def references(tmp_path: Path, refs: str) -> tuple[Reference, ...]:
    return read(tmp_path, article(back=f"<ref-list>{refs}</ref-list>")).references


def one(tmp_path: Path, citation: str, *, label: str = "") -> Reference:
    found = references(tmp_path, f'<ref id="r">{f"<label>{label}</label>" if label else ""}{citation}</ref>')
    assert len(found) == 1
    return found[0]


ELEMENT = """<element-citation publication-type="journal"><person-group person-group-type="author"><name>
<surname>Okafor</surname><given-names>N. A.</given-names><suffix>III</suffix></name><name><surname>van Dijk</surname>
<given-names>P</given-names></name><collab>Tide Consortium</collab><etal/></person-group><article-title>How
<italic>small</italic> tides behave.</article-title><source>J Small Waters</source>
    <year iso-8601-date="2019">2019a</year>
<volume>7</volume><issue>2</issue><fpage>101</fpage><lpage>110</lpage>
    <pub-id pub-id-type="doi">10.5555/JSW.7.101</pub-id>
<pub-id pub-id-type="pmid">3111</pub-id></element-citation>"""


def test_an_entry_in_fields_is_taken_and_written_out(tmp_path: Path) -> None:
    entry = one(tmp_path, ELEMENT, label="12.")
    assert [author.name for author in entry.authors] == ["N. A. Okafor III", "P van Dijk", "Tide Consortium"]
    assert entry.authors[0].suffix == "III"
    assert (entry.label, entry.title, entry.venue) == ("12", "How small tides behave", "J Small Waters")
    assert (entry.year, entry.volume, entry.pages, entry.doi) == (2019, "7", "101–110", "10.5555/jsw.7.101")
    assert entry.raw == (
        "Okafor, N. A., III; van Dijk, P; Tide Consortium (2019). How small tides behave. J Small Waters, 7(2), "
        "101–110. https://doi.org/10.5555/jsw.7.101"
    )


def test_a_tagged_string_keeps_its_print_and_gives_its_fields(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        """<mixed-citation publication-type="journal"><string-name>
    <surname>Okafor</surname> <given-names>NA</given-names>
        </string-name>, <string-name><surname>Dijk</surname>, <given-names>P.</given-names></string-name>
        (<year>2019</year>). <article-title>Small tides</article-title>. <source>
    <italic>J Small Waters</italic></source>
        <volume>7</volume>(<issue>2</issue>):<fpage>101</fpage>–<lpage>110</lpage>. doi:<pub-id pub-id-type="doi"
        >10.5555/jsw</pub-id>.<pub-id pub-id-type="pmid">3111</pub-id></mixed-citation>""",
    )
    assert entry.raw == "Okafor NA, Dijk, P. (2019). Small tides. J Small Waters 7(2):101–110. doi:10.5555/jsw."
    assert [(author.family, author.given) for author in entry.authors] == [("Okafor", "NA"), ("Dijk", "P.")]
    assert (entry.title, entry.venue, entry.year, entry.pages) == ("Small tides", "J Small Waters", 2019, "101–110")


def test_fields_without_any_print_between_them_do_not_run_together(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        "<mixed-citation><name><surname>Okafor</surname><given-names>N</given-names></name><name>"
        "<surname>Dijk</surname>"
        "<given-names>P</given-names></name><article-title>Small tides</article-title><source>J Small Waters</source>"
        "<year>2019</year><volume>7</volume><fpage>101</fpage></mixed-citation>",
    )
    assert entry.raw == "Okafor, N; Dijk, P (2019). Small tides. J Small Waters, 7, 101."


def test_names_that_touch_within_a_string_are_parted(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        "<mixed-citation><name><surname>Okafor</surname><given-names>N.</given-names></name><year>2019</year>."
        "<article-title>Small tides</article-title>.<source>Waters</source>.<volume>7</volume></mixed-citation>",
    )
    assert entry.raw == "Okafor N. 2019. Small tides. Waters. 7"


def test_an_untagged_string_is_read_as_a_string(tmp_path: Path) -> None:
    text = "Okafor, N. A., and P. Dijk. 2019. Small tides. Journal of Small Waters 7 (2): 101–110. doi:10.5555/jsw.7"
    entry = one(tmp_path, f"<mixed-citation>{text}</mixed-citation>", label="[3]")
    assert (entry.raw, entry.label, entry.page, entry.boxes) == (text, "3", 0, ())
    assert (entry.year, entry.doi) == (2019, "10.5555/jsw.7")
    assert entry.title == "Small tides"
    assert entry.authors[0].family == "Okafor"


def test_what_little_is_tagged_wins_over_what_was_read(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        "<mixed-citation>Okafor NA. <source>Odd Name. With a stop</source>. 2019. At: <ext-link"
        ' xlink:href="https://example.org/a?b=1&amp;c=2">here</ext-link></mixed-citation>',
    )
    assert entry.title == "Odd Name. With a stop"
    assert entry.url == "https://example.org/a?b=1&c=2"
    assert entry.year == 2019


@pytest.mark.parametrize(
    ("citation", "title", "venue", "publisher"),
    [
        (
            (
                '<element-citation publication-type="book"><name><surname>Eco</surname></name><source>The Book</source>'
                "<year>1990</year><publisher-loc>Turin</publisher-loc><publisher-name>Press</publisher-name>"
                "</element-citation>"
            ),
            "The Book",
            "",
            "Press",
        ),
        (
            (
                '<element-citation publication-type="book"><name><surname>Eco</surname></name>'
                "<chapter-title>One</chapter-title>"
                "<source>The Book</source><year>1990</year></element-citation>"
            ),
            "One",
            "The Book",
            "",
        ),
        (
            (
                '<element-citation publication-type="confproc"><name><surname>Eco</surname></name><article-title>Talk'
                "</article-title><conf-name>Third Meeting</conf-name><year>1990</year></element-citation>"
            ),
            "Talk",
            "Third Meeting",
            "",
        ),
        (
            (
                '<element-citation publication-type="data"><name><surname>Eco</surname></name>'
                "<data-title>Numbers</data-title>"
                "<source>Zenith</source><year>1990</year></element-citation>"
            ),
            "Numbers",
            "Zenith",
            "",
        ),
        (
            (
                '<element-citation publication-type="journal"><name><surname>Eco</surname></name>'
                "<source>J. Brief</source>"
                "<year>1990</year><volume>3</volume></element-citation>"
            ),
            "",
            "J. Brief",
            "",
        ),
    ],
)
def test_kinds_of_works_put_their_title_in_different_places(
    citation: str, title: str, venue: str, publisher: str, tmp_path: Path
) -> None:
    entry = one(tmp_path, citation)
    assert (entry.title, entry.venue.rstrip("."), entry.publisher) == (title, venue.rstrip("."), publisher)


def test_editors_are_no_authors_unless_there_are_no_others(tmp_path: Path) -> None:
    group = '<person-group person-group-type="{}"><name><surname>{}</surname></name></person-group>'
    body = "<chapter-title>One</chapter-title><source>The Book</source><year>1990</year>"
    both = f"<element-citation>{group.format('author', 'Ada')}{body}{group.format('editor', 'Ed')}</element-citation>"
    alone = f"<element-citation>{group.format('editor', 'Ed')}{body}</element-citation>"
    assert [author.family for author in one(tmp_path, both).authors] == ["Ada"]
    assert [author.family for author in one(tmp_path, alone).authors] == ["Ed"]


def test_loose_names_behind_the_title_are_editors(tmp_path: Path) -> None:
    citation = (
        "<mixed-citation><string-name><surname>Ada</surname> A</string-name>: <chapter-title>One</chapter-title>. In: "
        "<string-name><surname>Ed</surname> E</string-name> (ed): <source>The Book</source>. <year>1990</year>"
        "</mixed-citation>"
    )
    assert [author.family for author in one(tmp_path, citation).authors] == ["Ada"]


@pytest.mark.parametrize(
    ("names", "families"),
    [
        ("<name><surname>Ada</surname></name><name><surname>others</surname></name>", ["Ada"]),
        ("<string-name>World Tide Organization</string-name>", ["World Tide Organization"]),
        ("<collab>R Core Team</collab>", ["R Core Team"]),
        ("<anonymous/>", []),
        ("<name><given-names>Plato</given-names></name>", ["Plato"]),
        ("<name><surname>Wel</surname><given-names>Casper van der</given-names></name>", ["van der Wel"]),
    ],
)
def test_names_of_all_kinds(names: str, families: list[str], tmp_path: Path) -> None:
    citation = (
        f'<element-citation publication-type="book"><person-group person-group-type="author">{names}</person-group>'
        "<source>Book</source><year>1990</year></element-citation>"
    )
    assert [author.family for author in one(tmp_path, citation).authors] == families


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ("<fpage>101</fpage><lpage>101</lpage>", "101"),
        ("<fpage>101</fpage><lpage/>", "101"),
        ("<fpage>101-9</fpage>", "101–9"),
        ("<elocation-id>e1003</elocation-id>", "e1003"),
        ("<page-range>S1--S4</page-range>", "S1–S4"),
        ("", ""),
    ],
)
def test_pages_are_written_in_one_way(pages: str, found: str, tmp_path: Path) -> None:
    citation = f"<element-citation><source>Book</source><year>1990</year>{pages}</element-citation>"
    assert one(tmp_path, citation).pages == found


@pytest.mark.parametrize(
    ("year", "found"),
    [
        ("<year>1990b</year>", 1990),
        ("<year>in press</year>", None),
        ('<year iso-8601-date="2003">MMIII</year>', 2003),
        ('<date-in-citation content-type="access-date"><year>2024</year></date-in-citation>', None),
        ("<date-in-citation><year>2024</year></date-in-citation><date><year>1999</year></date>", 1999),
    ],
)
def test_the_year_is_that_of_the_work(year: str, found: int | None, tmp_path: Path) -> None:
    citation = f'<element-citation publication-type="book"><source>Book</source>{year}</element-citation>'
    assert one(tmp_path, citation).year == found


@pytest.mark.parametrize(
    ("extra", "doi", "arxiv_id"),
    [
        ('<ext-link xlink:href="https://doi.org/10.5555/X.1">10.5555/X.1</ext-link>', "10.5555/x.1", ""),
        ("<uri>https://arxiv.org/abs/2101.00042v2</uri>", "", "2101.00042"),
        ('<pub-id pub-id-type="arxiv">2101.00042</pub-id>', "", "2101.00042"),
        ('<pub-id pub-id-type="doi">10.48550/arXiv.2101.00042</pub-id>', "10.48550/arxiv.2101.00042", "2101.00042"),
        ("<comment>arXiv:2101.00042 [cs.CL]</comment>", "", "2101.00042"),
    ],
)
def test_identifiers_are_found_in_fields_links_and_text(extra: str, doi: str, arxiv_id: str, tmp_path: Path) -> None:
    entry = one(tmp_path, f"<mixed-citation><source>Book</source>, <year>1990</year>. {extra}</mixed-citation>")
    assert (entry.doi, entry.arxiv_id) == (doi, arxiv_id)


def test_alternatives_give_print_and_fields(tmp_path: Path) -> None:
    citation = (
        f"<citation-alternatives><mixed-citation>Okafor et al., Small tides, 2019.</mixed-citation>{ELEMENT}"
        "</citation-alternatives>"
    )
    entry = one(tmp_path, citation)
    assert entry.raw == "Okafor et al., Small tides, 2019."
    assert entry.title == "How small tides behave"


def test_an_entry_of_several_works_is_cited_as_one(tmp_path: Path) -> None:
    refs = (
        '<ref id="r1"><label>1</label><mixed-citation id="r1a"><label>a</label><source>One</source>, <year>2001</year>'
        '</mixed-citation><mixed-citation id="r1b"><label>b</label><source>Two</source>, <year>2002</year>'
        "</mixed-citation></ref>"
    )
    body = '<p>See <xref ref-type="bibr" rid="r1">1</xref>. Or <xref ref-type="bibr" rid="r1b">1b</xref>.</p>'
    document = read(tmp_path, article(body=body, back=f"<ref-list>{refs}</ref-list>"))
    assert [(entry.label, entry.title) for entry in document.references] == [("1a", "One"), ("1b", "Two")]
    assert [mention.reference_indices for mention in document.mentions] == [(0, 1), (1,)]


def test_notes_among_the_entries_are_kept_and_empty_ones_dropped(tmp_path: Path) -> None:
    refs = (
        "<ref id='a'><label>1</label><note><p>The data are in a drawer.</p></note></ref><ref id='b'/>"
        "<ref id='c'><label>3</label><mixed-citation/></ref><ref id='d'>"
        "<mixed-citation>Ada A. Book. 1990.</mixed-citation></ref>"
    )
    assert [entry.raw for entry in references(tmp_path, refs)] == ["The data are in a drawer.", "Ada A. Book. 1990."]


def test_all_lists_are_read_those_within_lists_too(tmp_path: Path) -> None:
    ref = '<ref id="{0}"><mixed-citation>Ada A. Book {0}. 1990.</mixed-citation></ref>'
    back = (
        f"<ref-list><title>Main</title>{ref.format('a')}<ref-list>{ref.format('b')}</ref-list></ref-list>"
        f"<app-group><app><title>More</title><ref-list>{ref.format('c')}</ref-list></app></app-group>"
    )
    document = read(tmp_path, article(back=back))
    assert [entry.raw for entry in document.references] == [f"Ada A. Book {each}. 1990." for each in "abc"]


def test_a_title_that_alone_is_not_tagged_is_found_between_its_neighbours(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        "<mixed-citation publication-type='journal'><string-name><surname>Ada</surname>, <given-names>B.</given-names>"
        "</string-name>, and <string-name><surname>Eco</surname></string-name>.\n A long study of\n small tides.\n"
        "<source>Waters</source>. <year>2003</year>;<volume>15</volume>.</mixed-citation>",
    )
    assert (entry.title, entry.venue, entry.year) == ("A long study of small tides", "Waters", 2003)
    assert [author.family for author in entry.authors] == ["Ada", "Eco"]


def test_a_list_that_prints_no_titles_gets_none(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        "<mixed-citation publication-type='journal'><string-name><given-names>B.</given-names> <surname>Ada</surname>"
        "</string-name>, <source>Phys. Waters</source> <volume>15</volume>, <fpage>3</fpage> (<year>2003</year>)."
        "</mixed-citation>",
    )
    assert (entry.title, entry.venue, entry.pages) == ("", "Phys. Waters", "3")


def test_names_of_a_group_are_parted_in_the_print(tmp_path: Path) -> None:
    entry = one(
        tmp_path,
        "<mixed-citation><person-group person-group-type='author'><name><surname>Ada</surname>"
        "<given-names>BC</given-names>"
        "</name><name><surname>Eco</surname><given-names>U</given-names></name><etal/>"
        "</person-group> (<year>2010</year>) "
        "<article-title>Tides</article-title>. <source>Waters</source> <volume>8</volume>: "
        "<fpage>S7</fpage>.</mixed-citation>",
    )
    assert entry.raw == "Ada BC, Eco U, et al (2010) Tides. Waters 8: S7."


def test_a_work_in_both_forms_side_by_side_is_one(tmp_path: Path) -> None:
    refs = f"""<ref id="B1"><label>1</label><mixed-citation>. Okafor NA et al. Small tides. 2019.</mixed-citation>
    {ELEMENT}</ref>"""
    (entry,) = references(tmp_path, refs)
    assert (entry.raw, entry.label) == ("Okafor NA et al. Small tides. 2019.", "1")
    assert entry.title == "How small tides behave"
