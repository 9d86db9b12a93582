from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import Document
from indexer.pdf.flow import make_flow
from indexer.pdf.passages import MAX_CHARS, TARGET_CHARS, Paragraph, cut, make_passages
from tests.indexer.pdf.lines import line


def paragraph(text: str, *, section: int | None = 0, page: int = 1) -> Paragraph:
    return Paragraph(make_flow([line(text, page=page)], Counter()), "paragraph", section)


def test_long_paragraphs_are_cut_at_sentence_ends() -> None:
    text = " ".join(f"Sentence number {index} has a handful of words in it." for index in range(60))
    pieces = [text[start:end] for start, end in cut(text)]
    assert " ".join(pieces) == text
    assert all(piece.endswith("in it.") and len(piece) <= TARGET_CHARS for piece in pieces[:-1])


def test_endless_sentences_and_words_are_cut_too() -> None:
    for text in ("word " * 2_000, "x" * 5_000):
        assert all(end - start <= MAX_CHARS for start, end in cut(text.strip()))


def test_small_ones_join_within_a_section() -> None:
    parts = [paragraph("• one", section=0), paragraph("• two", section=0), paragraph("Alone.", section=1)]
    passages, _ = make_passages(parts)
    assert [passage.text for passage in passages] == ["• one • two", "Alone."]


def test_printed_labels_are_told_where_they_differ() -> None:
    passages, _ = make_passages([paragraph("a" * 200, page=1), paragraph("b" * 200, page=2)], labels=("1", "97"))
    assert [passage.page_label for passage in passages] == [None, "97"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab. ,ABé\u3002", min_size=0, max_size=3_000), max_size=6))
def test_spans_fit_the_running_text(texts: list[str]) -> None:
    clean = [" ".join(text.split()) for text in texts]
    passages, placed = make_passages([paragraph(text) for text in clean if text])
    document = Document(title="T", page_count=1, passages=passages)
    assert all(document.text[passage.start : passage.end] == passage.text for passage in passages)
    assert all(0 < len(passage.text) <= MAX_CHARS for passage in passages)
    assert all(document.text.startswith(item.paragraph.flow.text, item.offset) for item in placed)
