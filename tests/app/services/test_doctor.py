from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.services.doctor import Check, examine
from app.settings import Settings


def recognition(settings: Settings) -> Check:
    return next(check for check in examine(settings) if check.name == "text recognition")


def test_recognition_without_language_data_says_how_to_install_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    check = recognition(settings)
    assert check.state == "note"
    assert "apt install tesseract-ocr" in check.hint


def test_languages_that_are_missing_are_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "eng.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert recognition(settings).state == "good"
    check = recognition(settings.model_copy(update={"ocr_languages": "eng+chi_sim"}))
    assert check.state == "note"
    assert "chi_sim" in check.message
    assert "tesseract-ocr-chi-sim" in check.hint


def test_recognition_that_is_switched_off_says_so(settings: Settings) -> None:
    check = recognition(settings.model_copy(update={"ocr": "off"}))
    assert (check.state, check.message) == ("note", "switched off")


def citation_model(settings: Settings, named: str | Path) -> Check:
    chosen = settings.model_copy(update={"citation_model": str(named)})
    return next(check for check in examine(chosen) if check.name == "citation model")


def test_a_citation_model_is_loaded_and_told_with_its_size(settings: Settings, checkpoint: Path) -> None:
    check = citation_model(settings, checkpoint)
    assert check.state == "good"
    assert "nano, 143.8k parameters, < 1 MB (BF16), 453 tokens, context of 256" in check.message


def test_a_citation_model_that_is_off_or_gone_is_a_note(settings: Settings, tmp_path: Path) -> None:
    assert citation_model(settings, "none").message == "switched off"
    gone = citation_model(settings, tmp_path / "gone")
    assert (gone.state, "gone" in gone.message) == ("note", True)
    assert "search indexes alone" in gone.hint


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_citation_model_is_named_by_its_file(
    settings: Settings, checkpoint: Path, tmp_path: Path, file: str
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(checkpoint, damaged)
    (damaged / file).write_bytes((damaged / file).read_bytes()[:100])
    check = citation_model(settings, damaged)
    assert check.state == "note"
    assert file in check.message


def test_a_model_of_the_hub_is_not_fetched_yet_or_named_by_what_is_damaged(
    settings: Settings, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert citation_model(settings, "owner/model").message == "owner/model: not fetched yet"
    kept = tmp_path / "cache" / "models--owner--model"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("0" * 40)
    shutil.copytree(checkpoint, kept / "snapshots" / ("0" * 40))
    assert citation_model(settings, "owner/model").state == "good"
    (kept / "snapshots" / ("0" * 40) / "tokenizer.json").write_text("{}")
    damaged = citation_model(settings, "owner/model")
    assert (damaged.state, "tokenizer.json" in damaged.message) == ("note", True)
