"""Runs: stopped and resumed they are as if never stopped; what is wrong is said, and nothing good is lost."""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.errors import InputError, ModelError
from model.galactica.checkpoint import load_galactica
from model.galactica.tokenizer import GalacticaTokenizer
from tests.training.train.conftest import sentences, small_recipe, write_shards
from training.train.begin import choose_device, new_model
from training.train.data import Corpus, open_corpus
from training.train.engine import LossNotFinite
from training.train.log import read_log
from training.train.loop import Run, StepNews
from training.train.parallel import Team
from training.train.pretrain import Pretrained, pretrain
from training.train.recipe import Recipe
from training.train.state import saved_states
from training.train.stop import Stopper

MakeRecipe = Callable[..., Recipe]
DROPOUT = "model.dropout=0.1"


def curve(folder: Path) -> list[tuple[int, float, float]]:
    return [(each["step"], each["loss"], each["learning_rate"]) for each in read_log(folder) if each["event"] == "step"]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(saved_states(folder / "states")[-1] / "model.safetensors")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def stop_at(step: int) -> Callable[[StepNews], None]:
    """Sends this process the signal that ends it, after a step."""

    def on_step(news: StepNews) -> None:
        if news.step == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return on_step


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory, corpus_folder: Path) -> Path:
    """A run that was never stopped."""
    folder = tmp_path_factory.mktemp("whole")
    pretrain(small_recipe(DROPOUT), open_corpus(corpus_folder), folder)
    return folder


def test_loss_falls_and_is_noted(whole_run: Path) -> None:
    losses = [loss for _, loss, _ in curve(whole_run)]
    assert len(losses) == 20
    assert losses[-1] < losses[0] - 1.0
    dev = [event for event in read_log(whole_run) if event["event"] == "dev"]
    assert [event["step"] for event in dev] == [8, 16, 20]
    assert dev[-1]["citation_loss"] < dev[0]["citation_loss"]
    assert read_log(whole_run)[-1]["event"] == "end"


def test_resumed_run_is_bit_for_bit_the_uninterrupted_one(
    small: MakeRecipe, corpus: Corpus, tmp_path: Path, whole_run: Path
) -> None:
    first = pretrain(small(DROPOUT), corpus, tmp_path, on_step=stop_at(7))
    assert (first.result.stopped, first.result.state.step) == ("SIGTERM", 7)
    second = pretrain(small(DROPOUT), corpus, tmp_path, resume=True, on_step=stop_at(13))
    assert second.result.state.step == 13
    last = pretrain(small(DROPOUT), corpus, tmp_path, resume=True)
    assert (last.result.stopped, last.result.state.step) == ("", 20)
    assert curve(tmp_path) == curve(whole_run)
    assert same(weights(tmp_path), weights(whole_run))


def test_crash_costs_the_steps_since_the_last_state_and_no_more(
    small: MakeRecipe, corpus: Corpus, tmp_path: Path, whole_run: Path
) -> None:
    def crash(news: StepNews) -> None:
        if news.step == 9:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        pretrain(small(DROPOUT, "run.checkpoint_minutes=0.0000001", "run.keep=3"), corpus, tmp_path, on_step=crash)
    assert [path.name[-2:] for path in saved_states(tmp_path / "states")] == ["06", "07", "08"]
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"event": "st')
    pretrain(small(DROPOUT), corpus, tmp_path, resume=True)
    assert curve(tmp_path) == curve(whole_run)
    assert same(weights(tmp_path), weights(whole_run))


def test_time_budget(small: MakeRecipe, corpus: Corpus, tmp_path: Path) -> None:
    found = pretrain(small(), corpus, tmp_path, budget_s=1e-6)
    assert (found.result.stopped, found.result.state.step) == ("time budget", 1)
    assert load_galactica(found.model).tokenizer.fingerprint == corpus.tokenizer.fingerprint


def test_checkpoint_is_what_was_trained(small: MakeRecipe, corpus: Corpus, tmp_path: Path, whole_run: Path) -> None:
    loaded = load_galactica(whole_run / "model", dtype=torch.float32)
    trained = weights(whole_run)["model.decoder.embed_tokens.weight"]
    assert torch.equal(loaded.model.model.decoder.embed_tokens.weight, trained.bfloat16().float())
    card = (whole_run / "model" / "README.md").read_text()
    for part in ("galacite-nano", "`small`, ran to its end", "seed | 1", "5,120 of 5,120", "dev loss", "| made |"):
        assert part in card


