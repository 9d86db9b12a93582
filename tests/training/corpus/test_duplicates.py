from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.training.corpus.papers import make_papers
from training.corpus.duplicates import Duplicates


def test_a_paper_with_small_changes_is_known_again(tmp_path: Path) -> None:
    papers = make_papers(tmp_path, papers=20)
    known = Duplicates(0.8)
    assert [known.seen(paper.id, paper.document) for paper in papers] == [""] * 20
    assert len(known) == 20
    original = papers[3].document
    words = original.passages[0].text.split()
    changed = replace(original.passages[0], text=" ".join(["Preface", *words[2:]]))
    other_title = replace(original, title="Another", authors=(), passages=(changed, *original.passages[1:]))
    assert known.seen("copy", other_title) == papers[3].id
    assert len(known) == 20


def test_another_paper_with_some_of_the_text_is_not(tmp_path: Path) -> None:
    first, second = make_papers(tmp_path, papers=2)
    known = Duplicates(0.8)
    known.seen("first", first.document)
    half = len(first.document.passages) // 2
    mixed = replace(second.document, passages=first.document.passages[:half] + second.document.passages[half:])
    assert known.seen("mixed", mixed) == ""


def test_identifiers_and_long_titles_tell_a_paper_without_its_text(tmp_path: Path) -> None:
    first, second = make_papers(tmp_path, papers=2)
    known = Duplicates(0.8)
    known.seen("first", replace(first.document, doi="10.1/AB"))
    assert known.seen("same doi", replace(second.document, doi="10.1/ab", title="X")) == "first"
    same_title = replace(second.document, title=first.document.title.upper())
    assert known.seen("same title", same_title) == "first"
    assert known.seen("other author", replace(same_title, authors=())) == ""


def test_empty_papers_are_not_all_one() -> None:
    from core.records import Document

    known = Duplicates(0.8)
    empty = Document(title="", page_count=0)
    assert [known.seen(str(number), empty) for number in range(3)] == ["", "", ""]
