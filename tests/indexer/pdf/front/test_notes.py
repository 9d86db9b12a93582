from __future__ import annotations

import pytest

from indexer.pdf.front.notes import first_page_notes
from tests.indexer.pdf.lines import line, stack

BODY = stack([f"The text of the first page fills its column, row {row}" for row in range(30)], y=300)


@pytest.mark.parametrize(
    "note",
    [
        ["Permission to make digital or hard copies of all or part of this work", "is granted without fee."],
        ["∗Corresponding author", "Email address: ada@example.org"],
        ["1Supported by a grant of the foundation of examples."],
    ],
)
def test_notes_at_the_foot(note: list[str]) -> None:
    foot = stack(note, y=720, size=8)
    assert first_page_notes([*BODY, *foot], body=10, height=800) == frozenset(id(item) for item in foot)


def test_text_of_the_size_of_the_body_stays() -> None:
    assert not first_page_notes([*BODY, line("We thank ada@example.org for comments.", 72, 720)], body=10, height=800)


def test_small_text_in_the_upper_half_stays() -> None:
    assert not first_page_notes(stack(["∗Corresponding author: ada@example.org"], y=200, size=8), body=10, height=800)
