from __future__ import annotations

import json
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.errors import InputError, ModelError
from training.encoder import train as loop
from training.encoder.pairs import CitationPairs
from training.encoder.recipe import EncoderRecipe
from training.encoder.state import STATE_NAME, load_state
from training.encoder.train import LOG_NAME, RunOptions, train_encoder

RECIPE = EncoderRecipe(
    steps=12, batch=8, hard=4, learning_rate=2e-3, warm_up=2, frozen_layers=0, micro_batch=8, query_tokens=48,
    work_tokens=32, seed=5,
)  # fmt: skip


def test_it_learns_a_few_places_by_heart(base_folder: Path, pairs: CitationPairs, tmp_path: Path) -> None:
    by_target = {place.targets[0]: place for place in pairs.sources[0].places}
    few = replace(pairs, sources=(replace(pairs.sources[0], places=list(by_target.values())[:8]),))
    recipe = replace(RECIPE, steps=60, hard=0)
    _, run = train_encoder(base_folder, few, recipe, RunOptions(folder=tmp_path, lanes=2))
    assert run.finished
    assert run.loss is not None
    assert run.loss < 0.6 * run.losses[0]


def test_a_resumed_run_equals_an_uninterrupted_one(base_folder: Path, pairs: CitationPairs, tmp_path: Path) -> None:
    whole_encoder, whole = train_encoder(base_folder, pairs, RECIPE, RunOptions(folder=tmp_path / "whole"))
    options = RunOptions(folder=tmp_path / "parts")
    _, first = train_encoder(base_folder, pairs, RECIPE, replace(options, on_step=_stop_at(5)))
    assert (first.step, first.finished) == (5, False)
    encoder, second = train_encoder(base_folder, pairs, RECIPE, options)
    assert first.losses + second.losses == whole.losses
    for name, master in whole_encoder.masters.items():
        assert torch.equal(master, encoder.masters[name]), name


def test_a_time_budget_ends_a_run_in_good_order(base_folder: Path, pairs: CitationPairs, tmp_path: Path) -> None:
    _, run = train_encoder(base_folder, pairs, RECIPE, RunOptions(folder=tmp_path, budget_s=1e-9))
    assert not run.finished
    state = load_state(tmp_path)
    assert state is not None
    assert state.step == run.step


def test_each_step_is_logged(base_folder: Path, pairs: CitationPairs, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    options = RunOptions(
        folder=tmp_path, on_step=lambda done, total: told.append((done, total)), on_checkpoint=lambda *_: {"hit1": 0.5}
    )
    train_encoder(base_folder, pairs, replace(RECIPE, steps=2), options)
    lines = [json.loads(line) for line in (tmp_path / LOG_NAME).read_text().splitlines()]
    assert told == [(1, 2), (2, 2)]
    assert [line["step"] for line in lines] == [1, 2, 2]
    assert lines[0]["loss"] > 0
    assert lines[-1]["hit1"] == 0.5


def test_a_loss_that_is_not_finite_leaves_the_last_checkpoint(
    base_folder: Path, pairs: CitationPairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_encoder(base_folder, pairs, RECIPE, RunOptions(folder=tmp_path, on_step=_stop_at(2)))
    before = (tmp_path / STATE_NAME).read_bytes()
    monkeypatch.setattr(loop, "contrast", lambda queries, *_, scale: queries.sum() * float("nan"))
    with pytest.raises(ModelError, match="nan") as error:
        train_encoder(base_folder, pairs, RECIPE, RunOptions(folder=tmp_path))
    assert "learning-rate" in error.value.hint
    assert (tmp_path / STATE_NAME).read_bytes() == before


def test_another_recipe_or_other_data_are_not_resumed(base_folder: Path, pairs: CitationPairs, tmp_path: Path) -> None:
    options = RunOptions(folder=tmp_path)
    train_encoder(base_folder, pairs, RECIPE, replace(options, on_step=_stop_at(2)))
    with pytest.raises(InputError, match="another recipe"):
        train_encoder(base_folder, pairs, replace(RECIPE, seed=6), options)
    with pytest.raises(InputError, match="other pairs"):
        train_encoder(base_folder, replace(pairs, sources=(replace(pairs.sources[0], share=2.0),)), RECIPE, options)


def test_a_run_may_be_made_longer_before_its_rate_falls(
    base_folder: Path, pairs: CitationPairs, tmp_path: Path
) -> None:
    options = RunOptions(folder=tmp_path)
    train_encoder(base_folder, pairs, RECIPE, replace(options, on_step=_stop_at(3)))
    _, run = train_encoder(base_folder, pairs, replace(RECIPE, steps=14), replace(options, on_step=_stop_at(13)))
    assert run.step == 13
    with pytest.raises(InputError, match="another recipe"):
        train_encoder(base_folder, pairs, replace(RECIPE, steps=30), options)


def test_a_damaged_checkpoint_is_told(base_folder: Path, pairs: CitationPairs, tmp_path: Path) -> None:
    (tmp_path / STATE_NAME).write_bytes(b"no tensors")
    with pytest.raises(ModelError, match="cannot be resumed"):
        train_encoder(base_folder, pairs, RECIPE, RunOptions(folder=tmp_path))


def test_the_rate_rises_stays_and_falls_to_zero() -> None:
    recipe = EncoderRecipe(steps=100, warm_up=10, decay=0.5, learning_rate=1e-3)
    assert recipe.rate(0) == pytest.approx(1e-4)
    assert recipe.rate(9) == recipe.rate(50) == pytest.approx(1e-3)
    assert recipe.rate(75) == pytest.approx(5e-4)
    assert recipe.rate(99) == pytest.approx(2e-5)
    assert recipe.first_falling == 50


def _stop_at(step: int) -> Callable[[int, int], None]:
    def on_step(done: int, total: int) -> None:
        if done == step:
            signal.raise_signal(signal.SIGTERM)

    return on_step
