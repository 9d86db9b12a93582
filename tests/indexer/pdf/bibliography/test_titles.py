from __future__ import annotations

import pytest

from indexer.pdf.bibliography.titles import is_after, is_notes_title, is_title


@pytest.mark.parametrize(
    "text",
    [
        "References", "7. REFERENCES", "R E F E R E N C E S", "R EFERENCES", "Bibliography:", "Références", "参考文献",
        "References and Notes", "Literature Cited", "Literatur", "Bibliografía", "Cited works",
        "Supplementary References", "References for the supplement",
        "VI. REFERENCES", "Works Cited", "Reference list",
    ],
)  # fmt: skip
def test_titles(text: str) -> None:
    assert is_title(text)
    assert not is_title(text + " to earlier work are given below, as is usual")


@pytest.mark.parametrize("text", ["A reference frame", "Literature review", "Sources of error", "Notes", "x" * 100_000])
def test_other_headings(text: str) -> None:
    assert not is_title(text)


def test_what_follows_a_list() -> None:
    assert is_after("Appendix A")
    assert is_after("NeurIPS Paper Checklist")
    assert is_after("Acknowledgements")
    assert not is_after("Smith, J. (2012). A title.")


def test_notes() -> None:
    assert is_notes_title("Notes")
    assert is_notes_title("8. Endnotes")
    assert not is_notes_title("Notes on a scandal")
