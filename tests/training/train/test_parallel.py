"""Two processes that train together come to what one comes to alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.errors import InputError
from tests.training.train.conftest import SMALL
from tests.training.train.test_loop import curve, weights
from training.train.begin import choose_device, new_model
from training.train.data import Corpus
from training.train.loop import Run
from training.train.parallel import Team
from training.train.pretrain import pretrain
from training.train.recipe import Recipe


def test_two_processes_give_the_loss_of_one(
    small: Callable[..., Recipe], corpus: Corpus, corpus_folder: Path, tmp_path: Path
) -> None:
    changes = [part for change in (*SMALL, "optimizer.total_tokens=1280") for part in ("--set", change)]
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "app.cli",
        "train", "--recipe", "nano", "--data", str(corpus_folder), "--out", str(tmp_path / "two"), *changes,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("checkpoint  ") == 1
    pretrain(small("optimizer.total_tokens=1280"), corpus, tmp_path / "one")
    one, two = curve(tmp_path / "one"), curve(tmp_path / "two")
    assert len(one) == 5
    assert [loss for _, loss, _ in two] == pytest.approx([loss for _, loss, _ in one], rel=1e-5)
    alone, together = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert all(torch.allclose(alone[name], together[name], atol=1e-5) for name in alone)


def test_more_processes_than_rows(small: Callable[..., Recipe], corpus: Corpus, tmp_path: Path) -> None:
    recipe = small("optimizer.batch_tokens=32")
    model = new_model(recipe, corpus.tokenizer.vocabulary, choose_device(recipe, Team()))
    with pytest.raises(InputError, match="1 rows a step for 2 processes"):
        Run(recipe, corpus, model, tmp_path, team=Team(rank=0, size=2))
