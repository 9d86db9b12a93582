from __future__ import annotations

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
