"""Tuning of the encoder that finds what to cite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from model.config import EncoderConfig

if TYPE_CHECKING:
    from training.encoder.tune import TuningReport, TuningRequest

Progress = Callable[[str, int, int], None]


def tune_encoder(
    request: TuningRequest,
    base: EncoderConfig,
    *,
    steps: int | None,
    seed: int | None,
    learning_rate: float | None,
    on_progress: Progress,
) -> TuningReport:
    """Tune the base encoder by its recipe, with another seed, rate or number of steps when given.

    Raises:
        GalaciteError: Corpus, base, folder or disk do not allow it; or the loss broke down.
    """
    from training.encoder.recipe import EncoderRecipe
    from training.encoder.tune import tune

    recipe = EncoderRecipe()
    recipe = replace(
        recipe,
        steps=steps or recipe.steps,
        seed=recipe.seed if seed is None else seed,
        learning_rate=learning_rate or recipe.learning_rate,
    )
    return tune(base, recipe, request, on_progress=on_progress)
