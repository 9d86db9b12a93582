from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from core.records import Scored
from model.suggestion_ranker import (
    DEPTH,
    RANKERS,
    WEIGHTS_NAME,
    Candidate,
    SuggestionRanker,
    Weights,
    describe,
    joined,
    near_words,
    place_features,
    wide_words,
    work_features,
    write_weights,
)

KNOWN = {
    1: Candidate(title="Deep nets for images", surname="Byron", cited_by=9),
    2: Candidate(title="ImNet: a large set of pictures", surname="Li", cited_by=3),
    3: Candidate(title="Old trees in forests", surname="Wood"),
}


def ranking(*pairs: tuple[int, float]) -> list[Scored]:
    return [Scored(id=id_, score=score) for id_, score in pairs]


LISTS = {"bm25": ranking((1, 8.0), (3, 4.0)), "dense": ranking((2, 0.8), (1, 0.7))}


def weights(rankers: tuple[str, ...], **of_works: float) -> Weights:
    told = {name: of_works.get(name.replace(".", "_"), 0.0) for name in work_features(rankers)}
    return Weights(rankers=rankers, works=told, none=dict.fromkeys(place_features(rankers), 0.0))


def column(name: str, *, before: str = "", after: str = "") -> dict[int, float]:
    found = describe(LISTS, KNOWN, before=before, after=after, size=100)
    place = work_features(tuple(LISTS)).index(name)
    return dict(zip(found.ids, found.works[:, place].tolist(), strict=True))


def test_ranks_gaps_and_agreement_of_a_place() -> None:
    assert column("bm25.rank") == pytest.approx({1: 0.0, 3: -math.log(2), 2: -math.log(2 * DEPTH)})
    assert column("bm25.gap") == {1: 0.0, 3: -0.5, 2: -0.5}, "what is not listed is no better than the last that is"
    assert column("dense.gap") == pytest.approx({1: -1.0, 3: -1.0, 2: 0.0})
    assert column("dense.absent") == {1: 0.0, 3: 1.0, 2: 0.0}
    assert column("dense.first") == {1: 0.0, 3: 0.0, 2: 1.0}
    assert column("lists") == {1: 2.0, 3: 1.0, 2: 1.0}
    assert column("cited") == pytest.approx({1: math.log(9), 3: 0.0, 2: math.log(3)})


def test_names_beside_the_place() -> None:
    assert column("surname", before="as Byron showed") == {1: 1.0, 3: 0.0, 2: 0.0}
    assert column("surname", before="as byróns showed") == {1: 0.0, 3: 0.0, 2: 0.0}
    assert column("surname", before="by Li") == {1: 0.0, 3: 0.0, 2: 0.0}, "two letters stand anywhere"
    assert column("name", before="trained on ImNet") == {1: 0.0, 3: 0.0, 2: 1.0}
    assert column("name", before="trained on imnet") == {1: 0.0, 3: 0.0, 2: 0.0}, "names are written in one way"
    far = "ImNet " + "and so on " * 20
    assert column("name", before=far) == {1: 0.0, 3: 0.0, 2: 0.0}
    assert column("covered", before="deep woods", after="of images")[1] == pytest.approx(2 / 3)


def test_what_is_not_known_is_no_candidate_and_takes_no_rank() -> None:
    lists = {"bm25": ranking((7, 9.0), (3, 4.0))}
    found = describe(lists, KNOWN, before="", after="", size=100)
    assert found.ids == (3,)
    assert found.works[0, work_features(("bm25",)).index("bm25.first")] == 1.0


def test_probabilities_sum_to_one_with_none() -> None:
    found = joined(weights(tuple(LISTS), bm25_rank=1.0), describe(LISTS, KNOWN, before="", after="", size=100))
    assert [each.id for each in found.works] == [1, 3, 2]
    assert sum(each.score for each in found.works) + found.none == pytest.approx(1.0)


def test_nothing_is_found_where_no_ranker_finds_anything() -> None:
    found = joined(
        weights(("bm25", "dense")), describe({"bm25": [], "dense": []}, KNOWN, before="x", after="", size=100)
    )
    assert found.works == ()
    assert found.none == 1.0


def test_popularity_may_be_left_out() -> None:
    features = describe(LISTS, KNOWN, before="", after="", size=100)
    popular = weights(tuple(LISTS), cited=1.0)
    assert joined(popular, features).works[0].id == 1
    plain = joined(popular, features, popularity=False).works
    assert len({each.score for each in plain}) == 1


@given(
    st.dictionaries(
        st.sampled_from(sorted(RANKERS)),
        st.lists(st.tuples(st.integers(0, 5), st.floats(-1e6, 1e6)), max_size=6, unique_by=lambda pair: pair[0]),
        min_size=1,
    ),
    st.text(max_size=60),
)
def test_features_are_numbers_whatever_rankers_say(lists: dict[str, list[tuple[int, float]]], text: str) -> None:
    ordered = {name: ranking(*sorted(pairs, key=lambda pair: -pair[1])) for name, pairs in lists.items()}
    found = describe(ordered, KNOWN, before=text, after=text, size=100)
    assert found.works.shape == (len(found.ids), len(work_features(tuple(lists))))
    assert found.place.shape == (len(place_features(tuple(lists))),)
    assert np.isfinite(found.works).all()
    assert np.isfinite(found.place).all()


def test_weights_are_kept_by_set_of_rankers(tmp_path: Path) -> None:
    write_weights(tmp_path, [weights(("bm25",), bm25_rank=-1.0), weights(("bm25", "dense"), bm25_rank=1.0)])
    ranker = SuggestionRanker(tmp_path)
    backwards = {"dense": LISTS["dense"], "bm25": LISTS["bm25"]}
    assert ranker.join(backwards, KNOWN, before="", after="", size=100).works[0].id == 1
    assert ranker.join({"bm25": LISTS["bm25"]}, KNOWN, before="", after="", size=100).works[0].id == 3
    with pytest.raises(ModelError, match="no weights for dense"):
        ranker.weights_for(["dense"])


@pytest.mark.parametrize(
    "told",
    [
        "{", "[]", "{}", '{"sets": 3}', '{"sets": [{}]}', '{"sets": [{"rankers": ["other"], "works": {}, "none": {}}]}',
        '{"sets": [{"rankers": ["bm25"], "works": {}, "none": {}}]}',
        '{"sets": [{"rankers": ["bm25"], "works": 3, "none": {}}]}',
    ],
)  # fmt: skip
def test_damaged_weights_are_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / WEIGHTS_NAME).write_text(told)
    with pytest.raises(ModelError, match=WEIGHTS_NAME):
        SuggestionRanker(tmp_path).weights_for(["bm25"])


def test_a_weight_that_is_no_number_is_refused(tmp_path: Path) -> None:
    write_weights(tmp_path, [weights(("bm25",))])
    told = json.loads((tmp_path / WEIGHTS_NAME).read_text())
    told["sets"][0]["works"]["cited"] = float("nan")
    (tmp_path / WEIGHTS_NAME).write_text(json.dumps(told))
    with pytest.raises(ModelError, match="cited is nan"):
        SuggestionRanker(tmp_path).weights_for(["bm25"])


def test_near_words_are_said_more_often() -> None:
    before = "Far away things are told here, and then much that is of little use, until trees grow"
    assert near_words("On woods", before, "in time").split().count("trees") == 3
    assert near_words("On woods", before, "in time").split().count("Far") == 1
    assert wide_words("On woods", before, "in time").split().count("woods") == 2
