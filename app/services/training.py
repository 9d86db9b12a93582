"""Training and measuring of the models that are trained here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    from training.references.evaluate import ReferenceScores
    from training.references.train import TrainingReport
    from training.train.loop import StepNews
    from training.train.pretrain import Pretrained

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


def train_model(
    name: str,
    *,
    data: Path | None,
    out: Path | None,
    resume: bool,
    time_budget: str,
    changes: Sequence[str],
    command: str,
    on_step: Callable[[StepNews], None] | None = None,
) -> Pretrained:
    """Train the citation model by a recipe.

    Args:
        name: A shipped recipe, or a TOML file.
        data: A corpus as ``galacite corpus build`` makes it.
        out: Folder of the run; ``training-NAME`` in the working folder when None.
        resume: Go on with the run that is there.
        time_budget: When to stop, such as ``90m``; empty for never.
        changes: ``key=value`` each, to change the recipe.
        command: How this was started, for the model card.
        on_step: Told after each step.

    Raises:
        GalaciteError: Recipe, data, folder or disk do not allow it; or the loss broke down.
    """
    from training.train.pretrain import open_corpus, pretrain
    from training.train.recipe import load_recipe, recipe_names
    from training.train.stop import parse_duration

    if not name:
        raise InputError("no recipe named", hint=f"Give one: galacite train --recipe {' | '.join(recipe_names())}")
    recipe = load_recipe(name, changes)
    if data is None:
        raise InputError("no data named", hint="Build a corpus: galacite corpus build")
    budget_s = parse_duration(time_budget) if time_budget else None
    return pretrain(
        recipe,
        open_corpus(data),
        out or Path(f"training-{recipe.name}"),
        resume=resume,
        budget_s=budget_s,
        tensorboard=_has_tensorboard(),
        command=command,
        on_step=on_step,
    )


def _has_tensorboard() -> bool:
    return find_spec("tensorboard") is not None
