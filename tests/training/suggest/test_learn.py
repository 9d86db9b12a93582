from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, StorageError
from model.suggestion_ranker import SuggestionRanker, Weights, place_features, work_features
from tests.training.evaluate.papers import make_paper, quiet
from training.evaluate.questions import prepare
from training.suggest.learn import Learnt, Library, partly_untitled, small_exam
from training.suggest.ship import CARD_NAME, ship

TITLES = [f"Work number {number}" for number in range(40)]
TRAIN = [make_paper(number, [f"Told of {number} [1]."], [TITLES[number]]) for number in range(40)]
DEV = [make_paper(100, [f"Asked of {number} [{number + 1}]." for number in range(40)], TITLES)]


def test_a_small_library_knows_what_its_few_papers_cite_and_is_asked_for_nothing_else() -> None:
    exam = small_exam(iter(TRAIN), iter(DEV), sample=50, seed=1, on_progress=quiet)
    assert 0 < len(exam.candidates) < 10
    assert len(exam.test.places) == len(exam.candidates)
    assert all(len(right) == 1 for right in exam.test.right)
    assert exam.learned.counts.tolist() == [1] * len(exam.candidates)
    again = small_exam(iter(TRAIN), iter(DEV), sample=50, seed=1, on_progress=quiet)
    assert [work.key for work in again.candidates] == [work.key for work in exam.candidates]
    one = small_exam(iter(TRAIN), iter(DEV), sample=1, seed=1, on_progress=quiet)
    assert len(one.test.places) == 1


def test_a_library_that_no_place_cites_is_said() -> None:
    elsewhere = [make_paper(100, ["Nothing known [1]."], ["Another work altogether"])]
    with pytest.raises(InputError):
        small_exam(iter(TRAIN), iter(elsewhere), sample=5, seed=1, on_progress=quiet)


def test_questions_at_some_places_keep_their_pairs() -> None:
    exam = prepare(TRAIN, DEV, sample=0, dev_sample=0, seed=1, on_progress=quiet)
    chosen = exam.test.only([3, 30])
    assert chosen.places == (exam.test.places[3], exam.test.places[30])
    assert chosen.place.tolist() == [0, 1]
    np.testing.assert_array_equal(chosen.target, exam.test.target[[3, 30]])
    assert [set(right) for right in chosen.right] == [{chosen.target[0]}, {chosen.target[1]}]


def test_of_every_fourth_place_the_title_is_untold() -> None:
    exam = partly_untitled(prepare(TRAIN, DEV, sample=0, dev_sample=0, seed=1, on_progress=quiet))
    untold = [number for number, place in enumerate(exam.test.places) if not place.title]
    assert untold == list(range(0, 40, 4))


def test_weights_are_shipped_with_a_card(tmp_path: Path) -> None:
    weights = Weights(
        rankers=("bm25",),
        works=dict.fromkeys(work_features(("bm25",)), 0.25),
        none=dict.fromkeys(place_features(("bm25",)), -0.5),
    )
    learnt = Learnt(sets=(weights,), libraries=(Library(works=4_000, places=30, papers=7),))
    ship(tmp_path / "new", learnt, dev=["elife.dev"], command="galacite train suggestions")
    assert SuggestionRanker(tmp_path / "new").weights_for(["bm25"]) == weights
    card = (tmp_path / "new" / CARD_NAME).read_text()
    for told in ("elife.dev", "30 places of 7 papers", "4,000 works", "| bm25.gap | 0.250 |", "| size | -0.500 |"):
        assert told in card
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        ship(tmp_path / "file", learnt, dev=[], command="")
