"""``galacite generate`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.settings import Settings
from core.errors import InputError

TEXT = "Language models store"


@pytest.fixture
def model(settings: Settings, checkpoint: Path) -> list[str]:
    """Options that name the model, in an environment of its own."""
    return ["--model", str(checkpoint)]


def _run(*arguments: str, stdin: str = "") -> Result:
    done = CliRunner().invoke(cli, ["generate", *arguments], input=stdin)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_text_goes_on_after_itself(model: list[str]) -> None:
    streamed = _run(TEXT, "--max-new-tokens", "8", *model).stdout
    assert streamed.startswith(TEXT)
    assert len(streamed) > len(TEXT) + 8
    assert _run("-", "--max-new-tokens", "8", *model, stdin=TEXT + "\n").stdout == streamed
    (found,) = json.loads(_run(TEXT, "--max-new-tokens", "8", "--json", *model).stdout)
    assert found["text"].startswith(TEXT)
    assert found["log_probability"] < 0


def test_several_continuations(model: list[str]) -> None:
    for how in (["--seed", "1", "--temperature", "1.5"], ["--beams", "5"], []):
        found = json.loads(_run(TEXT, "--top", "3", "--max-new-tokens", "6", *how, "--json", *model).stdout)
        assert len({each["log_probability"] for each in found}) == 3
        assert all(each["text"].startswith(TEXT) for each in found)
    assert _run(TEXT, "--top", "2", "--max-new-tokens", "4", *model).stdout.count(TEXT) == 2


def test_works_to_cite(model: list[str], tmp_path: Path) -> None:
    titles = tmp_path / "titles.txt"
    titles.write_text("Attention weighs tokens\tVaswani\nRank fusion\n")
    shown = _run(TEXT, "--titles", str(titles), *model).stdout
    assert "Attention weighs tokens, Vaswani" in shown
    assert shown.count("%") == 2
    found = json.loads(_run(TEXT, "--titles", str(titles), "--top", "1", "--json", *model).stdout)
    assert list(found[0]) == ["title", "surname", "log_probability", "id"]
    narrow = json.loads(_run(TEXT, "--titles", str(titles), "--top", "2", "--beams", "1", "--json", *model).stdout)
    assert len(narrow) == 2  # few beams find where to look, and all titles there are scored
    free = json.loads(_run(TEXT, "--reference", "--top", "2", "--beams", "4", "--json", *model).stdout)
    assert all(each["id"] is None for each in free)


def test_options_that_contradict(model: list[str]) -> None:
    with pytest.raises(InputError, match="top_p"):
        _run(TEXT, "--top-p", "3", *model)
    with pytest.raises(InputError, match="at most num_beams"):
        _run(TEXT, "--top", "5", "--beams", "2", *model)
    with pytest.raises(InputError, match="num_beams"):
        _run(TEXT, "--beams", "3", "--temperature", "1", *model)
    assert _run(TEXT, "--top", "0", *model).exit_code == 2
