from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError, ModelError
from model.citation_encoder import load_citation_encoder
from model.config import EncoderConfig
from tests.training.encoder.worlds import write_world
from training.encoder.recipe import EncoderRecipe
from training.encoder.tune import TuningRequest, tune

RECIPE = EncoderRecipe(steps=3, batch=8, hard=4, frozen_layers=0, query_tokens=48, work_tokens=32)


def test_a_budget_stops_it_and_the_next_call_finishes_measures_and_ships(
    base_folder: Path, world: Path, tmp_path: Path
) -> None:
    dev = write_world(tmp_path / "world.dev.jsonl", range(50, 52))
    request = TuningRequest(train=[world], dev=[dev], run=tmp_path / "run", out=tmp_path / "out", command="train it")
    base = EncoderConfig(folder=base_folder)
    stopped = tune(base, RECIPE, replace(request, budget_s=1e-9), on_progress=_ignore)
    assert stopped.step < stopped.steps == 3
    assert not (tmp_path / "out").exists()
    report = tune(base, RECIPE, request, on_progress=_ignore)
    assert (report.step, report.places, report.works) == (3, 120, 24)
    assert set(report.found) == set(report.before) == {"world.dev"}
    assert load_citation_encoder(base, tmp_path / "out").name == report.name


def test_what_cannot_be_trained_is_told_before_anything_is_read(base_folder: Path, world: Path, tmp_path: Path) -> None:
    base = EncoderConfig(folder=base_folder)
    request = TuningRequest(train=[world], run=tmp_path / "run", out=tmp_path / "out")
    with pytest.raises(InputError, match="no corpus"):
        tune(base, RECIPE, replace(request, train=[]), on_progress=_ignore)
    with pytest.raises(InputError, match="2 shares for 1"):
        tune(base, RECIPE, replace(request, shares=[1.0, 2.0]), on_progress=_ignore)
    with pytest.raises(InputError, match="not above zero"):
        tune(base, RECIPE, replace(request, shares=[0.0]), on_progress=_ignore)
    with pytest.raises(ModelError, match="no such model folder"):
        tune(EncoderConfig(folder=tmp_path / "no-base"), RECIPE, request, on_progress=_ignore)


def test_recipes_that_cannot_learn_are_refused() -> None:
    with pytest.raises(InputError, match="at least one step"):
        EncoderRecipe(steps=0)
    with pytest.raises(InputError, match="learning rate"):
        EncoderRecipe(learning_rate=3.0)


def _ignore(what: str, done: int, total: int) -> None:
    pass
