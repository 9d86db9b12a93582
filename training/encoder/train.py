"""The training loop of the encoder."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from core.errors import ModelError
from model.manifest import sha256_of
from training.encoder.loss import contrast, known_answers
from training.encoder.negatives import TitleNegatives
from training.encoder.network import TrainedEncoder
from training.encoder.pairs import CitationPairs, described, draw
from training.encoder.recipe import EncoderRecipe
from training.encoder.state import TrainingState, load_state, moments_of, put_back, require_same, save_state
from training.train.stop import Stopper, stopped_by_signals

if TYPE_CHECKING:
    import torch

_LOG = logging.getLogger(__name__)
LOG_NAME = "log.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Where and how long a training runs; nothing here changes what it learns."""

    folder: Path
    checkpoint_s: float = 300.0
    budget_s: float | None = None
    """The training stops in good order after this time, to be resumed."""
    lanes: int = 1
    """Groups of texts computed at a time, by a thread each."""
    on_step: Callable[[int, int], None] = lambda done, total: None
    on_checkpoint: Callable[[TrainedEncoder, int], dict[str, float]] = lambda encoder, step: {}
    """Called after each checkpoint; what it returns goes into the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderRun:
    """What a run came to; it is ``finished`` when all steps are done."""

    step: int
    steps: int
    seconds: float
    losses: tuple[float, ...]
    """Of the steps that this run has made."""

    @property
    def loss(self) -> float | None:
        """Mean of the last steps; None when there was nothing to do."""
        last = self.losses[-20:]
        return sum(last) / len(last) if last else None

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.step >= self.steps


@dataclass(slots=True)
class _Trainer:
    """A training between two steps."""

    encoder: TrainedEncoder
    pairs: CitationPairs
    negatives: TitleNegatives
    recipe: EncoderRecipe
    optimizer: torch.optim.Optimizer
    done: int = 0
    losses: list[float] = field(default_factory=list)

    def advance(self) -> dict[str, float]:
        """Make one step.

        Raises:
            ModelError: Loss or gradient are not finite; the weights are as before.
        """
        import torch

        recipe = self.recipe
        keys, targets, queries, works = self._texts()
        rows = self.encoder.tokens(queries, recipe.query_tokens) + self.encoder.tokens(works, recipe.work_tokens)
        embedded = self.encoder.embed(rows, micro_batch=recipe.micro_batch)
        vectors = embedded.vectors
        known = known_answers(targets, keys[: len(queries)], keys)
        loss = contrast(vectors[: len(queries)], vectors[len(queries) :], known, scale=recipe.scale)
        value = _finite(float(loss.detach()), "loss", self.done)
        loss.backward()  # type: ignore[no-untyped-call]
        self.encoder.backward(embedded)
        norm = float(torch.nn.utils.clip_grad_norm_(self.encoder.masters.values(), recipe.clip))
        _finite(norm, "gradient's norm", self.done)
        for group in self.optimizer.param_groups:
            group["lr"] = recipe.rate(self.done)
        self.optimizer.step()
        self.encoder.refresh()
        self.done += 1
        self.losses.append(value)
        return {"loss": value, "norm": norm, "rate": recipe.rate(self.done - 1), "tokens": sum(map(len, rows))}

    def _texts(self) -> tuple[list[str], list[tuple[str, ...]], list[str], list[str]]:
        """Keys of the works at hand, targets of the places, texts of the places, texts of the works."""
        recipe = self.recipe
        random = Random(f"{recipe.seed}/{self.done}/negatives")  # noqa: S311 - choices, no secrets
        examples = draw(self.pairs, self.done, batch=recipe.batch, untitled=recipe.untitled, seed=recipe.seed)
        keys = [example.key for example in examples]
        works = [example.work for example in examples]
        for example in examples[: recipe.hard]:
            near = self.negatives.near(example.place)
            if near:
                keys.append(random.choice(near))
                works.append(described(self.pairs, keys[-1], without=example.place.paper, random=random))
        return keys, [example.place.targets for example in examples], [example.query for example in examples], works

    def state(self, data: str) -> TrainingState:
        """All that the next step starts from."""
        return TrainingState(
            step=self.done,
            recipe=self.recipe,
            data=data,
            masters=self.encoder.masters,
            moments=moments_of(self.optimizer, list(self.encoder.masters)),
        )


def _finite(value: float, what: str, step: int) -> float:
    if not math.isfinite(value):
        raise ModelError(
            f"the {what} of step {step + 1} is {value}", hint="Lower --learning-rate; the last checkpoint is good."
        )
    return value


def train_encoder(
    base: Path, pairs: CitationPairs, recipe: EncoderRecipe, options: RunOptions
) -> tuple[TrainedEncoder, EncoderRun]:
    """Tune the layers of a sentence encoder, from where a former run in the same folder has stopped.

    SIGTERM, SIGINT and the time budget end it after the step at hand, with a checkpoint.

    Raises:
        InputError: The folder holds a training of another kind.
        ModelError: The base or the checkpoint cannot be loaded, or the loss is not finite.
        StorageError: A checkpoint cannot be written.
    """
    trainer, data = _prepared(base, pairs, recipe, options)
    begun = saved = time.monotonic()
    stopper = Stopper(options.budget_s)
    with stopped_by_signals(stopper):
        while trainer.done < recipe.steps and not stopper.reason:
            started = time.monotonic()
            note: dict[str, float] = {"step": trainer.done + 1, **trainer.advance()}
            now = time.monotonic()
            _log(options.folder, {**note, "seconds": now - started})
            options.on_step(trainer.done, recipe.steps)
            if now - saved > options.checkpoint_s:
                _checkpoint(trainer, data, options)
                saved = time.monotonic()
    _checkpoint(trainer, data, options)
    seconds = time.monotonic() - begun
    return trainer.encoder, EncoderRun(
        step=trainer.done, steps=recipe.steps, seconds=seconds, losses=tuple(trainer.losses)
    )


def _prepared(base: Path, pairs: CitationPairs, recipe: EncoderRecipe, options: RunOptions) -> tuple[_Trainer, str]:
    import torch

    encoder = TrainedEncoder(base, frozen_layers=recipe.frozen_layers, lanes=options.lanes)
    data = f"{sha256_of(base / 'model.safetensors')}/{pairs.fingerprint}"
    former = load_state(options.folder)
    names = list(encoder.masters)
    optimizer = torch.optim.AdamW(
        encoder.masters.values(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
    )
    trainer = _Trainer(
        encoder=encoder,
        pairs=pairs,
        negatives=TitleNegatives(pairs.works, pairs.listed),
        recipe=recipe,
        optimizer=optimizer,
    )
    if former is not None:
        require_same(former, recipe, data, options.folder)
        encoder.load(former.masters)
        put_back(optimizer, names, former.moments)
        trainer.done = former.step
        _LOG.info("resuming at step %d of %d", trainer.done, recipe.steps)
    return trainer, data


def _checkpoint(trainer: _Trainer, data: str, options: RunOptions) -> None:
    save_state(options.folder, trainer.state(data))
    found = options.on_checkpoint(trainer.encoder, trainer.done)
    if found:
        _log(options.folder, {"step": trainer.done, **found})


def _log(folder: Path, note: dict[str, float]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG_NAME).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({name: round(value, 6) for name, value in note.items()}) + "\n")
