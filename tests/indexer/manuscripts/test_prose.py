from __future__ import annotations

import pytest

from tests.indexer.manuscripts.reading import check, marked, sentences, txt

PAPER = """Counting Birds in Woods

1. Introduction

Birds sing (Ada & Bo, 2019; Cy et al., 2020a). Di and Ed (2018) count them [1, 3–5], as shown
before [citation needed].

Discussion

The range [0, 1] is wide (see Table 2, 2019). So is that of Fi (2021, p. 4).

References

[1] Ada, A. and Bo, B. (2019). Birds. Wood Press.
"""


def test_a_paper_is_told_apart_by_its_look() -> None:
    paper = txt(PAPER)
    check(paper)
    assert paper.title == "Counting Birds in Woods"
    assert [heading.text for heading in paper.headings] == ["1. Introduction", "Discussion", "References"]
    assert sentences(paper) == [
        "Birds sing .", "count them , as shown before .", "The range [0, 1] is wide (see Table 2, 2019).",
        "So is that of .",
    ]  # fmt: skip


def test_printed_citations_are_marks() -> None:
    paper = txt(PAPER)
    assert marked(paper) == [
        "(Ada & Bo, 2019; Cy et al., 2020a)", "Di and Ed (2018)", "[1, 3–5]", "[citation needed]", "Fi (2021, p. 4)",
    ]  # fmt: skip
    assert [mark.textual for mark in paper.marks] == [False, True, False, False, True]


@pytest.mark.parametrize(
    "text",
    ["In 2019 (the year) owls sang.", "Values in [2, 3] are odd.", "It rose (from 1990 to 2010).", "a@b.org said."],
)
def test_what_only_looks_like_a_citation_is_none(text: str) -> None:
    assert txt(text).marks == ()


def test_a_single_line_is_no_title() -> None:
    assert txt("Language models of science").title == ""
    assert sentences(txt("Language models  of\nscience")) == ["Language models of science"]
