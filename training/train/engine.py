"""One model in training: forward, backward and update of a step, on one process or many."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from model.runtime import first_line, has_bf16_hardware
from training.corpus.packing import Marks
from training.train.attention import use_blocks
from training.train.loss import Losses, loss_sums, token_losses, token_weights
from training.train.parallel import Team
from training.train.recipe import Recipe
from training.train.schedule import learning_rate

if TYPE_CHECKING:
    import torch
    from transformers import OPTForCausalLM

_LOG = logging.getLogger(__name__)
Forward = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""Losses (B, T) of ids and positions, both (B, T)."""


class LossNotFinite(ModelError):
    """The loss or its gradient became infinite or no number; weights are those before the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What a step found: losses before the update, norm of the gradient before clipping, and the rate used."""

    losses: Losses
    gradient_norm: float
    learning_rate: float


class Engine:
    """Trains a model by steps. Randomness is a function of seed, step and rank, so that none has to be kept.

    Args:
        model: On its device, in fp32.
        recipe: What to do.
        marks: Ids that the loss has to know.
        team: The processes that share the work.
    """

    def __init__(self, model: OPTForCausalLM, recipe: Recipe, marks: Marks, team: Team) -> None:
        import torch

        self.model = model
        self._recipe = recipe
        self._marks = marks
        self._team = team
        self.device = next(model.parameters()).device
        self.precision = _precision(recipe, self.device)
        use_blocks(model, recipe.data.row_tokens)
        if recipe.model.gradient_checkpointing:
            _recompute_activations(model)
        part = recipe.optimizer
        self.optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=part.learning_rate,
            betas=(part.beta1, part.beta2),
            weight_decay=part.weight_decay,
            fused=True,
        )
        self._eager: Forward = partial(token_losses, model)
        self._forward: Forward = self._eager
        self.compiled = recipe.run.compile and compiler_works(self.device)
        if self.compiled:
            self._forward = torch.compile(self._eager, dynamic=False)

    def step(self, rows: NDArray[np.int64], *, step: int, first_row: int) -> StepResult:
        """Learn from a batch that all processes read alike.

        Args:
            rows: Shape (B, T).
            step: Number of the step, from 0.
            first_row: Position of the first row in the run.

        Raises:
            LossNotFinite: Nothing was changed.
        """
        import torch

        torch.manual_seed(_seed(self._recipe.seed, step, self._team.rank))
        ids = torch.from_numpy(rows)
        positions = self._positions(first_row, len(rows))
        weights = token_weights(ids, self._marks, self._recipe.data.citation_weight)
        total = float(weights.sum())
        sums = torch.zeros(4, dtype=torch.float64, device=self.device)
        self.model.train()
        for part in self._shares(len(rows)):
            sums += self._accumulate(ids[part], positions[part], weights[part], total)
        self._team.sum(sums)
        self._team.sum_gradients(self.model.parameters())
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._recipe.optimizer.clip))
        losses = Losses.from_sums(sums)
        if not np.isfinite(losses.all) or not np.isfinite(norm):
            self.optimizer.zero_grad(set_to_none=True)
            raise LossNotFinite(f"Step {step}: the loss is {losses.all:.3g}, its gradient {norm:.3g}")
        return StepResult(losses=losses, gradient_norm=norm, learning_rate=self._update(first_row))

    def is_finite(self) -> bool:
        """Whether all weights are numbers."""
        import torch

        return all(bool(torch.isfinite(parameter).all()) for parameter in self.model.parameters())

    def evaluate(self, rows: NDArray[np.int64]) -> Losses:
        """Losses on rows of shape (N, T), without learning; the processes share the work."""
        import torch

        self.model.eval()
        sums = torch.zeros(4, dtype=torch.float64, device=self.device)
        with torch.inference_mode():
            for part in self._shares(len(rows)):
                ids = torch.from_numpy(rows[part]).to(self.device)
                with self._autocast():
                    losses = self._eager(ids, torch.arange(ids.shape[1], device=self.device).expand_as(ids))
                sums += loss_sums(losses, ids, self._marks)
        return Losses.from_sums(self._team.sum(sums))

    def _shares(self, rows: int) -> list[slice]:
        """Which rows of a batch this process reads, in micro-batches."""
        first, last = (rows * rank // self._team.size for rank in (self._team.rank, self._team.rank + 1))
        micro = self._recipe.run.micro_rows
        return [slice(start, min(start + micro, last)) for start in range(first, last, micro)]

    def _accumulate(
        self, ids: torch.Tensor, positions: torch.Tensor, weights: torch.Tensor, total: float
    ) -> torch.Tensor:
        ids = ids.to(self.device)
        with self._autocast():
            losses = self._forward(ids, positions.to(self.device))
        ((losses * weights.to(self.device)).sum() / total).backward()  # type: ignore[no-untyped-call]
        return loss_sums(losses, ids, self._marks)

    def _autocast(self) -> torch.autocast:
        import torch

        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.precision == torch.bfloat16)

    def _update(self, first_row: int) -> float:
        rate = learning_rate(first_row * self._recipe.data.row_tokens, self._recipe.optimizer)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return rate

    def _positions(self, first_row: int, count: int) -> torch.Tensor:
        """Positions of the tokens of a batch, shape (count, T): some rows begin later than at 0."""
        import torch

        length = self._recipe.data.row_tokens
        room = self._recipe.shape.context - length
        share = self._recipe.data.shifted_share if room else 0.0
        starts = torch.zeros(count, 1, dtype=torch.long)
        for index in range(count if share else 0):
            random = np.random.default_rng((self._recipe.seed, first_row + index))
            if random.random() < share:
                starts[index] = int(random.integers(1, room + 1))
        return starts + torch.arange(length)


def compiler_works(device: torch.device) -> bool:
    """Whether torch.compile can build code here: it needs a C++ compiler, or Triton on a GPU."""
    import torch

    try:
        torch.compile(lambda tensor: tensor.sin() + 1.0)(torch.ones(8, device=device))
    except Exception as error:  # the compiler's errors are of many kinds
        _LOG.warning("torch.compile cannot be used, training is slower: %s", first_line(error))
        return False
    return True


def _recompute_activations(model: OPTForCausalLM) -> None:
    """Keep the inputs of layers only, and compute the rest again when it is needed: less memory, a third more work."""
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})


def _precision(recipe: Recipe, device: torch.device) -> torch.dtype:
    import torch

    if recipe.run.precision == "fp32":
        return torch.float32
    if device.type == "cpu" and not has_bf16_hardware():
        _LOG.warning("this processor has no bf16 arithmetic: training in fp32")
        return torch.float32
    return torch.bfloat16


def _seed(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))
