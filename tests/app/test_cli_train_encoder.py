from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from tests.model.tiny import write_bert
from tests.training.encoder.worlds import write_world


def test_the_command_trains_measures_and_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bert(tmp_path / "models" / "all-minilm-l6-v2", layers=3)
    monkeypatch.setenv("GALACITE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("GALACITE_HOME", str(tmp_path / "home"))
    train = [str(write_world(tmp_path / f"{name}.train.jsonl", range(8), seed=seed)) for seed, name in enumerate("ab")]
    dev = str(write_world(tmp_path / "a.dev.jsonl", [20]))
    command = ["train", "encoder", "--train", *train, "--dev", dev, "--steps", "1", "--run", str(tmp_path / "run")]
    done = CliRunner().invoke(cli, [*command, "--share", "2", "1", "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["step"], report["places"]) == (1, 80)
    assert set(report["found"]) == {"a.dev"}
    again = CliRunner().invoke(cli, [*command, "--share", "2", "1"], catch_exceptions=False)
    assert "1 of 1 steps" in again.stdout
    assert f"weights      {tmp_path / 'run' / 'citation-encoder'}" in again.stdout
    assert again.stdout.count("recall@100") == 2
