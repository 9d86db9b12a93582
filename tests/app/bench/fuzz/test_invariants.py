from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.bench.fuzz.invariants import violations
from core.records import Box, Document
from tests.builders import make_document, make_reference

GOOD = make_document(
    passages=["Tokens store knowledge [1].", "And lists of it [2]."],
    references=[replace(make_reference(title), page=1, boxes=()) for title in ("Galactica", "Lists")],
)


def test_a_good_document_is_sound() -> None:
    assert violations(GOOD) == []
    assert violations(Document(title="scan", page_count=3)) == []


def changed(part: str, **values: Any) -> Document:
    first, *others = getattr(GOOD, part)
    return replace(GOOD, **{part: (replace(first, **values), *others)})


BOX = Box(page=1, x0=1, y0=1, x1=2, y1=2)


@pytest.mark.parametrize(
    ("document", "word"),
    [
        (changed("passages", index=3), "numbered"),
        (changed("passages", text="other"), "at its span"),
        (changed("passages", start=-1), "begins before"),
        (changed("passages", page=0), "on page 0"),
        (changed("passages", section=9), "in section 9"),
        (changed("passages", boxes=(replace(BOX, x1=float("nan")),)), "edges"),
        (changed("passages", boxes=(replace(BOX, y1=1e12),)), "edges"),
        (changed("passages", boxes=(replace(BOX, x0=5.0),)), "inside out"),
        (changed("passages", boxes=(replace(BOX, page=99),)), "box is on page 99"),
        (changed("references", raw="turned \u202e round"), "U\\+202E"),
        (changed("mentions", reference_indices=(7,)), "no entry"),
        (changed("mentions", end=GOOD.mentions[0].end + 1), "at its span"),
        (changed("mentions", sentence="elsewhere"), "not in its sentence"),
        (changed("sections", parent=4), "parent"),
        (changed("sections", level=0), "level"),
        (changed("sections", end=10_000), "reaches"),
        (replace(GOOD, title=" "), "no title"),
        (replace(GOOD, title="a\x1b[31mb"), "U\\+001B"),
        (replace(GOOD, page_labels=("i",)), "page labels"),
    ],
)
def test_what_does_not_hold_is_found(document: Document, word: str) -> None:
    with pytest.raises(AssertionError, match=word):
        assert not violations(document), violations(document)
