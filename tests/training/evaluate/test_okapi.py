from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from core.errors import InputError
from tests.training.evaluate.papers import make_place, quiet
from training.evaluate.okapi import Bm25Ranker, FastOkapi
from training.evaluate.wording import Wording

words = st.sampled_from("a b c d e f g h".split())
documents = st.lists(st.lists(words, max_size=8), min_size=1, max_size=12).filter(any)


@settings(deadline=None)
@given(documents, st.lists(st.sampled_from("a b c d e f g h x".split()), max_size=10))
def test_scores_are_those_of_rank_bm25_to_the_last_bit(texts: list[list[str]], query: list[str]) -> None:
    counts = Counter(query)
    expected = BM25Okapi(texts).get_scores(list(counts.elements()))
    assert FastOkapi(texts).scores(counts).tolist() == expected.tolist()


def test_ranks_are_those_of_rank_bm25_on_a_larger_set() -> None:
    draw = np.random.default_rng(4)
    texts = [[f"w{number}" for number in draw.zipf(1.5, size=12) % 300] for _ in range(500)]
    query = Counter(texts[17] + texts[3][:4])
    scores = FastOkapi(texts).scores(query)
    assert scores.tolist() == BM25Okapi(texts).get_scores(list(query.elements())).tolist()
    assert scores.argmax() == 17


def test_candidates_without_a_word_in_common_are_not_listed() -> None:
    ranker = Bm25Ranker(["Graph networks", "Protein folding", "", "Folding of maps", "Deep learning"], Wording().text)
    ranking = ranker.rank([make_place("how proteins fold"), make_place("the unheard of")], on_progress=quiet)
    assert ranking.indices[0, :3].tolist() == [1, 3, -1]
    assert (ranking.indices[1] == -1).all()


def test_the_wording_decides_what_is_searched() -> None:
    ranker = Bm25Ranker(["Nets of wire", "Protein folding", "Roads"], Wording().text)
    place = make_place("how proteins fold")
    assert ranker.rank([place], on_progress=quiet).first[0] == 1
    titled = ranker.reworded(Wording(title=True, before_chars=0, after_chars=0).text)
    assert titled.rank([place], on_progress=quiet).first[0] == 0


def test_candidates_without_words_are_refused() -> None:
    with pytest.raises(InputError, match="no candidate has a word"):
        Bm25Ranker(["", "—"], Wording().text)
