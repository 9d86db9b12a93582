from __future__ import annotations

import pytest

from indexer.pdf.front.covers import count_covers
from tests.indexer.pdf.lines import page, stack

PAPER = page(stack(["A Title of the Paper", "Ada Lovelace", "The text of the paper begins here."]), 2)


@pytest.mark.parametrize(
    "sheet",
    [
        ["A Title of the Paper", "To cite this version:", "HAL Id: hal-01234567"],
        ["See discussions, stats, and author profiles for this publication at: https://example.org"],
        ["This is a repository copy of A Title of the Paper."],
        ["Stable URL: https://example.org/1", "Your use of the JSTOR archive indicates your acceptance"],
    ],
)
def test_cover_sheets(sheet: list[str]) -> None:
    assert count_covers([page(stack(sheet)), PAPER]) == 1
    assert count_covers([page(stack(sheet))]) == 0


def test_a_paper_that_quotes_one_is_none() -> None:
    prose = ["A paper on how repositories put a sheet in front, with general rights and more of it in text,"] * 40
    assert count_covers([page(stack(["A Title", *prose])), PAPER]) == 0
