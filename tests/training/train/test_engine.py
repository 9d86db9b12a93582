"""Steps: they learn, and how a batch is cut does not change what they learn."""

from __future__ import annotations

import logging
import math
import shutil
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from training.corpus.packing import Marks
from training.train import engine as engine_module
from training.train.begin import choose_device, new_model
from training.train.data import Corpus
from training.train.engine import Engine, LossNotFinite, compiler_works
from training.train.parallel import Team
from training.train.recipe import Recipe
from training.train.rows import RowSource

MakeRecipe = Callable[..., Recipe]


def engine_for(recipe: Recipe, vocabulary: int, team: Team | None = None) -> Engine:
    device = choose_device(recipe, Team())
    return Engine(new_model(recipe, vocabulary, device), recipe, Marks(), team or Team())


def weights_after(recipe: Recipe, rows: NDArray[np.int64], vocabulary: int) -> torch.Tensor:
    engine = engine_for(recipe, vocabulary)
    for step in range(3):
        engine.step(rows, step=step, first_row=step * len(rows))
    return torch.cat([parameter.detach().flatten() for parameter in engine.model.parameters()])


@pytest.fixture
def batch(corpus: Corpus) -> NDArray[np.int64]:
    return RowSource(corpus.shards, seed=1).take(0, 8)


def test_one_batch_is_learnt_by_heart(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    rate = ("optimizer.learning_rate=0.01", "optimizer.warmup_tokens=0", "optimizer.total_tokens=1_000_000")
    engine = engine_for(small(*rate), corpus.tokenizer.vocabulary)
    losses = [engine.step(batch, step=step, first_row=8 * step).losses for step in range(120)]
    assert losses[0].all == pytest.approx(math.log(corpus.tokenizer.vocabulary), rel=0.05)
    assert losses[-1].all < 0.1
    assert engine.evaluate(batch).citation < 0.1


def test_micro_batches_add_up_to_the_batch(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    words = corpus.tokenizer.vocabulary
    whole = weights_after(small("run.micro_rows=8"), batch, words)
    for micro in (1, 3):
        assert torch.allclose(weights_after(small(f"run.micro_rows={micro}"), batch, words), whole, atol=1e-5)


def test_gradient_checkpointing_changes_nothing(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    words = corpus.tokenizer.vocabulary
    dropped = "model.dropout=0.1"
    plain = weights_after(small(dropped), batch, words)
    assert torch.allclose(weights_after(small(dropped, "model.gradient_checkpointing=true"), batch, words), plain)


def test_dropout_is_a_function_of_the_seed(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    words = corpus.tokenizer.vocabulary
    one, again, without = (weights_after(small(f"model.dropout={each}"), batch, words) for each in (0.3, 0.3, 0.0))
    assert torch.equal(one, again)
    assert not torch.allclose(one, without)


def test_weight_of_citations(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    rate = ("optimizer.learning_rate=0.003", "optimizer.warmup_tokens=0", "optimizer.total_tokens=1_000_000")
    citation = {}
    for weight in (0.01, 10.0):
        recipe = small(*rate, f"data.citation_weight={weight}")
        engine = engine_for(recipe, corpus.tokenizer.vocabulary)
        for step in range(20):
            engine.step(batch, step=step, first_row=8 * step)
        found = engine.evaluate(batch)
        citation[weight] = found.citation - found.text
    assert citation[10.0] < citation[0.01] - 0.3


def test_rows_that_begin_later_train_later_positions(
    small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]
) -> None:
    def moved(share: float) -> bool:
        engine = engine_for(
            small(f"data.shifted_share={share}", "optimizer.weight_decay=0"), corpus.tokenizer.vocabulary
        )
        positions = engine.model.model.decoder.embed_positions.weight
        before = positions[2 + 32 :].clone()
        engine.step(batch, step=0, first_row=0)
        return not torch.equal(positions[2 + 32 :], before)

    assert moved(1.0)
    assert not moved(0.0)


def test_loss_that_is_no_number_changes_nothing(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    engine = engine_for(small(), corpus.tokenizer.vocabulary)
    engine.step(batch, step=0, first_row=0)
    before = [parameter.detach().clone() for parameter in engine.model.parameters()]
    with torch.no_grad():
        engine.model.lm_head.weight[0, 0] = float("nan")
    with pytest.raises(LossNotFinite, match="Step 1"):
        engine.step(batch, step=1, first_row=8)
    after = list(engine.model.parameters())
    assert all(torch.equal(one.flatten()[1:], other.flatten()[1:]) for one, other in zip(before, after, strict=True))


def test_bf16_where_the_processor_has_it(
    small: MakeRecipe,
    corpus: Corpus,
    batch: NDArray[np.int64],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(engine_module, "has_bf16_hardware", lambda: True)
    mixed = engine_for(small("run.precision=bf16"), corpus.tokenizer.vocabulary)
    exact = engine_for(small(), corpus.tokenizer.vocabulary)
    assert mixed.precision == torch.bfloat16
    assert {parameter.dtype for parameter in mixed.model.parameters()} == {torch.float32}
    one, other = (engine.step(batch, step=0, first_row=0).losses.all for engine in (mixed, exact))
    assert one == pytest.approx(other, rel=0.01)
    monkeypatch.setattr(engine_module, "has_bf16_hardware", lambda: False)
    with caplog.at_level(logging.WARNING):
        assert engine_for(small("run.precision=bf16"), corpus.tokenizer.vocabulary).precision == torch.float32
    assert "bf16" in caplog.text


def test_training_goes_on_without_a_compiler(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(function: object, **options: object) -> Callable[[torch.Tensor], torch.Tensor]:
        def run(tensor: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("No working C++ compiler found")

        return run

    monkeypatch.setattr(torch, "compile", broken)
    with caplog.at_level(logging.WARNING):
        assert not compiler_works(torch.device("cpu"))
    assert "No working C++ compiler" in caplog.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch's own, while it imports its compiler
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled_steps_are_the_same(small: MakeRecipe, corpus: Corpus, batch: NDArray[np.int64]) -> None:
    words = corpus.tokenizer.vocabulary
    compiled = engine_for(small("run.compile=true", "run.micro_rows=8"), words)
    assert compiled.compiled
    eager = engine_for(small("run.micro_rows=8"), words)
    for step in range(2):
        one, other = (each.step(batch, step=step, first_row=8 * step).losses.all for each in (compiled, eager))
        assert one == pytest.approx(other, rel=1e-5)
