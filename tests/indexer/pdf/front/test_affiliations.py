from __future__ import annotations

from indexer.pdf.front.affiliations import read_affiliations
from indexer.pdf.geometry import Line, make_line
from tests.indexer.pdf.lines import line, span


def marked(mark: str, text: str, y: float) -> Line:
    return make_line(1, [span(mark, 72, y - 4, 6), span(text, 78, y)])


def read(lines: list[Line], *names: Line) -> tuple[str, ...]:
    return read_affiliations(lines, names=frozenset(id(item) for item in names))


def test_marks_part_affiliations_and_addresses_of_mail_are_left_out() -> None:
    lines = [
        marked("1", "Department of Examples, University of Samples, Paris, France", 100),
        marked("2", "Institute of Tests, ada@example.org", 112),
        line("Email: grace@example.org", 72, 124),
    ]
    assert read(lines) == ("Department of Examples, University of Samples, Paris, France", "Institute of Tests")


def test_lines_of_a_block_are_one_affiliation() -> None:
    name = line("Ada Lovelace", 72, 100)
    lines = [
        name,
        line("Department of Examples", 72, 112),
        line("University of Samples", 72, 124),
        line("Paris, France", 72, 136),
        line("ada@example.org", 72, 148),
    ]
    assert read(lines, name) == ("Department of Examples, University of Samples, Paris, France",)


def test_blocks_side_by_side() -> None:
    lines = [line("University of Here", 72, 112), line("University of There", 300, 112)]
    lines += [line("Paris, France", 72, 124), line("Rome, Italy", 300, 124)]
    assert read(lines) == ("University of Here, Paris, France", "University of There, Rome, Italy")


def test_dates_are_no_affiliation() -> None:
    lines = [marked("1", "University of Samples", 100), line("(Dated: November 22, 2026)", 78, 112)]
    assert read(lines) == ("University of Samples",)


def test_an_affiliation_on_the_line_of_its_author() -> None:
    name = line("ADA LOVELACE, University of Samples, France", 72, 100)
    assert read([name], name) == ("University of Samples, France",)
