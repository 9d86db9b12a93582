from __future__ import annotations

from collections import Counter

import pytest

from indexer.references.labeller import Labeller, join_tokens
from indexer.references.tokens import tokenize
from training.references.evaluate import FieldScores, evaluate_examples, field_values, soft_key
from training.references.examples import Example, Span, token_labels

TEXT = "Roe, A. (1999). On tests. J. Doc., 12, 4-9."
EXAMPLE = Example(
    TEXT,
    (Span("author", 0, 7), Span("date", 9, 13), Span("title", 16, 24), Span("journal", 26, 32), Span("volume", 35, 37),
     Span("pages", 39, 42)),
)  # fmt: skip


def labeller(labels: dict[str, str]) -> Labeller:
    """A labeller that knows the truth but for some labels, which it takes for others."""

    def decode(items: list[list[str]]) -> list[str]:
        return [labels.get(label, label) for label in token_labels(EXAMPLE, tokenize(TEXT))][: len(items)]

    return Labeller(features=lambda tokens: [[] for _ in tokens], decode=decode)


def test_the_truth_scores_one() -> None:
    scores = evaluate_examples([EXAMPLE], part="test", labeller=labeller({}))
    assert scores.soft.micro.f1 == 1
    assert scores.strict.whole_entries == 1
    assert scores.records.micro.f1 == 1


def test_a_wrong_field_is_wrong_and_missed() -> None:
    scores = evaluate_examples([EXAMPLE], part="test", labeller=labeller({"volume": "issue"}))
    micro = scores.soft.micro
    assert (micro.right, micro.wrong, micro.missed) == (5, 1, 1)
    assert scores.soft.whole_entries == 0
    assert scores.soft.fields["volume"].recall == 0


def test_neighbouring_spans_of_a_field_are_one_value() -> None:
    spans = [Span("publisher", 0, 3), Span("institution", 4, 6), Span("note", 7, 8), Span("location", 8, 11)]
    assert field_values("abc de fgh", spans, soft_key) == Counter(
        {("publisher", "abcde"): 1, ("location", "gh"): 1}
    ) - Counter({("location", "gh"): 0})


def test_soft_keys_leave_case_and_marks_out() -> None:
    assert soft_key("On  “Tests”: ﬁrst—part") == "ontestsfirstpart"


def test_counts_of_an_entry() -> None:
    scores = FieldScores()
    scores.add(Counter({("title", "a"): 1, ("date", "b"): 2}), Counter({("title", "x"): 1, ("date", "b"): 1}))
    assert (scores.fields["title"].wrong, scores.fields["title"].missed) == (1, 1)
    assert (scores.fields["date"].right, scores.fields["date"].missed) == (1, 1)
    assert scores.micro.precision == pytest.approx(0.5)
    assert scores.micro.recall == pytest.approx(1 / 3)


def test_tokens_join_by_label() -> None:
    tokens = tokenize("Roe A 1999")
    assert [(span.label, span.start, span.end) for span in join_tokens(tokens, ["author", "author", "other"])] == [
        ("author", 0, 5)
    ]
