from __future__ import annotations

from pathlib import Path

import pytest

from indexer.pdf.scans.tessdata import LANGUAGES, find_ocr, find_tessdata, installed_languages


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("eng", "deu", "chi_sim", "osd"):
        (tmp_path / f"{name}.traineddata").touch()
    (tmp_path / "pdf.ttf").touch()
    return tmp_path


def test_languages_of_a_folder(data: Path) -> None:
    assert installed_languages(data) == {"eng", "deu", "chi_sim"}
    assert installed_languages(data / "absent") == set()


def test_the_named_folder_counts(data: Path) -> None:
    assert find_tessdata(environment={"TESSDATA_PREFIX": str(data)}) == data
    assert find_tessdata(environment={"TESSDATA_PREFIX": str(data / "absent")}) is None


def test_only_installed_languages_are_asked_for(data: Path) -> None:
    there = {"TESSDATA_PREFIX": str(data)}
    found = find_ocr("fra+deu+eng", environment=there)
    assert found is not None
    assert (found.tessdata, found.languages) == (str(data), "deu+eng")
    assert find_ocr("fra", environment=there) is None


@pytest.mark.parametrize(
    "name", ["", "e", "../eng", "eng+", "eng,deu", "eng deu", "eng/x", "a" * 40, "+".join(["eng"] * 11)]
)
def test_names_that_are_no_languages(name: str) -> None:
    assert LANGUAGES.fullmatch(name) is None
