from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from app.cli import cli
from tests.training.worthiness.drafts import write_corpus


def test_a_model_is_trained_and_measured_by_commands(tmp_path: Path) -> None:
    train = [
        str(write_corpus(tmp_path / f"{name}.train.jsonl", range(start, start + 6)))
        for name, start in [("a", 0), ("b", 9)]
    ]
    dev = str(write_corpus(tmp_path / "a.dev.jsonl", range(50, 54)))
    test = str(write_corpus(tmp_path / "a.test.jsonl", range(80, 84)))
    out = str(tmp_path / "out")
    command = ["train", "worthiness", "--train", *train, "--dev", dev, "--out", out, "--every", "1"]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert done.exit_code == 0
    assert "threshold" in done.stdout
    assert "| a.dev |" in done.stdout
    measure = ["evaluate", "worthiness", "--test", test, dev, "--model", out]
    told = CliRunner().invoke(cli, [*measure, "--json"], catch_exceptions=False)
    first, second = json.loads(told.stdout)
    assert (first["part"], second["part"]) == ("a.test", "a.dev")
    assert [row["name"] for row in first["operating"]] == ["always", "keywords", "model", "model, no et al."]
    shown = CliRunner().invoke(cli, measure, catch_exceptions=False)
    assert "precision at a recall of" in shown.stdout
    assert "sentences/s" in shown.stdout
