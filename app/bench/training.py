"""How fast the training is, beside a bare PyTorch loop over the same model and beside what the machine can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from training.train.engine import Engine
    from training.train.recipe import Recipe

_WARMUP_STEPS = 2
_FIRST_WORD = 32
"""Ids below are special tokens."""
_CITATION_EVERY = 64
_CITATION_TOKENS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainBench:
    """What ``bench_training`` measured: medians over steps that alternate between the loops.

    ``bare_compiled_tokens_per_s`` is None where torch.compile cannot work; ``ratio`` is to the faster bare loop.
    ``utilisation`` is the share of the matrix product's peak (``peak_flops``, measured in the same run) that went into
    the model's own arithmetic.
    """

    recipe: str
    device: str
    precision: str
    compiled: bool
    step_tokens: int
    tokens_per_s: float
    bare_tokens_per_s: float
    bare_compiled_tokens_per_s: float | None
    ratio: float
    model_flops: float
    peak_flops: float
    utilisation: float


class RandomRows:
    """Rows of random words with citations among them, made when read."""

    def __init__(self, *, rows: int, row_tokens: int, vocabulary: int) -> None:
        self.rows = rows
        self.row_tokens = row_tokens
        self._vocabulary = vocabulary

    def __getitem__(self, index: int, /) -> NDArray[np.uint16]:
        from training.corpus.packing import Marks

        marks = Marks()
        row = np.random.default_rng(index).integers(_FIRST_WORD, self._vocabulary, self.row_tokens)
        row[::_CITATION_EVERY] = marks.start_ref
        row[_CITATION_TOKENS::_CITATION_EVERY] = marks.end_ref
        return row.astype(np.uint16)


def bench_training(name: str, *, steps: int, on_progress: Callable[[int, int], None]) -> TrainBench:
    """Time the steps of a recipe and of bare loops over the same configuration, in turn.

    Args:
        name: Recipe by name or file.
        steps: Timed steps of each loop.
        on_progress: Told the rounds done and in all.

    Raises:
        InputError: There is no such recipe, or no such device.
    """
    from training.corpus.packing import Marks
    from training.train.begin import choose_device, new_model
    from training.train.engine import Engine
    from training.train.parallel import Team
    from training.train.recipe import load_recipe
    from training.train.rows import RowSource
    from training.train.speed import flops_per_token, matmul_peak

    recipe = load_recipe(name)
    vocabulary, device = recipe.shape.vocabulary, choose_device(recipe, Team())
    shape = RandomRows(rows=10_000, row_tokens=recipe.data.row_tokens, vocabulary=vocabulary)
    source = RowSource(shape, seed=recipe.seed)
    engine = Engine(new_model(recipe, vocabulary, device), recipe, Marks(), Team())
    loops: dict[str, Callable[[int], None]] = {"ours": _own_loop(engine, source.take, recipe)}
    for compiled in (False, True) if engine.compiled else (False,):
        loops["bare compiled" if compiled else "bare"] = _bare_loop(
            recipe, vocabulary, engine, source.take, compiled=compiled
        )
    seconds, peak = _timed(loops, steps, on_progress), matmul_peak(device, engine.precision)
    tokens = recipe.batch_rows * recipe.data.row_tokens
    speeds = {name: tokens / each for name, each in seconds.items()}
    ours, bare = speeds.pop("ours"), max(speeds.values())
    flops = ours * flops_per_token(recipe.shape, vocabulary=vocabulary, row_tokens=recipe.data.row_tokens)
    return TrainBench(
        recipe=recipe.name,
        device=device.type,
        precision=str(engine.precision).removeprefix("torch."),
        compiled=engine.compiled,
        step_tokens=tokens,
        tokens_per_s=ours,
        bare_tokens_per_s=speeds["bare"],
        bare_compiled_tokens_per_s=speeds.get("bare compiled"),
        ratio=ours / bare,
        model_flops=flops,
        peak_flops=peak,
        utilisation=flops / peak,
    )


def _timed(
    loops: dict[str, Callable[[int], None]], steps: int, on_progress: Callable[[int, int], None]
) -> dict[str, float]:
    """Median seconds of a step of each loop; they take turns, so that a busy moment strikes all."""
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for step in range(_WARMUP_STEPS + steps):
        for name, loop in loops.items():
            started = time.perf_counter()
            loop(step)
            seconds[name].append(time.perf_counter() - started)
        on_progress(step + 1, _WARMUP_STEPS + steps)
    return {name: median(each[_WARMUP_STEPS:]) for name, each in seconds.items()}


def _own_loop(engine: Engine, take: Callable[[int, int], NDArray[np.int64]], recipe: Recipe) -> Callable[[int], None]:
    def step(number: int) -> None:
        first = number * recipe.batch_rows
        engine.step(take(first, recipe.batch_rows), step=number, first_row=first)

    return step


def _bare_loop(
    recipe: Recipe,
    vocabulary: int,
    engine: Engine,
    take: Callable[[int, int], NDArray[np.int64]],
    *,
    compiled: bool,
) -> Callable[[int], None]:
    """What one would write first: the library's own loss, autocast, AdamW and clipping."""
    import torch

    from training.train.begin import new_model

    model = new_model(recipe, vocabulary, engine.device)
    run = torch.compile(model, dynamic=False) if compiled else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.optimizer.learning_rate, fused=True)
    micro = recipe.run.micro_rows

    def step(number: int) -> None:
        ids = torch.from_numpy(take(number * recipe.batch_rows, recipe.batch_rows))
        for first in range(0, len(ids), micro):
            there = ids[first : first + micro].to(engine.device)
            with torch.autocast(engine.device.type, dtype=torch.bfloat16, enabled=engine.precision == torch.bfloat16):
                loss = run(input_ids=there, labels=there, use_cache=False).loss
            (loss * len(there) / len(ids)).backward()
        # Reading the norm also waits for a GPU.
        float(torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.optimizer.clip))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step
