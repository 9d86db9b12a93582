from __future__ import annotations

import pytest

from indexer.pdf.labels import printed_labels
from tests.indexer.pdf.lines import line, page, stack

BODY = ["The text of a page that is not furniture", "and its second line, which is none either"]


def labels(feet: list[str]) -> tuple[str, ...]:
    return printed_labels(
        [page([*stack(BODY, y=300), line(foot, 290, 810)], number) for number, foot in enumerate(feet, 1)]
    )


@pytest.mark.parametrize(
    ("feet", "expected"),
    [
        (["97", "98", "99"], ("97", "98", "99")),
        (["Page 3 of 10", "Page 4 of 10", "Page 5 of 10"], ("3", "4", "5")),
        (["3/10", "4/10", "5/10"], ("3", "4", "5")),
        (["S5", "S6", "S7"], ("S5", "S6", "S7")),
        (["e12", "e13", "e14"], ("e12", "e13", "e14")),
        (["– 7 –", "– 8 –", "– 9 –"], ("7", "8", "9")),
        (["i", "ii", "iii", "1", "2", "3", "4"], ("i", "ii", "iii", "1", "2", "3", "4")),
    ],
)
def test_labels(feet: list[str], expected: tuple[str, ...]) -> None:
    assert labels(feet) == expected
