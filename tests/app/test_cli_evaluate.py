"""Options of the evaluation commands as a shell gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.cli.options import spread
from app.settings import Settings
from core.errors import InputError
from tests.app.services.test_evaluation import corpus_file

NAMES = {"--train", "--test"}


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        ("--train a b --test c", "--train a --train b --test c"),
        ("--train a --train b", "--train a --train b"),
        ("--train=a b --seed 3 --json", "--train=a --train b --seed 3 --json"),
        ("--seed 3 --train a", "--seed 3 --train a"),
        ("--seed 3 x", "--seed 3 x"),
        ("--train - b", "--train - --train b"),
        ("--train a -- b", "--train a -- b"),
    ],
)
def test_values_up_to_the_next_option_belong_to_the_one_before(given: str, parsed: str) -> None:
    assert spread(given.split(), NAMES) == parsed.split()


@pytest.mark.parametrize(
    "given", ["--train", "--train --test c", "--test c --train", "--train a --test --seed 3", "--train --"]
)
def test_an_option_without_a_value_is_said(given: str) -> None:
    with pytest.raises(InputError, match=r"--t(rain|est): no value given"):
        spread(given.split(), NAMES)


def test_lists_of_files_and_json(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = corpus_file(tmp_path / "one.train.jsonl", 1, [("Images are seen by nets @.", 0)])
    second = corpus_file(tmp_path / "two.train.jsonl", 2, [("Woods are old @.", 1)])
    test = corpus_file(tmp_path / "made.test.jsonl", 11, [("Nets see images @.", 0)])
    command = f"evaluate citations --train {first} {second} --test {test} --model none --encoder none"
    result = CliRunner().invoke(cli, [*command.split(), "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["train"] == ["one.train", "two.train"]
    assert report["rows"][1]["about"]["name"] == "bm25-titles"
    assert "written to evaluation" in result.stderr
    assert (tmp_path / "evaluation" / "citations.json").exists()
    table = CliRunner().invoke(cli, [*command.split(), "--sample", "1"], catch_exceptions=False)
    assert "| BM25, titles |" in table.stdout


def test_a_prior_is_kept_only_when_it_is_tuned(tmp_path: Path) -> None:
    made = corpus_file(tmp_path / "one.train.jsonl", 1, [("Images are seen by nets @.", 0)])
    command = f"evaluate citations --train {made} --test {made} --keep-prior"
    result = CliRunner().invoke(cli, command.split())
    assert isinstance(result.exception, InputError)
    assert "--dev" in (result.exception.hint or "")
