from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.records import Scored
from model.suggestion_ranker import Candidate, SuggestionRanker, describe, joined, write_weights
from tests.training.evaluate.papers import make_place
from training.suggest.fit import examples, fit
from training.suggest.lists import Lists

PLACES = [make_place(f"Thing number {number} is told") for number in range(40)]
KNOWN = {id_: Candidate(title=f"Work {id_}", cited_by=id_ % 3) for id_ in range(60)}


def lists_of(number: int) -> Lists:
    """The right work, which is ``number``, is first by meaning; words bring two others before it."""
    others = [(number + 17) % 60, (number + 31) % 60]
    words = [Scored(id=id_, score=9.0 - place) for place, id_ in enumerate([*others, number])]
    return {"bm25": words, "dense": [Scored(id=number, score=0.9), Scored(id=others[0], score=0.3)]}


LISTS = [lists_of(number) for number in range(40)]
RIGHT = [frozenset({number}) for number in range(40)]


def test_the_ranker_that_is_right_is_believed() -> None:
    data = examples(("bm25", "dense"), LISTS, PLACES, RIGHT, KNOWN)
    weights = fit(("bm25", "dense"), data)
    found = joined(weights, describe(LISTS[5], KNOWN, before="", after="", size=60))
    assert found.works[0].id == 5
    assert found.works[0].score > 0.8
    alone = fit(("bm25",), examples(("bm25",), LISTS, PLACES, RIGHT, KNOWN))
    by_words = joined(alone, describe({"bm25": LISTS[5]["bm25"]}, KNOWN, before="", after="", size=60))
    assert by_words.works[0].id == 5, "the third is always right: even that can be learnt"


def test_none_is_learnt_from_places_whose_works_are_taken_away() -> None:
    data = examples(("bm25", "dense"), LISTS, PLACES, RIGHT, KNOWN)
    assert [bool(each.right.any()) for each in data] == [True, False] * 40
    weights = fit(("bm25", "dense"), data)
    lacking = {id_: work for id_, work in KNOWN.items() if id_ != 5}
    there = joined(weights, describe(LISTS[5], KNOWN, before="", after="", size=60)).none
    gone = joined(weights, describe(LISTS[5], lacking, before="", after="", size=60)).none
    assert gone > 0.5 > there


def test_being_cited_often_never_speaks_against_a_work() -> None:
    rare = {id_: Candidate(title=f"Work {id_}", cited_by=1 if id_ < 40 else 100) for id_ in range(60)}
    chosen = [number for number in range(40) if number + 17 >= 40 or number + 31 >= 40]
    data = examples(
        ("bm25",), [LISTS[n] for n in chosen], [PLACES[n] for n in chosen], [RIGHT[n] for n in chosen], rare
    )
    assert fit(("bm25",), data).works["cited"] == 0.0


def test_the_same_data_give_the_same_weights() -> None:
    data = examples(("dense",), LISTS, PLACES, RIGHT, KNOWN)
    assert fit(("dense",), data) == fit(("dense",), data)


def test_nothing_to_learn_from_is_said() -> None:
    data = examples(("dense",), LISTS[:2], PLACES[:2], [frozenset({59}), frozenset()], KNOWN)
    with pytest.raises(InputError, match="no place"):
        fit(("dense",), data)
    with pytest.raises(InputError, match="no place"):
        fit(("dense",), [])


def test_a_place_without_any_list_is_borne(tmp_path: Path) -> None:
    empty: Lists = {"bm25": [], "dense": []}
    data = examples(("bm25", "dense"), [*LISTS, empty], [*PLACES, make_place()], [*RIGHT, frozenset({1})], KNOWN)
    weights = fit(("bm25", "dense"), data)
    write_weights(tmp_path, [weights])
    found = SuggestionRanker(tmp_path).join(empty, KNOWN, before="", after="", size=60)
    assert found.none == 1.0
    assert np.isfinite(list(weights.works.values())).all()