def test_changed_total_bends_the_rate_from_there_on(
    small: MakeRecipe, corpus: Corpus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pretrain(small(), corpus, tmp_path, on_step=stop_at(10))
    with caplog.at_level(logging.WARNING):
        found = pretrain(small("optimizer.total_tokens=10_240"), corpus, tmp_path, resume=True)
    assert "optimizer.total_tokens was 5120 and is now 10240" in caplog.text
    rates = [rate for _, _, rate in curve(tmp_path)]
    assert found.result.state.tokens == 10_240
    assert rates[10] > rates[9]
    assert rates[-1] == pytest.approx(rates[1] * 0.1)


@pytest.mark.parametrize("change", ["seed=2", "model.dropout=0.2", "data.citation_weight=2.0"])
def test_other_recipe_is_refused(small: MakeRecipe, corpus: Corpus, tmp_path: Path, change: str) -> None:
    pretrain(small(), corpus, tmp_path, budget_s=1e-6)
    with pytest.raises(InputError, match=change.partition("=")[0]):
        pretrain(small(change), corpus, tmp_path, resume=True)


def test_other_shards_are_refused(
    small: MakeRecipe, corpus: Corpus, tokenizer: GalacticaTokenizer, tmp_path: Path
) -> None:
    pretrain(small(), corpus, tmp_path / "run", budget_s=1e-6)
    write_shards(tmp_path / "other", tokenizer, sentences(30))
    with pytest.raises(InputError, match="other shards"):
        pretrain(small(), open_corpus(tmp_path / "other"), tmp_path / "run", resume=True)
    another = GalacticaTokenizer.train(sentences(200), 340)
    write_shards(tmp_path / "another", another, sentences(120))
    with pytest.raises(InputError, match=f"trained with the tokenizer {tokenizer.fingerprint}"):
        pretrain(small(), open_corpus(tmp_path / "another"), tmp_path / "run", resume=True)


def test_folder_with_a_run_is_not_overwritten(small: MakeRecipe, corpus: Corpus, tmp_path: Path) -> None:
    pretrain(small(), corpus, tmp_path, budget_s=1e-6)
    with pytest.raises(InputError, match="holds a run already"):
        pretrain(small(), corpus, tmp_path)


def test_nothing_to_resume(small: MakeRecipe, corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to resume"):
        pretrain(small(), corpus, tmp_path, resume=True)


def test_damaged_state_falls_back_to_the_one_before(
    small: MakeRecipe, corpus: Corpus, tmp_path: Path, caplog: pytest.LogCaptureFixture, whole_run: Path
) -> None:
    pretrain(small(DROPOUT, "run.checkpoint_minutes=0.0000001"), corpus, tmp_path, on_step=stop_at(6))
    older, newest = saved_states(tmp_path / "states")
    (newest / "model.safetensors").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        pretrain(small(DROPOUT), corpus, tmp_path, resume=True)
    assert "content has changed" in caplog.text
    assert curve(tmp_path) == curve(whole_run)
    for place in saved_states(tmp_path / "states"):
        (place / "state.json").write_text("{}")
    with pytest.raises(ModelError):
        pretrain(small(DROPOUT), corpus, tmp_path, resume=True)
    assert older.name == "step-00000005"


def test_loss_that_breaks_down_keeps_the_last_good_state(small: MakeRecipe, corpus: Corpus, tmp_path: Path) -> None:
    recipe = small("run.checkpoint_minutes=0.0000001")
    run = Run(recipe, corpus, new_model(recipe, corpus.tokenizer.vocabulary, choose_device(recipe, Team())), tmp_path)

    def poison(news: StepNews) -> None:
        if news.step == 5:
            with torch.no_grad():
                run.model.lm_head.weight.fill_(float("inf"))

    with pytest.raises(LossNotFinite, match=r"weights.*the last good state is .*step-00000004") as caught:
        run.train(Stopper(), on_step=poison)
    assert "learning_rate" in caught.value.hint
    assert read_log(tmp_path)[-1]["event"] == "failed"
    kept = weights(tmp_path)
    assert all(torch.isfinite(tensor).all() for tensor in kept.values())


def test_tokenizer_of_others_is_refused(tmp_path: Path, tokenizer: GalacticaTokenizer) -> None:
    write_shards(tmp_path, tokenizer, sentences(4), fingerprint="another")
    with pytest.raises(InputError, match="made with the tokenizer another"):
        open_corpus(tmp_path)


def test_empty_shards(small: MakeRecipe, tokenizer: GalacticaTokenizer, tmp_path: Path) -> None:
    write_shards(tmp_path / "shards", tokenizer, [])
    with pytest.raises(InputError, match="no rows"):
        pretrain(small(), open_corpus(tmp_path / "shards"), tmp_path / "run")


def test_rows_of_another_length(small: MakeRecipe, corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rows of 32 tokens, and the recipe reads 64") as caught:
        pretrain(small("data.row_tokens=64"), corpus, tmp_path)
    assert "data.row_tokens=32" in caught.value.hint


def test_continual_run_begins_where_the_other_ended(
    small: MakeRecipe, corpus: Corpus, tmp_path: Path, whole_run: Path
) -> None:
    recipe = small(f"init.checkpoint={json.dumps(str(whole_run / 'model'))}", "optimizer.learning_rate=1e-5")
    found: Pretrained = pretrain(recipe, corpus, tmp_path, budget_s=1e-6)
    before = [event for event in read_log(whole_run) if event["event"] == "dev"][-1]
    assert found.result.first is not None
    assert found.result.dev is not None
    assert found.result.dev.all == pytest.approx(before["loss"], abs=0.05)
    card = (found.model / "README.md").read_text()
    assert '"checkpoint": "model"' in card
    assert str(whole_run) not in card


def test_continual_run_needs_the_same_tokenizer_and_size(
    small: MakeRecipe, corpus: Corpus, tmp_path: Path, whole_run: Path
) -> None:
    init = f"init.checkpoint={json.dumps(str(whole_run / 'model'))}"
    other = GalacticaTokenizer.train(sentences(20), 320)
    write_shards(tmp_path / "shards", other, sentences(10))
    with pytest.raises(InputError, match="has the tokenizer"):
        pretrain(small(init), open_corpus(tmp_path / "shards"), tmp_path / "run")
    with pytest.raises(InputError, match="of another size"):
        pretrain(replace(small(init), size="mini"), corpus, tmp_path / "run")


def test_curves_for_tensorboard(small: MakeRecipe, corpus: Corpus, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    pretrain(small(), corpus, tmp_path, tensorboard=True)
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [each.step for each in events.Scalars("step/loss")] == list(range(1, 21))
