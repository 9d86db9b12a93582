"""How text becomes search terms: the one analyser that indexing, searching and highlighting share."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

from core.text import clean, without_superscripts

QUERY_CHARS = 20_000
"""Longer queries are cut here: a pasted chapter must not stall a search."""
QUERY_TERMS = 512
"""Distinct terms kept from a query, in order of appearance."""

_LONGEST_TERM_BYTES = 60
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Han
    "\uac00-\ud7a3"  # Hangul: words carry endings, so that a bigram finds what a whole word does not
    "\U00020000-\U0003134f"
    "]+"
)
_STOP_TEXT = (
    "a about an and are as at be been but by can could did do does for from had has have he her his how i if in "
    "into is it its me my no not of on or our she should so such that the their them then there these they this "
    "those to was we were what when where which who whom whose why will with would you your"
)


@cache
def english_analyzer() -> Any:
    """The analyser of written words: lower case, no accents or ligatures, English stems; a `tantivy.TextAnalyzer`."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_TERM_BYTES))
    return builder.filter(Filter.lowercase()).filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build()


@cache
def _stop_terms() -> frozenset[str]:
    return frozenset(english_analyzer().analyze(_STOP_TEXT))


def grams(text: str) -> list[str]:
    """Characters and pairs of characters of scripts written without spaces, as indexed; empty for most texts."""
    found: list[str] = []
    for run in _UNSPACED.findall(text):
        found.extend(run)
        found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def word_terms(text: str) -> list[str]:
    """Every word of a text as the index sees it, in order, repetitions and stop words included."""
    terms: list[str] = english_analyzer().analyze(without_superscripts(text))
    return terms


def query_terms(query: str) -> dict[str, int]:
    """The terms of a query with their counts; stop words only where there is nothing else.

    Operators and quotes mean nothing. At most ``QUERY_TERMS`` terms of the first ``QUERY_CHARS`` characters.
    """
    counts = Counter(word_terms(clean(query[:QUERY_CHARS])))
    telling = {term: count for term, count in counts.items() if term not in _stop_terms()} or dict(counts)
    return dict(list(telling.items())[:QUERY_TERMS])


def query_grams(query: str) -> dict[str, int]:
    """The character pairs of a query with their counts; a run of one character stands for itself."""
    counts: Counter[str] = Counter()
    for run in _UNSPACED.findall(clean(query[:QUERY_CHARS])):
        counts.update([run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)])
    return dict(list(counts.items())[:QUERY_TERMS])


class Highlighter:
    """Finds the words of one query in texts, by their stems."""

    def __init__(self, query: str) -> None:
        self._terms = frozenset(query_terms(query))
        pairs = sorted(query_grams(query), key=len, reverse=True)
        # A lookahead, so that pairs which overlap are all found.
        self._grams = re.compile(f"(?=({'|'.join(map(re.escape, pairs))}))") if pairs else None

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Half-open spans of ``text``, in order, neither overlapping nor touching."""
        found = [
            (token.char_offset_from, token.char_offset_to)
            for token in english_analyzer().pre_tokenize(without_superscripts(text)).tokens
            if token.text in self._terms
        ]
        if self._grams is not None:
            found += [(match.start(), match.start() + len(match[1])) for match in self._grams.finditer(text)]
        return _merge(sorted(found))


def _merge(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
