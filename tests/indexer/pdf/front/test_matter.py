from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.pdf.columns import Ordered
from indexer.pdf.front.matter import Front, read_front
from indexer.pdf.furniture import Cleaned
from indexer.pdf.geometry import Line
from tests.indexer.pdf.lines import line, page, stack

PROSE = [f"We show in row {row} that the text of a paper goes on for lines" for row in range(6)]
BODY = [f"The body of the paper has lines such as this one, in row {row}," for row in range(8)]


def front(
    pages: Sequence[list[Line]],
    *,
    title: str = "",
    doi: str = "",
    margin: Sequence[Line] = (),
    stamps: tuple[str, ...] = (),
    covers: int = 0,
) -> Front:
    made = [page(lines, number) for number, lines in enumerate(pages, 1)]
    made[0] = replace(made[0], stamps=stamps)
    cleaned = Cleaned(tuple(made), (), ("",) * len(made), covers=covers)
    lines = tuple(item for one in made for item in one.lines)
    ordered = Ordered(lines, tuple(margin))
    return read_front(lines, ordered=ordered, cleaned=cleaned, body=10, metadata_title=title, metadata_doi=doi)


def paper(*, names: str = "Ada Lovelace, Grace Hopper") -> list[Line]:
    return [
        line("A Title of a Paper", 72, 90, 18),
        line(names, 72, 120, 12),
        line("University of Examples, Paris, France", 72, 136),
        line("Abstract", 72, 160, bold=True),
        *stack(PROSE, y=174),
        line("1 Introduction", 72, 270, 13, bold=True),
        *stack(BODY, y=290),
    ]


def test_all_of_it() -> None:
    found = front([paper()], stamps=("arXiv:2101.00001v2 [cs.DL] 3 May 2021",))
    assert (found.title, found.arxiv_id) == ("A Title of a Paper", "2101.00001")
    assert [author.family for author in found.authors] == ["Lovelace", "Hopper"]
    assert found.affiliations == ("University of Examples, Paris, France",)
    assert [item.text for item in found.abstract] == PROSE


def test_the_declared_doi_needs_the_declared_title() -> None:
    assert front([paper()], title="A title of a paper", doi="10.1000/1").doi == "10.1000/1"
    assert front([paper()], title="template.dvi", doi="10.1000/1").doi == ""


def test_a_cover_sheet_is_passed_over() -> None:
    found = front([[line("Archive of Examples", 72, 60, 30)], paper()], covers=1)
    assert found.title == "A Title of a Paper"
    assert len(found.authors) == 2


def test_a_list_of_names_goes_on_overleaf() -> None:
    rows = [f"Ada Abel{row}, Eva Bond{row}, Wei Chen{row}," for row in "abcdefgh"]
    first = [line("A Title of a Paper", 72, 90, 18), *(line(row, 72, 680 + 14 * n, 12) for n, row in enumerate(rows))]
    second = [line("Ida Diaz and Tom Ellis", 72, 80, 12), line("University of Examples", 72, 100), *paper()[3:]]
    found = front([first, second])
    assert [author.family for author in found.authors][-3:] == ["Chenh", "Diaz", "Ellis"]
    assert len(found.authors) == 26


def test_authors_beside_the_title() -> None:
    beside = [line("Ada Lovelace", 20, 90, 9, bold=True), line("University of Examples, Paris, France", 20, 102, 9)]
    lines = [item for item in paper() if "Lovelace" not in item.text and "University" not in item.text]
    found = front([lines], margin=beside)
    assert [author.name for author in found.authors] == ["Ada Lovelace"]


def test_a_title_repeated_above_the_text_is_no_heading() -> None:
    again = [line("A Title of a Paper", 72, 80, 12, bold=True), *stack(BODY, y=100)]
    assert len(front([paper(), again]).used) == len(front([paper(), again[1:]]).used) + 1


def test_nothing_but_a_cover() -> None:
    assert front([[line("Archive of Examples", 72, 60, 30)]], covers=1) == Front()
