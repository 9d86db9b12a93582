from __future__ import annotations

import time

import pytest

from indexer.pdf.front.byline import names_in, read_byline
from indexer.pdf.geometry import Line, make_line
from tests.indexer.pdf.lines import line, span


def names(text: str) -> list[str]:
    return [f"{author.given}|{author.family}" for author in names_in([line(text)])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada Lovelace, Wei Li and Mary van der Berg", ["Ada|Lovelace", "Wei|Li", "Mary|van der Berg"]),
        ("ADA LOVELACE AND WEI CHEN", ["Ada|Lovelace", "Wei|Chen"]),
        ("J.-P. Dupont · K. R. Smith-Jones", ["J.-P.|Dupont", "K. R.|Smith-Jones"]),
        ("Ada Lovelace, MD, PhD; Grace Hopper, MSc", ["Ada|Lovelace", "Grace|Hopper"]),
        ("Grace Hopper, Senior Member, IEEE, and Ada Lovelace", ["Grace|Hopper", "Ada|Lovelace"]),
        ("ROSSI, Chiara", ["Chiara|Rossi"]),
        ("By Ada Lovelace & Grace Hopper", ["Ada|Lovelace", "Grace|Hopper"]),
        ("Ada Lovelace for the DEEP-X Collaboration", ["Ada|Lovelace", "|DEEP-X Collaboration"]),
        ("张三，王小明，欧阳修远", ["三|张", "小明|王", "修远|欧阳"]),
        ("Ada Lovelace, University of Examples", ["Ada|Lovelace"]),
        ("EVA NOVAK and ADA RAO, Test Group, France", ["Eva|Novak", "Ada|Rao"]),
        ("Department of Mathematics, University of Examples", []),
        ("Mountain View, CA, USA", []),
        ("We present a method for reading names", []),
        ("May 2021", []),
        ("ada@example.org", []),
    ],
)  # fmt: skip
def test_names_of_a_line(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_marks_part_names_without_commas() -> None:
    made = make_line(
        1,
        [span("Ada Rao", 72, 100, 12), span("1", 146, 95, 7), span("Wei Li", 160, 100, 12), span("2", 236, 95, 7)],
    )  # fmt: skip
    assert [author.family for author in names_in([made])] == ["Rao", "Li"]


def test_wide_spaces_part_names() -> None:
    made = make_line(1, [span("Ada Lovelace", 72, 100, 12), span("Grace Hopper", 160, 100, 12)])
    assert [author.family for author in names_in([made])] == ["Lovelace", "Hopper"]


def byline(lines: list[Line]) -> list[str]:
    return [author.name for author in read_byline(lines).authors]


def test_a_list_goes_over_the_line_end_within_a_name() -> None:
    lines = [
        line("Ada Lovelace, Charles Babbage, Juan", 72, 100, 12),
        line("Carlos de la Cruz and Wei Li", 90, 114, 12),
    ]
    assert byline(lines) == ["Ada Lovelace", "Charles Babbage", "Juan Carlos de la Cruz", "Wei Li"]


def test_a_dedication_below_a_list_is_no_name() -> None:
    lines = [
        line("ADA LOVELACE, CHARLES BABBAGE,", 72, 100, 8),
        line("AND GRACE HOPPER", 90, 110, 8),
        line("Dedicated to our teachers", 90, 130, 8),
    ]
    assert byline(lines) == ["Ada Lovelace", "Charles Babbage", "Grace Hopper"]


def test_the_town_below_an_institution_is_no_name() -> None:
    lines = [
        line("Ada Lovelace", 72, 100),
        line("University of Examples", 72, 112),
        line("Santa Example", 72, 124),
        line("ada@example.org", 72, 136),
        line("Grace Hopper", 72, 160),
        line("University of Samples", 72, 172),
    ]
    assert byline(lines) == ["Ada Lovelace", "Grace Hopper"]


def test_fifty_authors() -> None:
    families = [f"{first}{second}er" for first in "ABCDEFGHIJ" for second in ("ann", "ecke", "ill", "ott", "und")]
    rows = [", ".join(f"Eva {family}" for family in families[start : start + 5]) for start in range(0, 50, 5)]
    lines = [line(row + ("," if number < 9 else ""), 72, 100 + 12 * number) for number, row in enumerate(rows)]
    assert byline(lines) == [f"Eva {family}" for family in families]


@pytest.mark.parametrize(
    "text", ["A" * 100_000, "Ada Lovelace, " * 7_000, "and for the " * 8_000, "( " * 50_000, "1,∗ " * 25_000]
)
def test_long_lines_cost_little(text: str) -> None:
    started = time.perf_counter()
    names_in([line(text)])
    assert time.perf_counter() - started < 5
