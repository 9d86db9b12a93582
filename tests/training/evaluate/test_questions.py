from __future__ import annotations

import pytest

from core.errors import InputError
from tests.training.evaluate.papers import make_paper, quiet
from training.contexts import CitedWork
from training.corpus.records import SourcePaper
from training.evaluate.questions import Exam, prepare
from training.evaluate.ranking import NOBODY

TRAIN = [
    make_paper(1, ["Nets learn [1] well. Trees are old [2]."], ["Deep Nets", "Old Trees"], abstract="About nets."),
    make_paper(2, ["Again nets [1]. And once more [1]."], ["Deep Nets", "Never Cited"]),
]
TEST = [
    make_paper(7, ["We use nets [1] and graphs [2, 1]."], ["Deep nets.", "New Graphs"]),
    make_paper(8, ["Trees grow [1]."], ["Old Trees"]),
]


def asked(train: list[SourcePaper] = TRAIN, test: list[SourcePaper] = TEST, *, sample: int = 0, seed: int = 1) -> Exam:
    return prepare(train, test, sample=sample, dev_sample=0, seed=seed, on_progress=quiet)


def test_candidates_are_the_works_of_all_lists() -> None:
    exam = asked()
    assert [work.key for work in exam.candidates] == ["deepnets", "nevercited", "newgraphs", "oldtrees"]
    assert exam.learned.counts.tolist() == [2, 0, 0, 1]
    assert exam.learned.papers == 2
    assert exam.learned.places == 4
    assert exam.notices == ()


def test_works_of_training_are_spelled_as_there_whatever_the_test_says() -> None:
    test = [make_paper(n, ["Nets [1] and graphs [2]."], ["DEEP nets", "New Graphs"]) for n in range(5, 9)]
    titles = [work.title for work in asked(test=test).candidates]
    assert titles == ["Deep Nets", "Never Cited", "New Graphs", "Old Trees"]


def test_every_place_and_target_is_a_pair() -> None:
    exam = asked()
    keys = [exam.candidates[target].key for target in exam.test.target]
    assert list(zip(exam.test.place.tolist(), keys, strict=True)) == [
        (0, "deepnets"), (1, "newgraphs"), (1, "deepnets"), (2, "oldtrees"),
    ]  # fmt: skip
    assert exam.test.paper.tolist() == [0, 0, 0, 1]
    assert exam.test.papers == 2
    assert exam.test.right == (frozenset({0}), frozenset({0, 2}), frozenset({3}))
    assert exam.test.most_hit1 == 0.75, "two pairs share a place"


def test_markers_side_by_side_are_right_for_each_other() -> None:
    exam = asked(test=[make_paper(7, ["We use nets [1] [2] and trees [2]."], ["Deep Nets", "Old Trees"])])
    assert len(exam.test.places) == 3
    assert exam.test.right == (frozenset({0, 2}), frozenset({0, 2}), frozenset({2}))
    assert exam.test.most_hit1 == pytest.approx(2 / 3)


def test_a_sample_is_drawn_from_the_pairs() -> None:
    exam = asked(sample=2, seed=3)
    assert len(exam.test.target) == 2
    assert len(exam.test.places) == len(set(exam.test.place.tolist()))
    again = asked(sample=2, seed=3)
    assert again.test.places == exam.test.places
    assert again.test.target.tolist() == exam.test.target.tolist()
    drawn = {tuple(asked(sample=2, seed=seed).test.target.tolist()) for seed in range(12)}
    assert len(drawn) > 1
    assert len(asked(sample=99).test.target) == 4


def test_papers_of_training_are_no_test() -> None:
    exam = asked(test=[*TEST, TRAIN[0]])
    assert exam.notices == ("1 of 3 test papers are also in training and are left out",)
    assert len(exam.test.target) == 4


def test_a_test_that_is_the_training_leaves_nothing_to_ask() -> None:
    with pytest.raises(InputError, match="no place to ask about"):
        asked(test=TRAIN)


def test_dev_leaves_out_both() -> None:
    exam = prepare(TRAIN, TEST, [*TEST, make_paper(9, ["Trees [1]."], ["Old Trees"])],
                   sample=0, dev_sample=0, seed=1, on_progress=quiet)  # fmt: skip
    assert exam.dev is not None
    assert len(exam.dev.places) == 1
    assert exam.notices == ("2 of 3 dev papers are also in training or test and are left out",)


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(InputError, match="no paper to learn from"):
        asked(train=[])


def test_papers_without_citations_are_refused() -> None:
    with pytest.raises(InputError, match="no place to ask about"):
        asked(test=[make_paper(3, ["Nothing is cited."], ["Deep Nets"])])


def test_titles_that_are_named_are_the_candidates_and_targets_beyond_them_are_missed() -> None:
    def only_nets(works: object) -> list[CitedWork]:
        return [CitedWork(key="deepnets", title="Deep Nets", surname="Byron")]

    exam = prepare(TRAIN, TEST, titles=only_nets, sample=0, dev_sample=0, seed=1, on_progress=quiet)
    assert exam.test.target.tolist() == [0, NOBODY, 0, NOBODY]
    assert exam.notices == ("2 of 4 pairs ask for a work that is not among the titles",)
    assert exam.learned.contexts.keys() == {"deepnets"}


def test_titles_without_any_target_are_refused() -> None:
    def others(works: object) -> list[CitedWork]:
        return [CitedWork(key="other", title="Other", surname="")]

    with pytest.raises(InputError, match="none of the 4 works"):
        prepare(TRAIN, TEST, titles=others, sample=0, dev_sample=0, seed=1, on_progress=quiet)


def test_abstracts_belong_to_candidates() -> None:
    cited_paper = make_paper(5, ["See trees [1]."], ["Old Trees"], title="Deep Nets", abstract="How nets learn.")
    exam = asked(train=[*TRAIN, cited_paper])
    assert exam.learned.abstracts == {"deepnets": "How nets learn."}


def test_progress_counts_papers() -> None:
    told: list[tuple[str, int, int]] = []
    prepare(TRAIN, TEST, sample=0, dev_sample=0, seed=1, on_progress=lambda *each: told.append(each))
    assert told == [
        ("reading training", 1, 0), ("reading training", 2, 0), ("reading test", 1, 0), ("reading test", 2, 0),
    ]  # fmt: skip
