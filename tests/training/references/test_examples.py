from __future__ import annotations

from indexer.references.tokens import tokenize
from training.references.examples import Example, Span, part_of, tidy_spans, token_labels


def test_spans_lose_the_marks_around_them_but_initials_keep_their_stop() -> None:
    text = "Doe, J., (1999). “On marks.” J. Doc. 12(3)"
    spans = [Span("author", 0, 8), Span("date", 9, 16), Span("title", 17, 28), Span("journal", 29, 36)]
    found = [(span.label, text[span.start : span.end]) for span in tidy_spans(text, spans)]
    assert found == [("author", "Doe, J."), ("date", "1999"), ("title", "On marks"), ("journal", "J. Doc")]


def test_brackets_opened_within_a_span_are_closed_in_it() -> None:
    text = "Proc. Symposium (Int.) (London)"
    assert [text[s.start : s.end] for s in tidy_spans(text, [Span("booktitle", 0, 23)])] == ["Proc. Symposium (Int.)"]


def test_a_span_of_marks_alone_is_dropped() -> None:
    assert tidy_spans("a , b", [Span("title", 2, 4)]) == ()


def test_tokens_take_the_label_of_their_span() -> None:
    example = Example("Doe J. Title 12", (Span("author", 0, 6), Span("title", 7, 12)))
    labels = token_labels(example, tokenize(example.text))
    assert labels == ["author", "author", "author", "title", "other"]


def test_files_keep_their_part() -> None:
    parts = [part_of(f"file{number}.xml") for number in range(300)]
    assert parts == [part_of(f"file{number}.xml") for number in range(300)]
    assert 200 < parts.count("train") < 270
    assert parts.count("dev") > 10
    assert parts.count("test") > 10
