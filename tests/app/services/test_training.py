"""From papers to a checkpoint, as the command line asks for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.train import cli
from app.services.training import ModelTraining, train_model
from app.settings import Settings
from core.errors import InputError
from model.galactica.checkpoint import load_galactica
from tests.training.conftest import nano_folder  # noqa: F401 - a fixture
from training.train.log import read_log
from training.train.pretrain import Pretrained

SHORT = ("optimizer.total_tokens=40_960", "optimizer.warmup_tokens=4_096", "optimizer.learning_rate=0.01")


def train(request: ModelTraining, settings: Settings) -> Pretrained:
    return train_model(request, limits=settings.parser_limits, on_corpus=lambda step, done, total: None)


def test_from_the_sample_library_to_a_checkpoint_and_on(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "run"
    changes = [part for change in SHORT for part in ("--set", change)]
    command = ["--recipe", "nano", "--out", str(out), "--json", *changes]
    stopped = CliRunner().invoke(cli, [*command, "--time-budget", "0.001s"])
    assert stopped.exit_code == 0, stopped.output
    assert json.loads(stopped.stdout)["result"]["stopped"] == "time budget"
    done = CliRunner().invoke(cli, [*command, "--resume"])
    found = json.loads(done.stdout)["result"]
    assert found["stopped"] == ""
    assert found["state"]["step"] == 20
    losses = [event["loss"] for event in read_log(out) if event["event"] == "step"]
    assert losses[-1] < losses[0] - 0.7
    assert load_galactica(out / "model").generate("Citations are")
    assert "| files | 7 |" in (out / "model" / "README.md").read_text()


def corpus_file(folder: Path) -> Path:
    """Three papers that cite one work."""
    cited = {"title": "On counting", "authors": "B. Berg", "year": 2001, "venue": "", "raw": "B. Berg. On counting."}
    paragraph = ["Words are counted often and with care [1]. " * 30, [[38, 41, [0]]]]
    paper = {
        "title": "Of words", "authors": "A. Abel", "abstract": "Words.", "keywords": [], "accepted": "",
        "style": "num", "refs": [cited], "secs": [["Start", [paragraph]]],
    }  # fmt: skip
    source = folder / "own.train.jsonl"
    source.write_text("\n".join(json.dumps({**paper, "id": str(n), "title": f"Paper {n}"}) for n in range(3)))
    return source


def test_text_for_people(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source = corpus_file(tmp_path)
    command = ["--recipe", "nano", "--data", str(source), "--out", str(tmp_path / "run")]
    monkeypatch.setattr("app.services.training.find_spec", lambda name: None)
    done = CliRunner().invoke(cli, [*command, "--set", "optimizer.total_tokens=4096"])
    assert done.exit_code == 0, done.output
    assert "pip install 'galacite[training]'" in caplog.text
    assert not (tmp_path / "run" / "tensorboard").exists()
    for part in ("4,096 tokens in 2 steps: done", "at first", "tokens/s", "checkpoint"):
        assert part in done.stdout


def test_a_run_from_a_checkpoint_reads_papers_with_its_tokenizer(
    settings: Settings,
    tmp_path: Path,
    nano_folder: Path,  # noqa: F811
) -> None:
    changes = ["optimizer.total_tokens=4096", f"init.checkpoint={nano_folder}"]
    found = train(
        ModelTraining(recipe="nano", data=[str(corpus_file(tmp_path))], out=tmp_path / "more", changes=changes),
        settings,
    )
    before, after = load_galactica(nano_folder), load_galactica(found.model)
    assert after.tokenizer.fingerprint == before.tokenizer.fingerprint
    assert found.result.state.tokens == 4_096


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (ModelTraining(recipe=""), "no recipe"),
        (ModelTraining(recipe="tiny"), "no such recipe"),
        (ModelTraining(recipe="nano", time_budget="soon"), "not a duration"),
        (ModelTraining(recipe="nano", data=["missing.pdf"], out=Path("run")), "none of 1 files"),
    ],
)
def test_what_cannot_be_done_is_said(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: ModelTraining, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=what) as caught:
        train(request_, settings)
    assert caught.value.hint


def test_several_processes_need_a_finished_corpus(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match="finished corpus") as caught:
        train(ModelTraining(recipe="nano"), settings)
    assert "corpus build" in caught.value.hint
