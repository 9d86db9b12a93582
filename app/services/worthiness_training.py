"""Training and measuring of the model that says which sentences need a citation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.worthiness.measure import PartReport
    from training.worthiness.ship import WorthinessReport

Progress = Callable[[str, int, int], None]


def train_worthiness(
    train: Sequence[Path], dev: Sequence[Path], out: Path, *, seed: int | None, every: int | None, command: str,
    on_progress: Progress,
) -> WorthinessReport:  # fmt: skip
    """Train by the recipe, with another seed or share of the papers when given, and write the model's folder.

    Raises:
        GalaciteError: Corpus or disk do not allow it, or no threshold is precise enough.
    """
    from training.worthiness.ship import train_and_ship
    from training.worthiness.train import Recipe

    recipe = Recipe()
    recipe = replace(recipe, seed=recipe.seed if seed is None else seed, every=every or recipe.every)
    return train_and_ship(train, dev, out, recipe, command=command, on_progress=on_progress)


def evaluate_worthiness(
    test: Sequence[Path], *, folder: Path | None, every: int, seed: int, on_progress: Progress
) -> list[PartReport]:
    """Measure a model, the shipped one by default, on corpus files.

    Raises:
        GalaciteError: Model or corpus cannot be read.
    """
    from model.worthiness import SHIPPED, load_worthiness
    from training.worthiness.measure import evaluate

    return evaluate(load_worthiness(folder or SHIPPED), test, every=every, seed=seed, on_progress=on_progress)
