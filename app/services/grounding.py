"""What may be said: a generated sentence is shown only as far as a passage of the library carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.records import AnswerSentence, Hit
from core.sentences import split_sentences
from core.words import content_words, coverage, numbers

SUPPORT_THRESHOLD = 0.7
"""Least share of a sentence's content words that its passage must hold."""
_ADDED_THRESHOLD = 0.9
_RESTATED_THRESHOLD = 0.5
_NEGATIONS = frozenset({"no", "not", "never", "none", "nor", "cannot", "neither", "without", "n't"})
_MOST_DIGITS = 0.15
_LEAST_WORDS = 2
"""A sentence of fewer content words says nothing that could be verified."""
_QUOTE_CHARS = (40, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The passage that carries a sentence best (its position), and how far, in [0, 1]."""

    position: int
    score: float


def find_support(sentence: str, evidence: Sequence[Hit]) -> Support:
    """The passage that carries a sentence best.

    A passage carries the share of the sentence's content words that it holds within two neighbouring sentences of its
    own; a number that it does not hold, or a negation on one side only, is carried by nothing.

    Raises:
        ValueError: There is no evidence.
    """
    scores = [_score(sentence, hit.text) for hit in evidence]
    best = max(range(len(scores)), key=scores.__getitem__)
    return Support(position=best, score=scores[best])


def verify(sentence: str, evidence: Sequence[Hit], *, question: str = "") -> AnswerSentence | None:
    """The sentence with the passage that carries it, or None when no passage does, or it states nothing.

    An answer takes up words of its question ("The exact form is …"). Words that come from there may be missing from
    the passage, up to half of the sentence, as long as the passage holds nearly all that the sentence adds.
    """
    if sentence.endswith("?"):
        return None
    telling = [word for word in content_words(sentence) if not word[0].isdigit()]
    if len(telling) < _LEAST_WORDS or not evidence:
        return None
    support = find_support(sentence, evidence)
    if support.score < SUPPORT_THRESHOLD and not _adds_what_is_there(sentence, evidence[support.position], question):
        return None
    return AnswerSentence(text=sentence, evidence=(support.position,), kind="generated", support=support.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotable:
    """A sentence of the evidence that can stand alone, and its passage's position."""

    text: str
    position: int


def quotable(evidence: Sequence[Hit]) -> list[Quotable]:
    """The sentences of the evidence that can be quoted: whole statements of a fair length, not rows of a table."""
    return [
        Quotable(text=sentence, position=position)
        for position, hit in enumerate(evidence)
        for sentence in split_sentences(hit.text)
        if _QUOTE_CHARS[0] <= len(sentence) <= _QUOTE_CHARS[1] and _stands_alone(sentence)
    ]


def as_quote(found: Quotable) -> AnswerSentence:
    """The sentence as part of an answer; a quote is its own support."""
    return AnswerSentence(text=found.text, evidence=(found.position,), kind="quote", support=1.0)


def _stands_alone(sentence: str) -> bool:
    digits = sum(char.isdigit() for char in sentence)
    return not sentence[0].islower() and sentence.endswith((".", "!", "。")) and digits < _MOST_DIGITS * len(sentence)


def _adds_what_is_there(sentence: str, hit: Hit, question: str) -> bool:
    asked = set(content_words(question))
    added = [word for word in content_words(sentence) if word not in asked]
    held = set(content_words(hit.text))
    return (
        len(added) >= _LEAST_WORDS
        and sum(word in held for word in added) >= _ADDED_THRESHOLD * len(added)
        and _score(sentence, hit.text) >= _RESTATED_THRESHOLD
    )


def _score(claim: str, passage: str) -> float:
    if not numbers(claim) <= numbers(passage):
        return 0.0
    parts = split_sentences(passage)
    windows = [parts[start : start + size] for size in (1, 2) for start in range(len(parts))]
    return max((coverage(claim, " ".join(window)) for window in windows if _same_polarity(claim, window)), default=0.0)


def _same_polarity(claim: str, window: Sequence[str]) -> bool:
    """Whether the claim and the sentence nearest to it both deny or both affirm."""
    nearest = max(window, key=lambda sentence: coverage(claim, sentence))
    return _is_negated(claim) == _is_negated(nearest)


def _is_negated(text: str) -> bool:
    words = text.lower().replace("’", "'").replace("n't", " n't").split()
    return any(word.strip(".,;:()") in _NEGATIONS for word in words)
