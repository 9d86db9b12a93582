from __future__ import annotations

import pytest

from indexer.pdf.front.title import find_title, joined
from indexer.pdf.geometry import Line, make_line
from tests.indexer.pdf.lines import line, span


def title(lines: list[Line], *, declared: str = "", seen: str = "", venues: tuple[str, ...] = ()) -> str:
    return joined(find_title(lines, body=10, declared=declared, height=800, seen=seen, venues=venues))


def test_lines_of_one_style_are_one_title() -> None:
    lines = [
        line("A Title that Goes", 72, 100, 18, bold=True),
        line("over Two Lines", 72, 121, 18, bold=True),
        line("Ada Lovelace", 72, 150, 12),
    ]
    assert title(lines) == "A Title that Goes over Two Lines"


def test_double_spacing_of_a_manuscript() -> None:
    lines = [
        line("A Bold Title of the Same Size as the Text of", 72, 100, 10, bold=True),
        line("the Manuscript", 72, 124, 10, bold=True),
        line("Ada Lovelace", 72, 160),
    ]
    assert title(lines) == "A Bold Title of the Same Size as the Text of the Manuscript"


def test_subtitle_in_smaller_type() -> None:
    lines = [
        line("A Short Title", 72, 100, 20),
        line("With a longer subtitle", 72, 122, 14),
        line("Ada Lovelace", 72, 150, 12),
    ]
    assert title(lines) == "A Short Title: With a longer subtitle"


def test_names_below_are_no_subtitle() -> None:
    lines = [line("A Short Title", 72, 100, 20), line("Ada van der Berg and Grace Hopper", 72, 122, 14)]
    assert title(lines) == "A Short Title"


def test_the_name_of_the_journal_is_known_by_its_volume() -> None:
    lines = [line("Sample Matters", 72, 60, 20), line("A Study of Sample Titles", 72, 110, 16)]
    assert title(lines, venues=("Sample Matters 12 (2019) 34–56",)) == "A Study of Sample Titles"
    assert title(lines, venues=("Sample Matters",)) == "Sample Matters"


def test_the_number_of_a_report_is_no_title() -> None:
    assert (
        title([line("TR2020-1234", 72, 60, 20), line("A Study of Sample Titles", 72, 110, 16)])
        == "A Study of Sample Titles"
    )


def test_what_a_cover_sheet_names() -> None:
    lines = [line("Slogan of the Archive", 72, 60, 20), line("A Study of Sample Titles", 72, 110, 15)]
    assert title(lines, seen="Citation: A study of sample titles. 2019") == "A Study of Sample Titles"


def test_marks_at_the_end_are_dropped_and_powers_within_are_kept() -> None:
    made = make_line(
        1,
        [
            span("The L", 72, 100, 16),
            span("2", 112, 94, 9),
            span("norm of things", 120, 100, 16),
            span("1", 240, 94, 9),
        ],
    )
    assert joined([made]) == "The L2norm of things"


@pytest.mark.parametrize("kind", ["RESEARCH ARTICLE", "Original Paper", "Contents", "Review Article", "Highlights"])
def test_kinds_of_articles_are_no_titles(kind: str) -> None:
    assert title([line(kind, 72, 60, 20), line("A Study of Sample Titles", 72, 110, 16)]) == "A Study of Sample Titles"
