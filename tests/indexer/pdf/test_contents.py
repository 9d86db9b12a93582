from __future__ import annotations

from indexer.pdf.contents import contents_lines
from indexer.pdf.geometry import Line
from tests.indexer.pdf.lines import line, stack

TEXT = "a line of running text that goes on and on and fills the whole of its column"


def kept(lines: list[Line]) -> list[str]:
    dropped = contents_lines(lines)
    return [item.text for item in lines if id(item) not in dropped]


def test_entries_below_a_heading_go_whether_their_numbers_stand_apart_or_not() -> None:
    entries = stack(["1 Introduction 2", "2 Method . . . . . . . . 3", "2.1 Data sets"], y=115)
    number = line("4", 360, 139)
    last = stack(["3 Results", "References"], y=151)
    numbers = [line("6", 360, 151), line("9", 360, 163)]
    table = [line("Contents"), *entries, number, last[0], numbers[0], last[1], numbers[1]]
    assert kept([*table, *stack(["1 Introduction", TEXT], y=200)]) == ["1 Introduction", TEXT]


def test_leaders_need_no_heading() -> None:
    lines = stack(["1 Introduction ........ 2", "2 Method .......... 3", "3 Results ............ 5", TEXT])
    assert kept(lines) == [TEXT]


def test_text_that_happens_to_end_with_numbers_stays() -> None:
    lines = stack(["Contents", TEXT, TEXT, f"{TEXT} of 2021", TEXT, f"{TEXT} 12"])
    assert kept(lines) == [item.text for item in lines]
    assert kept(stack(["We measured 3", "We measured 4", "We measured 5", "We measured 6"])) != []
