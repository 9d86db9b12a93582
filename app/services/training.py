"""Training and measuring of the models that are trained here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    from training.references.evaluate import ReferenceScores
    from training.references.train import TrainingReport

Progress = Callable[[str, int, int], None]


def train_references(
    data: Path, out: Path | None, *, seed: int | None, passes: int | None, on_progress: Progress
) -> TrainingReport:
    """Train the labeller of reference strings; ``out`` is the shipped model's folder when not given.

    Raises:
        InputError: Data is missing, or what renders styles is not installed.
    """
    from indexer.references.labeller import WEIGHTS
    from training.references.train import Recipe, train

    recipe = Recipe()
    recipe = replace(recipe, seed=recipe.seed if seed is None else seed, passes=passes or recipe.passes)
    try:
        return train(data, out or WEIGHTS, recipe, on_progress=on_progress)
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name}: not installed", hint="pip install 'galacite[training]'") from error


def measure_references(data: Path, out: Path | None, *, part: str, on_progress: Progress) -> ReferenceScores:
    """Measure a labeller of reference strings on files that training has not seen.

    Raises:
        InputError: Data or model is missing, or there is no such part.
    """
    from indexer.references.labeller import MODEL_NAME, load_labeller, shipped_labeller
    from training.references.evaluate import evaluate

    if part not in ("test", "dev"):
        raise InputError(f"no part {part}", hint="The parts are test and dev.")
    if out is not None and not (out / MODEL_NAME).is_file():
        raise InputError(f"{out}: no model there", hint="Train one: galacite train references --data DATA --out FOLDER")
    labeller = shipped_labeller() if out is None else load_labeller(out)
    return evaluate(
        data, part=part, labeller=labeller, on_progress=lambda done, total: on_progress("measuring", done, total)
    )
