from __future__ import annotations

from dataclasses import replace

from indexer.pdf.bibliography import find_regions, split_entries
from indexer.pdf.geometry import Line, make_line
from tests.indexer.pdf.lines import line, span


def note(number: int, text: str, y: float, *, column: int) -> Line:
    mark = replace(span(str(number), 72, y, 5), baseline=y - 3.0)
    return replace(make_line(1, [mark, span(text, 76, y, 8)]), column=column, left=72.0, right=372.0)


def paper(texts: list[str]) -> list[Line]:
    lines: list[Line] = []
    for column, text in enumerate(texts):
        lines += [
            line(f"The body of the page, row {row}, goes on.", 72, 60 + 12 * row, column=column) for row in range(8)
        ]
        lines.append(note(column + 1, text, 300, column=column))
        lines.append(replace(line("of many words, Journal, 2012, pp. 1–9.", 72, 310, 8), column=column))
    return lines


def test_references_that_stand_in_notes_alone() -> None:
    lines = paper([f"A. Author{number} and B. Other, A title that is long enough" for number in range(6)])
    (region,) = find_regions(lines)
    entries = split_entries([lines[index] for index in region.inside()])
    assert [entry.label for entry in entries] == ["1", "2", "3", "4", "5", "6"]
    assert [len(entry.lines) for entry in entries] == [2] * 6
    assert all(lines[index].size < 9 for index in region.taken())


def test_notes_that_remark_are_no_references() -> None:
    assert find_regions(paper(["this is a remark on what was said above, and"] * 6)) == []
