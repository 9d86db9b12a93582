from __future__ import annotations

from indexer.pdf.front.header import read_header
from indexer.pdf.geometry import Line, make_line
from tests.indexer.pdf.lines import line, span, stack

PROSE = [
    "We show that the running text of a paper begins here and",
    "goes on for several lines that are full of small words",
    "as the abstract of this paper does in its usual place",
]


def names(lines: list[Line], *, declared_title: str = "") -> tuple[str, list[str]]:
    header = read_header(lines, body=10, declared_title=declared_title)
    return header.title, [author.name for author in header.authors]


def test_title_under_a_banner() -> None:
    lines = [
        line("Journal of Applied Examples", 72, 40, 18, bold=True),
        line("RESEARCH ARTICLE", 72, 70, 14),
        line("On the Reading of Titles", 72, 110, 16, bold=True),
        line("under Banners", 72, 128, 16, bold=True),
        line("Ada Lovelace, Charles Babbage", 72, 160, 12),
        line("University of Examples, London, UK", 72, 175, 9),
        *stack(PROSE, y=220),
    ]
    assert names(lines) == ("On the Reading of Titles under Banners", ["Ada Lovelace", "Charles Babbage"])


def test_names_over_two_lines_with_marks() -> None:
    first = make_line(
        1,
        [
            span("Ethan P. White", 72, 150, 12, bold=True),
            span("1,2", 160, 145, 8),
            span(", Kristina", 172, 150, 12, bold=True),
        ],
    )
    second = make_line(
        1,
        [
            span("Riemer", 72, 164, 12, bold=True),
            span("5", 110, 159, 8),
            span(", and S. K. Ernest", 116, 164, 12, bold=True),
        ],
    )
    lines = [
        line("Data Carpentry for Biologists", 72, 120, 18),
        first,
        second,
        line("1 Department of Biology", 72, 190, 9),
        *stack(PROSE, y=220),
    ]
    assert names(lines)[1] == ["Ethan P. White", "Kristina Riemer", "S. K. Ernest"]


def test_names_side_by_side_above_their_institutions() -> None:
    lines = [line("A Paper by Three Authors", 150, 90, 18, bold=True)]
    for x, name in ((80, "Farid Haddad"), (250, "Eva Novak"), (420, "Chen Wei")):
        lines += [line(name, x, 140, 12), line("Test University", x, 152), line("Paris, France", x, 164)]
    assert names([*lines, *stack(PROSE, y=220)])[1] == ["Farid Haddad", "Eva Novak", "Chen Wei"]


def test_title_that_begins_with_an_article_in_capitals() -> None:
    lines = [
        line("A STUDY OF CAPITALS", 150, 90, 10, bold=True),
        line("GRACE HOPPER AND CHEN WEI", 150, 130, 8),
        *stack(PROSE, y=200),
    ]
    assert names(lines) == ("A STUDY OF CAPITALS", ["Grace Hopper", "Chen Wei"])


def test_metadata_decides_only_between_what_is_printed() -> None:
    lines = [
        line("Large Slogan of the Publisher", 72, 60, 20),
        line("A True Title of the Paper", 72, 110, 15),
        *stack(PROSE, y=200),
    ]
    assert names(lines, declared_title="A true title of the paper")[0] == "A True Title of the Paper"
    assert names(lines, declared_title="Microsoft Word - draft7.doc")[0] == "Large Slogan of the Publisher"


def test_nothing_to_read() -> None:
    assert names([]) == ("", [])
