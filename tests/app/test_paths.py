"""Names that a user gave become files."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.paths import expand_paths
from core.errors import InputError


def test_names_become_files_each_once(tmp_path: Path) -> None:
    for name in ("b.pdf", "a.PDF", "note.txt"):
        (tmp_path / name).touch()
    folder, pattern = str(tmp_path), str(tmp_path / "*.pdf")
    assert expand_paths([folder, pattern]) == [tmp_path / "a.PDF", tmp_path / "b.pdf"]


def test_files_keep_the_order_in_which_they_are_first_named(tmp_path: Path) -> None:
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    one.touch()
    two.touch()
    assert expand_paths([str(two), str(one), f"{tmp_path}/./two.pdf"]) == [two, one]


def test_an_empty_name_is_a_mistake() -> None:
    with pytest.raises(InputError, match="empty name"):
        expand_paths([" "])
