"""A whole run in a folder: begin or go on, train, and leave a checkpoint that the app can load.

The folder holds ``states/`` (to go on from), ``model/`` (the checkpoint), ``log.jsonl`` and TensorBoard's files.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from model.galactica.checkpoint import save_checkpoint
from training.train.begin import choose_device, new_model, take_over
from training.train.card import model_card
from training.train.data import Corpus
from training.train.embeddings import take_embeddings
from training.train.log import read_log
from training.train.loop import STATES, Run, RunResult, StepNews
from training.train.parallel import team
from training.train.recipe import Recipe
from training.train.state import saved_states
from training.train.stop import Stopper, stopped_by_signals

MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """What a run left: its folder with the checkpoint, and how it went; ``leads`` in one process of several."""

    folder: Path
    model: Path
    result: RunResult
    leads: bool


def pretrain(
    recipe: Recipe,
    corpus: Corpus,
    out: Path,
    *,
    resume: bool = False,
    budget_s: float | None = None,
    tensorboard: bool = False,
    command: str = "",
    on_step: Callable[[StepNews], None] | None = None,
) -> Pretrained:
    """Run a recipe to its end, to a signal or to the end of a time budget, and write the checkpoint.

    Args:
        recipe: What to do.
        corpus: What to read.
        out: Folder of the run.
        resume: Go on with the run that is there.
        budget_s: Seconds after which to stop.
        tensorboard: Also write TensorBoard's files.
        command: How this was started, for the model card.
        on_step: Told after each step.

    Raises:
        InputError: The folder holds another run, or data and recipe do not fit.
        ModelError: A state is damaged, or the loss broke down.
        StorageError: The disk refuses.
    """
    if not resume and saved_states(out / STATES):
        raise InputError(f"{out}: holds a run already", hint="Go on with it by --resume, or name another folder.")
    stopper = Stopper(budget_s)
    with team(recipe) as own:
        device = choose_device(recipe, own)
        model = new_model(recipe, corpus.tokenizer.vocabulary, device)
        if recipe.init.embeddings and not resume:
            take_embeddings(model, Path(recipe.init.embeddings), corpus.tokenizer)
        if recipe.init.checkpoint and not resume:
            take_over(model, Path(recipe.init.checkpoint), corpus.tokenizer)
        run = Run(recipe, corpus, model, out, team=own, tensorboard=tensorboard and own.leads)
        if resume:
            run.resume()
        with stopped_by_signals(stopper):
            result = run.train(stopper, on_step=on_step)
        if own.leads:
            _export(run, corpus, result, out, command or shlex.join(["galacite", "train", "--recipe", recipe.name]))
        own.wait()
    return Pretrained(folder=out, model=out / MODEL, result=result, leads=own.leads)


def _export(run: Run, corpus: Corpus, result: RunResult, out: Path, command: str) -> None:
    import torch

    card = model_card(run.recipe, corpus, result, read_log(out), command=command)
    save_checkpoint(out / MODEL, run.model, corpus.tokenizer, dtype=torch.bfloat16, extra_files={"README.md": card})
