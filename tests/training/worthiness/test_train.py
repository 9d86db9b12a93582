from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, ModelError, StorageError
from model.worthiness import SETTINGS_NAME, WEIGHTS_NAME, Sentence, load_worthiness
from tests.training.worthiness.drafts import write_corpus
from training.worthiness.measure import calibration_error, curve, evaluate, threshold_for
from training.worthiness.ship import WorthinessReport, platt, train_and_ship
from training.worthiness.train import Recipe, read_examples

RECIPE = Recipe(every=1, strength=10.0)


def trained(folder: Path, recipe: Recipe = RECIPE) -> WorthinessReport:
    train = write_corpus(folder / "sea.train.jsonl", range(12))
    dev = write_corpus(folder / "sea.dev.jsonl", range(50, 56))
    return train_and_ship([train], [dev], folder / "out", recipe, command="galacite train worthiness")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> WorthinessReport:
    return trained(tmp_path_factory.mktemp("worthiness"))


def test_what_is_shipped_tells_the_sentences_that_cite(report: WorthinessReport, tmp_path: Path) -> None:
    test = write_corpus(tmp_path / "sea.test.jsonl", range(80, 86))
    [found] = evaluate(load_worthiness(report.out), [test])
    always, keywords, model, unnamed = found.operating
    assert always.precision.value == pytest.approx(found.rate)
    assert always.recall.value == keywords.recall.value == 1.0
    assert model.precision.value >= 0.95
    assert model.recall.value >= 0.95
    assert model.precision.low <= model.precision.value <= model.precision.high
    assert (unnamed.precision, unnamed.recall) == (model.precision, model.recall)
    assert found.average_precision.value > 0.98
    assert found.ece < 0.1


def test_a_caller_may_know_the_text_alone(report: WorthinessReport) -> None:
    model = load_worthiness(report.out)
    citing = Sentence("It is widely known that limpets depend on kelp near the coast.")
    own = Sentence("We counted limpets and kelp on every second day of the month.")
    needs, needs_not = model.probabilities([citing, own])
    assert needs > model.threshold > needs_not


def test_the_same_seed_gives_the_same_bytes_and_another_others(report: WorthinessReport, tmp_path: Path) -> None:
    assert trained(tmp_path).sha256 == report.sha256
    assert trained(tmp_path, Recipe(every=1, strength=10.0, seed=6)).sha256 != report.sha256


def test_the_card_tells_data_command_and_figures(report: WorthinessReport) -> None:
    card = (report.out / "README.md").read_text("utf-8")
    assert "| sea.train | 12 |" in card
    assert "CC0" in card
    assert "galacite train worthiness" in card
    assert "| sea.dev |" in card
    assert report.size_bytes < 4_000_000


def test_every_second_paper_is_chosen(tmp_path: Path) -> None:
    path = write_corpus(tmp_path / "sea.jsonl", range(5))
    assert [paper.id for _, paper, _ in read_examples([path], 2)] == ["1", "3"]


def test_a_corpus_without_citations_is_refused(tmp_path: Path) -> None:
    empty = write_corpus(tmp_path / "empty.jsonl", range(2), sentences=0)
    with pytest.raises(InputError, match="too few"):
        train_and_ship([empty], [empty], tmp_path / "out", RECIPE, command="")


def test_a_precision_that_is_out_of_reach_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no threshold reaches"):
        trained(tmp_path, Recipe(every=1, precision=1.1))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    train = write_corpus(tmp_path / "sea.train.jsonl", range(4))
    with pytest.raises(StorageError, match="cannot be written"):
        train_and_ship([train], [train], tmp_path / "file" / "out", RECIPE, command="")


def test_the_threshold_is_the_lowest_that_is_precise_enough() -> None:
    cites = np.array([True, True, False, True, False, False])
    scores = np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
    assert threshold_for(0.75, cites, scores) == 3.0
    assert threshold_for(0.9, cites, scores) == 5.0
    assert threshold_for(0.9, ~cites[:1], scores[:1]) == float("inf")


def test_the_curve_gives_precision_where_a_recall_is_reached() -> None:
    cites = np.array([True, False] * 10)
    points = curve(cites, np.arange(20.0)[::-1])
    assert points[2] == (0.4, pytest.approx(4 / 7), 13.0)


def test_platt_finds_the_curve_that_the_labels_were_drawn_from() -> None:
    draw = np.random.default_rng(3)
    scores = draw.normal(size=40_000) * 3
    cites = draw.random(40_000) < 1 / (1 + np.exp(-(0.5 * scores - 1.0)))
    slope, shift = platt(scores, cites, np.ones(len(scores)))
    assert (slope, shift) == (pytest.approx(0.5, abs=0.03), pytest.approx(-1.0, abs=0.05))
    assert calibration_error(cites, 1 / (1 + np.exp(-(slope * scores + shift)))) < 0.02


@pytest.mark.parametrize("name", [WEIGHTS_NAME, SETTINGS_NAME])
def test_damage_is_told_with_a_way_out(name: str, report: WorthinessReport, tmp_path: Path) -> None:
    out = shutil.copytree(report.out, tmp_path / "out")
    content = bytearray((out / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (out / name).write_bytes(bytes(content))
    with pytest.raises(ModelError) as told:
        load_worthiness(out).probabilities([Sentence("Otters dive in winter.")])
    assert told.value.hint
