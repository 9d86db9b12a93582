"""What may be said: a generated sentence is shown only as far as a passage of the library carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.records import AnswerSentence, Hit
from core.sentences import split_sentences
from core.words import content_words, coverage, numbers

SUPPORT_THRESHOLD = 0.7
"""Least share of a sentence's content words that its passage must hold."""
_NEGATIONS = frozenset({"no", "not", "never", "none", "nor", "cannot", "neither", "without", "n't"})
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


def verify(sentence: str, evidence: Sequence[Hit]) -> AnswerSentence | None:
    """The sentence with the passage that carries it, or None when no passage does."""
    telling = [word for word in content_words(sentence) if not word[0].isdigit()]
    if len(telling) < _LEAST_WORDS or not evidence:
        return None
    support = find_support(sentence, evidence)
    if support.score < SUPPORT_THRESHOLD:
        return None
    return AnswerSentence(text=sentence, evidence=(support.position,), kind="generated", support=support.score)


def best_quote(question: str, evidence: Sequence[Hit], *, taken: frozenset[str] = frozenset()) -> AnswerSentence | None:
    """The sentence of the evidence that answers best by its own words; earlier passages win ties.

    Args:
        taken: Sentences that have been quoted already.
    """
    best: tuple[float, int, str] | None = None
    for position, hit in enumerate(evidence):
        for sentence in split_sentences(hit.text):
            if sentence in taken or not _QUOTE_CHARS[0] <= len(sentence) <= _QUOTE_CHARS[1]:
                continue
            score = coverage(question, sentence) - 0.05 * position
            if best is None or score > best[0]:
                best = (score, position, sentence)
    if best is None:
        return None
    return AnswerSentence(text=best[2], evidence=(best[1],), kind="quote", support=1.0)


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
