"""Recipes: those that come along are the paper's, and wrong ones are refused with what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from model.galactica.config import opt_config
from training.train.recipe import load_recipe, recipe_names

# Galactica, arXiv:2211.09085, table 5: layers, width, heads, batch, rate, warm-up, and the named size.
PAPER = {
    "125m": (12, 768, 12, 500_000, 6e-4, 375_000_000, 125e6),
    "1.3b": (24, 2048, 32, 1_000_000, 2e-4, 375_000_000, 1.3e9),
    "6.7b": (32, 4096, 32, 2_000_000, 1.2e-4, 375_000_000, 6.7e9),
    "30b": (48, 7168, 56, 2_000_000, 1e-4, 375_000_000, 30e9),
    "120b": (96, 10240, 80, 2_000_000, 0.7e-5, 1_125_000_000, 120e9),
}


@pytest.mark.parametrize("name", PAPER)
def test_sizes_of_the_paper(name: str) -> None:
    layers, width, heads, batch, rate, warmup, parameters = PAPER[name]
    recipe = load_recipe(name)
    part, config = recipe.optimizer, opt_config(recipe.shape)
    assert (config.num_hidden_layers, config.hidden_size, config.num_attention_heads) == (layers, width, heads)
    assert (part.batch_tokens, part.learning_rate, part.warmup_tokens) == (batch, rate, warmup)
    assert (part.beta1, part.beta2, part.weight_decay, part.clip, part.final_share) == (0.9, 0.95, 0.1, 1.0, 0.1)
    assert (recipe.data.row_tokens, recipe.model.dropout, part.total_tokens) == (2048, 0.1, 450_000_000_000)
    assert recipe.shape.parameters() == pytest.approx(parameters, rel=0.05)


@pytest.mark.parametrize("name", recipe_names())
def test_recipes_that_come_along_are_consistent(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.note
    assert recipe.optimizer.warmup_tokens < recipe.optimizer.total_tokens
    assert recipe.batch_rows >= 1
    assert recipe.batch_rows % recipe.run.micro_rows == 0 or recipe.batch_rows > 100


def test_names() -> None:
    assert set(recipe_names()) == {"nano", "mini-cpu", "mini-gpu", *PAPER}


def test_values_are_changed_by_dotted_keys() -> None:
    recipe = load_recipe("nano", ["optimizer.learning_rate=0.5", "run.device=cpu", "seed=7", "run.compile=true"])
    assert (recipe.optimizer.learning_rate, recipe.run.device, recipe.seed, recipe.run.compile) == (0.5, "cpu", 7, True)
    assert load_recipe("nano").changes(recipe)["seed"] == (1, 7)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("optimizer.speed=1", "optimizer.speed"),
        ("optimizer.learning_rate=-1", "optimizer.learning_rate"),
        ("run.device=tpu", "run.device"),
        ("size=huge", "huge"),
        ("data.row_tokens=4096", "4096"),
        ("seed.of=1", "seed"),
        ("nonsense", "nonsense"),
        ("optimizer=1", "optimizer"),
    ],
)
def test_wrong_values_are_named(change: str, named: str) -> None:
    with pytest.raises(InputError, match=named) as caught:
        load_recipe("nano", [change])
    assert caught.value.hint


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'size = "nano"\n[data]\nrow_tokens = 64\n'
        "[optimizer]\nlearning_rate = 1e-3\nbatch_tokens = 128\nwarmup_tokens = 0\ntotal_tokens = 1000\n"
    )
    assert load_recipe(str(path)).name == "own"
    path.write_text("size = ")
    with pytest.raises(InputError, match="cannot be read"):
        load_recipe(str(path))
    with pytest.raises(InputError, match="no such recipe") as caught:
        load_recipe("missing")
    assert "nano" in caught.value.hint
