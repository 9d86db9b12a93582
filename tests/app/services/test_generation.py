"""Choosing the model that writes, reading titles, and what may reach a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.generation import open_model, printable, read_titles, references
from app.settings import Settings
from core.errors import InputError, ModelError, SettingsError
from model.galactica.titles import Title


def test_the_named_model_goes_before_that_of_the_settings(settings: Settings, checkpoint: Path) -> None:
    assert open_model(settings, str(checkpoint)).name == "nano"
    assert open_model(settings.model_copy(update={"citation_model": str(checkpoint)})).name == "nano"
    with pytest.raises(SettingsError, match="switched off"):
        open_model(settings)
    with pytest.raises(ModelError, match="no such model folder"):
        open_model(settings, str(checkpoint / "nowhere"))


def test_the_shipped_model_has_a_name(settings: Settings, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.catalogue.shipped_weights", lambda name: checkpoint if name == "galacite-mini" else None)
    assert open_model(settings, "galacite-mini").folder == checkpoint


def test_titles_from_a_file(tmp_path: Path, settings: Settings, checkpoint: Path) -> None:
    path = tmp_path / "titles.txt"
    path.write_text("\ufeffAttention weighs tokens\tVaswani\n\n  Fusion of rankings  \n\tNobody\n", encoding="utf-8")
    titles = [Title("Attention weighs tokens", "Vaswani"), Title("Fusion of rankings")]
    assert read_titles(path) == titles
    found = references(open_model(settings, str(checkpoint)), "As shown by", top=5, beams=None, titles=path)
    assert sorted(each.title for each in found) == sorted(each.title for each in titles)


@pytest.mark.parametrize("content", [b"", b"\n\n\t\n", b"\xff\xfe\x00bad"])
def test_files_without_titles(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "titles.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"titles\.txt"):
        read_titles(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_titles(tmp_path / "missing.txt")


def test_a_file_of_too_many_titles_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.generation._MOST_TITLES", 2)
    path = tmp_path / "titles.txt"
    path.write_bytes(b"One\nTwo\n")
    assert len(read_titles(path)) == 2
    path.write_bytes(b"One\nTwo\nThree\n" + b"x\n" * 10_000 + b"\xff")
    with pytest.raises(InputError, match="more than 2 titles"):
        read_titles(path)


def test_a_terminal_gets_no_control_characters() -> None:
    assert printable("a\x1b[31mred\x07\r\n\tb\u202e\u00a0c  d 😀é") == "a[31mred \n\tb c  d 😀é"
