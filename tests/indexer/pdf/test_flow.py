from __future__ import annotations

from collections import Counter

import pytest

from core.records import Box
from indexer.pdf.flow import join_flows, make_flow, merge_boxes, vocabulary
from indexer.pdf.geometry import make_line
from tests.indexer.pdf.lines import line, span, stack


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("the compu-", "ter reads", "the computer reads"),
        ("a well-", "known fact", "a well-known fact"),
        ("the Smith-", "Jones law", "the Smith-Jones law"),
        ("in 2010-", "2012 it was", "in 2010-2012 it was"),
        ("words are", "parted", "words are parted"),
        ("soft\u00ad", "ened", "softened"),
        ("see https://doi.org/10.1000/", "abc.1 for", "see https://doi.org/10.1000/abc.1 for"),
        ("see https:", "//doi.org/10.1000/x", "see https://doi.org/10.1000/x"),
        ("doi:10.1128/mbio.", "01256-16", "doi:10.1128/mbio.01256-16"),
        ("a dash -", "apart", "a dash - apart"),
    ],
)
def test_line_ends(first: str, second: str, joined: str) -> None:
    assert make_flow(stack([first, second]), Counter()).text == joined


def test_the_paper_itself_tells_compounds_from_divided_words() -> None:
    words = vocabulary(stack(["a multi-task model, and a dataset"]))
    assert make_flow(stack(["multi-", "task"]), words).text == "multi-task"
    assert make_flow(stack(["data-", "set"]), words).text == "dataset"


def test_superscripts_are_written_as_such() -> None:
    made = make_line(1, [span("work", 72, 100, 12), span("2–4", 96, 95, 8), span(" is", 110, 100, 12)])
    flow = make_flow([made], Counter())
    assert flow.text == "work²⁻⁴ is"
    assert flow.raised() == ((4, 7),)
    assert make_flow([made], Counter(), raise_digits=False).text == "work2–4 is"


def test_boxes_follow_characters_and_lines() -> None:
    flow = make_flow([line("abcdefghij", 100, 100), line("klmno", 100, 112)], Counter())
    assert flow.text == "abcdefghij klmno"
    assert flow.boxes(2, 4) == (Box(page=1, x0=110.0, y0=92.0, x1=120.0, y1=102.0),)
    assert [box.y0 for box in flow.boxes(8, 13)] == [92.0, 104.0]
    assert flow.boxes(10, 11) == ()


def test_joined_flows_keep_their_places() -> None:
    flow = join_flows([make_flow([line("one", page=1)], Counter()), make_flow([line("two", page=2)], Counter())])
    assert flow.text == "one two"
    assert [flow.page_at(position) for position in (0, 2, 4, 6, 7)] == [1, 1, 2, 2, 2]
    assert flow.boxes(4, 7)[0].page == 2


def test_lines_of_a_paragraph_share_a_box() -> None:
    boxes = [Box(page=1, x0=72, y0=100 + 12 * row, x1=300, y1=110 + 12 * row) for row in range(3)]
    next_column = Box(page=1, x0=320, y0=60, x1=500, y1=70)
    assert merge_boxes([*boxes, next_column]) == (Box(page=1, x0=72, y0=100, x1=300, y1=134), next_column)


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    lines = stack(["研究人员难以跟踪所有", "相关工作，并与", "Galactica 比较。"])
    assert make_flow(lines, Counter()).text == "研究人员难以跟踪所有相关工作，并与 Galactica 比较。"


def test_the_hyphen_of_a_compound_stays_when_its_first_part_is_a_word_of_the_paper() -> None:
    words = Counter({"community": 3})
    assert make_flow(stack(["a community-", "driven effort"]), words).text == "a community-driven effort"
    assert make_flow(stack(["an exam-", "like question"]), Counter()).text == "an examlike question"
