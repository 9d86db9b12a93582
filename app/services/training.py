"""Training and measuring of the models that are trained here."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from indexer.config import ParserLimits

if TYPE_CHECKING:
    from training.references.evaluate import ReferenceScores
    from training.references.train import TrainingReport
    from training.train.loop import StepNews
    from training.train.pretrain import Pretrained
    from training.train.recipe import Recipe

Progress = Callable[[str, int, int], None]
_LOG = logging.getLogger(__name__)
_DEV_SHARE = 0.15
"""Of papers that are given without parts: a few papers would else leave none to evaluate on."""


def train_references(
    data: Path, out: Path | None, *, seed: int | None, passes: int | None, on_progress: Progress
) -> TrainingReport:
    """Train the labeller of reference strings; ``out`` is the shipped model's folder when not given.

    Raises:
        InputError: Data is missing.
    """
    from indexer.references.labeller import WEIGHTS
    from training.references.train import Recipe, train

    recipe = Recipe()
    recipe = replace(recipe, seed=recipe.seed if seed is None else seed, passes=passes or recipe.passes)
    return train(data, out or WEIGHTS, recipe, on_progress=on_progress)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraining:
    """What to train, as the user named it.

    ``recipe`` is a name or a TOML file, ``changes`` are ``key=value`` each. ``data`` is the folder of a corpus, or
    papers and corpus files of which one is built; nothing stands for the sample library. ``out`` is the folder of the
    run, ``training-NAME`` in the working folder when None. ``time_budget`` such as ``90m``; empty for none. ``command``
    is noted in the model card.
    """

    recipe: str
    data: Sequence[str] = ()
    out: Path | None = None
    resume: bool = False
    time_budget: str = ""
    changes: Sequence[str] = ()
    command: str = ""


def train_model(
    request: ModelTraining,
    *,
    limits: ParserLimits,
    on_corpus: Progress,
    on_step: Callable[[StepNews], None] | None = None,
) -> Pretrained:
    """Train the citation model by a recipe.

    Args:
        request: What to do.
        limits: What parsing a paper may cost.
        on_corpus: Told of the corpus in the making.
        on_step: Told after each step.

    Raises:
        GalaciteError: Recipe, data, folder or disk do not allow it; or the loss broke down.
    """
    from training.train.data import open_corpus
    from training.train.pretrain import pretrain
    from training.train.recipe import load_recipe, recipe_names
    from training.train.stop import parse_duration

    if not request.recipe:
        raise InputError("no recipe named", hint=f"galacite train --recipe NAME: {', '.join(recipe_names())}")
    recipe = load_recipe(request.recipe, request.changes)
    budget_s = parse_duration(request.time_budget) if request.time_budget else None
    out = request.out or Path(f"training-{recipe.name}")
    return pretrain(
        recipe,
        open_corpus(_corpus_folder(request.data, out, recipe, limits=limits, on_progress=on_corpus)),
        out,
        resume=request.resume,
        budget_s=budget_s,
        tensorboard=_has_tensorboard(),
        command=request.command,
        on_step=on_step,
    )


def _corpus_folder(
    data: Sequence[str], out: Path, recipe: Recipe, *, limits: ParserLimits, on_progress: Progress
) -> Path:
    """The folder of the corpus that is named, or of one built within the run's folder from what is named."""
    from app.samples import sample_pdfs
    from app.services.corpus import CorpusRequest, build_corpus
    from training.corpus.config import CorpusConfig
    from training.train.data import is_corpus

    if len(data) == 1 and is_corpus(Path(data[0])):
        return Path(data[0])
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise InputError("several processes need a finished corpus", hint="Build it first: galacite corpus build")
    sources = list(data) or [str(path) for path in sample_pdfs()]
    config = CorpusConfig(row_tokens=recipe.data.row_tokens, seed=recipe.seed, dev_share=_DEV_SHARE)
    request = CorpusRequest(
        sources=sources,
        out=out / "corpus",
        tokenizer=Path(recipe.init.checkpoint) if recipe.init.checkpoint else None,
        vocabulary=recipe.shape.vocabulary,
    )
    build_corpus(request, config, limits=limits, on_progress=on_progress)
    return out / "corpus"


def _has_tensorboard() -> bool:
    if find_spec("tensorboard") is None:
        _LOG.warning("no curves for TensorBoard, which is not installed: pip install 'galacite[training]'")
        return False
    return True
