from __future__ import annotations

from pathlib import Path

import pytest

from model.galactica.galactica import Galactica
from model.suggestion_ranker import SuggestionRanker, write_weights
from tests.training.evaluate.papers import make_paper, quiet
from tests.training.evaluate.test_citations import NAMES, TEST, TITLES, TRAIN, CountingEncoder
from training.evaluate import lineup
from training.evaluate.measures import MEASURES
from training.evaluate.questions import Exam, prepare
from training.suggest.evaluate import Setup, evaluate_suggestions
from training.suggest.learn import Lesson, Library, all_lists, learn

DEV = [make_paper(21, ["Trees are old in forests [2].", "Roads make graphs [4].", "Deep nets see [1]."], TITLES)]
SINGLE = ["suggest-bm25", "suggest-near", "suggest-dense"]


@pytest.fixture(scope="module")
def dev() -> Exam:
    return prepare(TRAIN, DEV, sample=0, dev_sample=0, seed=1, on_progress=quiet)


@pytest.fixture(scope="module")
def exam() -> Exam:
    return prepare(TRAIN, TEST, sample=0, dev_sample=0, seed=1, on_progress=quiet)


def test_each_set_of_rankers_gets_weights(dev: Exam, nano: Galactica, tmp_path: Path) -> None:
    lists = all_lists(dev, CountingEncoder(), nano, tmp_path, quiet)
    assert [list(one) for one in lists] == [["bm25", "near", "dense", "model"]] * 3
    learnt = learn([Lesson(exam=dev, lists=lists), Lesson(exam=dev, lists=lists)], quiet)
    assert len({each.rankers for each in learnt.sets}) == 15
    assert learnt.sets[-1].rankers == ("bm25", "near", "dense", "model")
    assert learnt.libraries == (Library(works=4, places=3, papers=1),) * 2


def test_single_rankers_and_joined_ones_side_by_side(exam: Exam, dev: Exam, nano: Galactica, tmp_path: Path) -> None:
    encoder = CountingEncoder()
    write_weights(
        tmp_path, learn([Lesson(exam=dev, lists=all_lists(dev, encoder, nano, tmp_path / "dev", quiet))], quiet).sets
    )
    setup = Setup(encoder=encoder, model=nano, ranker=SuggestionRanker(tmp_path))
    report = evaluate_suggestions(
        exam, setup, [lineup.bm25_titles], names=NAMES, seed=1, folder=tmp_path / "test", out=tmp_path / "out",
        on_progress=quiet,
    )  # fmt: skip
    names = [row.about.name for row in report.rankings.rows]
    assert names[2:] == [
        *SINGLE, "suggest-model", "suggest-rrf", "suggest-joined-no-bm25", "suggest-joined-no-near",
        "suggest-joined-no-dense", "suggest-joined-no-model", "suggest-joined-no-title", "suggest-joined-no-profiles",
        "suggest-joined-no-popularity", "suggest-joined",
    ]  # fmt: skip
    last = report.rankings.rows[-1]
    assert last.differences is not None
    assert last.differences.keys() == set(MEASURES)
    assert last.measures["recall@10"].value == 1.0, "four candidates are all ranked"
    assert len(last.calibration) == 1
    assert report.none.places == 4
    assert 0 <= report.none.auc <= 1
    assert 0 <= report.none.calibration.ece <= 1
    assert (tmp_path / "out" / "citations.md").is_file()
