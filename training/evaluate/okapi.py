"""rank-bm25, asked fast: the same scores to the last bit, from lists of the documents that hold a term.

``BM25Okapi.get_scores`` looks through all documents for each word of a query, 30 s for one query over 67,000 titles
and a context of a hundred words. Here its statistics (``doc_freqs``, ``idf``, ``doc_len``, ``avgdl``) are turned
into one list a term, once; a query then touches only documents that hold its words.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from indexer.search.analysis import query_terms, word_terms
from training.contexts import CitedPlace
from training.evaluate.ranking import DEPTH, Asking, Progress, Ranking, best, stacked

_TELL_EVERY = 25


class FastOkapi:
    """BM25 as rank-bm25 defines it (Okapi, k1 1.5, b .75, floor of the idf) over documents of terms.

    Args:
        documents: The terms of each document, repetitions included.

    Raises:
        InputError: No document has a term.
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        from rank_bm25 import BM25Okapi

        if not any(documents):
            raise InputError("nothing to search: no candidate has a word", hint="Check the titles.")
        okapi = BM25Okapi(documents)
        self.size = len(documents)
        self._terms = {term: number for number, term in enumerate(okapi.idf)}
        terms, rows, counts = array("i"), array("i"), array("i")
        for row, frequencies in enumerate(okapi.doc_freqs):
            terms.extend(self._terms[term] for term in frequencies)
            rows.extend([row] * len(frequencies))
            counts.extend(frequencies.values())
        number = np.frombuffer(terms, dtype=np.int32)
        order = np.argsort(number, kind="stable")
        self._rows = np.frombuffer(rows, dtype=np.int32)[order]
        self._starts = np.searchsorted(number[order], np.arange(len(self._terms) + 1))
        frequency = np.frombuffer(counts, dtype=np.int32)[order].astype(np.int64)
        length = np.array(okapi.doc_len)[self._rows]
        idf = np.array([okapi.idf[term] for term in self._terms])[number[order]]
        # The expression of rank-bm25 in its order, so that rounding is the same.
        self._weights = idf * (
            frequency * (okapi.k1 + 1) / (frequency + okapi.k1 * (1 - okapi.b + okapi.b * length / okapi.avgdl))
        )

    def scores(self, query: Mapping[str, int]) -> NDArray[np.float64]:
        """Scores of all documents, shape (N,); equal to ``get_scores`` of the query's terms, each its count of times.

        Args:
            query: Terms with their counts.
        """
        scores = np.zeros(self.size)
        for term, count in query.items():
            number = self._terms.get(term)
            if number is None:
                continue
            posting = slice(self._starts[number], self._starts[number + 1])
            for _ in range(count):
                scores[self._rows[posting]] += self._weights[posting]
        return scores


class Bm25Ranker:
    """Ranks candidates by the words that their texts share with the place.

    Args:
        texts: One for each candidate.
        wording: Makes the query of a place, as ``Wording.text`` does: what is searched for.
    """

    def __init__(self, texts: Sequence[str], wording: Asking) -> None:
        self._wording = wording
        self._okapi = FastOkapi([word_terms(text) for text in texts])

    def reworded(self, wording: Asking) -> Bm25Ranker:
        """The same index, asked in other words."""
        other = object.__new__(Bm25Ranker)
        other._wording, other._okapi = wording, self._okapi
        return other

    def rank(self, places: Sequence[CitedPlace], *, on_progress: Progress) -> Ranking:
        """The best candidates of each place; those that share no word with it are left out."""
        lists = []
        for number, place in enumerate(places, start=1):
            found, scores = best(self._okapi.scores(query_terms(self._wording(place))), DEPTH)
            telling = scores > 0
            lists.append((found[telling], scores[telling]))
            if number % _TELL_EVERY == 0 or number == len(places):
                on_progress(number, len(places))
        return stacked(lists)
