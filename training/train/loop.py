"""The training loop: read a batch, take a step, note it; evaluate, save and stop when it is time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from core.errors import InputError, ModelError
from training.train.data import Corpus
from training.train.engine import Engine, LossNotFinite, StepResult
from training.train.log import RunLog
from training.train.loss import Losses
from training.train.parallel import Team
from training.train.recipe import Recipe
from training.train.rows import RowSource
from training.train.speed import flops_per_token, matmul_peak
from training.train.state import RunState, load_state, save_state, saved_states
from training.train.stop import Stopper

if TYPE_CHECKING:
    from transformers import OPTForCausalLM

_LOG = logging.getLogger(__name__)
STATES = "states"
_FREE = ("run.", "optimizer.", "note", "name", "init.")
"""What may change when a run goes on; all else would make it another run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNews:
    """Told after each step: how far the run is, and how it goes."""

    step: int
    tokens: int
    total_tokens: int
    losses: Losses
    learning_rate: float
    tokens_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended. ``stopped`` says why before its end, and is empty at it; ``peak_flops`` was measured here."""

    state: RunState
    stopped: str
    first: Losses | None
    last: Losses | None
    dev: Losses | None
    tokens_per_s: float
    model_flops: float
    peak_flops: float

    @property
    def utilisation(self) -> float:
        """Share of the machine's peak that went into the model's own arithmetic."""
        return self.model_flops / self.peak_flops if self.peak_flops else 0.0


class Run:
    """A run of one recipe over one corpus, in a folder.

    Args:
        recipe: What to do.
        corpus: What to read.
        model: Where to start, in fp32 on its device.
        folder: Where states and the log are kept.
        team: The processes that share the work.
        tensorboard: Also write TensorBoard's files.
    """

    def __init__(
        self,
        recipe: Recipe,
        corpus: Corpus,
        model: OPTForCausalLM,
        folder: Path,
        *,
        team: Team | None = None,
        tensorboard: bool = False,
    ) -> None:
        self._team = team or Team()
        _check(recipe, corpus, self._team)
        self.recipe = recipe
        self._folder = folder
        self._tensorboard = tensorboard
        self._rows = RowSource(corpus.shards, seed=recipe.seed)
        dev = corpus.dev if corpus.dev is not None and corpus.dev.rows else None
        self._dev_rows = RowSource(dev, seed=recipe.seed).spread(recipe.run.evaluate_rows) if dev else None
        self._engine = Engine(model, recipe, corpus.marks, self._team)
        self.state = RunState(step=0, rows=0, tokens=0, seconds=0.0, recipe=recipe, data=corpus.mark)
        self._step_tokens = recipe.batch_rows * recipe.data.row_tokens
        self._flops = flops_per_token(
            recipe.shape, vocabulary=model.config.vocab_size, row_tokens=recipe.data.row_tokens
        )
        self._saved_at = time.monotonic()
        self._log: RunLog | None = None

    @property
    def states(self) -> Path:
        """The folder of saved states."""
        return self._folder / STATES

    @property
    def model(self) -> OPTForCausalLM:
        """The model in training."""
        return self._engine.model

    def resume(self) -> RunState:
        """Go on from the latest state that is whole.

        Raises:
            InputError: There is none, or it belongs to another run.
            ModelError: All are damaged.
        """
        places = saved_states(self.states)
        if not places:
            raise InputError(f"{self._folder}: nothing to resume", hint="Leave --resume out to begin anew.")
        for place in reversed(places):
            try:
                found = load_state(place, self._engine.model, self._engine.optimizer, check=self._compare)
            except ModelError as error:
                if place == places[0]:
                    raise
                _LOG.warning("%s. Going back to the state before it", error.message)
                continue
            self.state = replace(found, recipe=self.recipe)
            break
        return self.state

    def train(self, stopper: Stopper, *, on_step: Callable[[StepNews], None] | None = None) -> RunResult:
        """Train to the end of the recipe, or until told to stop; the state is saved either way.

        Raises:
            LossNotFinite: The loss broke down; the last saved state is from before.
            StorageError: The disk refuses; the last saved state is intact.
        """
        peak = matmul_peak(self._engine.device, self._engine.precision)
        first: Losses | None = None
        last: Losses | None = None
        speeds: list[float] = []
        reason = ""
        with self._opened_log():
            self._note_start(peak)
            while self.state.tokens < self.recipe.optimizer.total_tokens and not reason:
                news = self._step()
                first, last = first or news.losses, news.losses
                speeds.append(news.tokens_per_s)
                if on_step is not None and self._team.leads:
                    on_step(news)
                self._do_what_is_due()
                reason = self._stop_reason(stopper)
            dev = self._evaluate()
            self._save()
            self._note("stop" if reason else "end", reason=reason, tokens=self.state.tokens)
        speed = median(speeds) if speeds else 0.0  # the first steps also compile
        return RunResult(
            state=self.state, stopped=reason, first=first, last=last, dev=dev,
            tokens_per_s=speed, model_flops=speed * self._flops, peak_flops=peak,
        )  # fmt: skip

    def _step(self) -> StepNews:
        before = self.state
        started = time.perf_counter()
        rows = self._rows.take(before.rows, self.recipe.batch_rows)
        try:
            result = self._engine.step(rows, step=before.step, first_row=before.rows)
        except LossNotFinite as error:
            raise self._explained(error) from error
        seconds = time.perf_counter() - started
        self.state = replace(
            before,
            step=before.step + 1,
            rows=before.rows + len(rows),
            tokens=before.tokens + self._step_tokens,
            seconds=before.seconds + seconds,
        )
        news = StepNews(
            step=self.state.step,
            tokens=self.state.tokens,
            total_tokens=self.recipe.optimizer.total_tokens,
            losses=result.losses,
            learning_rate=result.learning_rate,
            tokens_per_s=self._step_tokens / seconds,
        )
        self._note_step(news, result)
        return news

    def _do_what_is_due(self) -> None:
        """Evaluate when enough tokens have passed, save when enough time has."""
        every, tokens = self.recipe.run.evaluate_tokens, self.state.tokens
        done = tokens >= self.recipe.optimizer.total_tokens  # the end does both by itself
        if not done and tokens // every > (tokens - self._step_tokens) // every:
            self._evaluate()
        late = time.monotonic() - self._saved_at >= self.recipe.run.checkpoint_minutes * 60
        if not done and self._team.agree(late, self._engine.device):
            self._save()

    def _evaluate(self) -> Losses | None:
        if self._dev_rows is None:
            return None
        losses = self._engine.evaluate(self._dev_rows)
        self._note("dev", loss=losses.all, text_loss=losses.text, citation_loss=losses.citation)
        return losses

    def _save(self) -> None:
        if not self._engine.is_finite():
            raise self._explained(LossNotFinite(f"After step {self.state.step} weights are no longer finite"))
        if self._team.leads and self.state.step:
            save_state(self.states, self.state, self._engine.model, self._engine.optimizer, keep=self.recipe.run.keep)
            self._note("saved", tokens=self.state.tokens)
        self._saved_at = time.monotonic()
        self._team.wait()

    def _stop_reason(self, stopper: Stopper) -> str:
        if not self._team.agree(bool(stopper.reason), self._engine.device):
            return ""
        return stopper.reason or "another process"

    @contextmanager
    def _opened_log(self) -> Iterator[None]:
        if not self._team.leads:
            yield
            return
        with RunLog(self._folder, step=self.state.step, tensorboard=self._tensorboard) as log:
            self._log = log
            yield
        self._log = None

    def _note(self, event: str, **values: float | int | str) -> None:
        if self._log is not None:
            self._log.write(event, self.state.step, **values)

    def _note_start(self, peak: float) -> None:
        self._note(
            "start",
            tokens=self.state.tokens,
            total_tokens=self.recipe.optimizer.total_tokens,
            recipe=self.recipe.name,
            device=self._engine.device.type,
            precision=str(self._engine.precision).removeprefix("torch."),
            compiled=int(self._engine.compiled),
            processes=self._team.size,
            peak_flops=peak,
        )

    def _note_step(self, news: StepNews, result: StepResult) -> None:
        self._note(
            "step",
            tokens=news.tokens,
            loss=news.losses.all,
            text_loss=news.losses.text,
            citation_loss=news.losses.citation,
            learning_rate=news.learning_rate,
            gradient_norm=result.gradient_norm,
            tokens_per_s=round(news.tokens_per_s, 1),
        )

    def _compare(self, found: RunState) -> None:
        """See that a saved state belongs to this run, and tell of what may change."""
        if found.data.tokenizer != self.state.data.tokenizer:
            raise InputError(
                f"{self._folder}: trained with the tokenizer {found.data.tokenizer}, "
                f"and the shards were made with {self.state.data.tokenizer}",
                hint=f"Build shards with its tokenizer: galacite corpus build --tokenizer {self._folder / 'model'}",
            )
        if found.data != self.state.data:
            raise InputError(
                f"{self._folder}: was trained on other shards ({found.data} and now {self.state.data})",
                hint="Give the same shards, or begin a run from its model: --set init.checkpoint=FOLDER",
            )
        for key, (before, now) in found.recipe.changes(self.recipe).items():
            if not key.startswith(_FREE):
                raise InputError(
                    f"{self._folder}: {key} was {before!r} and is now {now!r}",
                    hint="Resume with the same recipe, or begin a new run in another folder.",
                )
            _LOG.warning("%s was %s and is now %s: it holds from token %d on", key, before, now, found.tokens)

    def _explained(self, error: LossNotFinite) -> LossNotFinite:
        self._note("failed", message=error.message)
        kept = saved_states(self.states)
        place = f"the last good state is {kept[-1]}" if kept else "no state had been saved yet"
        return LossNotFinite(
            f"{error.message}; {place}",
            hint="Resume with a lower rate: galacite train --resume --set optimizer.learning_rate=...",
        )


def _check(recipe: Recipe, corpus: Corpus, team: Team) -> None:
    length = corpus.shards.row_tokens
    if length != recipe.data.row_tokens:
        raise InputError(
            f"{corpus.shards.folder}: rows of {length} tokens, and the recipe reads {recipe.data.row_tokens}",
            hint=f"Set data.row_tokens={length}, or build the shards with rows of {recipe.data.row_tokens}.",
        )
    if recipe.batch_rows < team.size:
        raise InputError(
            f"{recipe.batch_rows} rows a step for {team.size} processes", hint="Raise optimizer.batch_tokens."
        )
