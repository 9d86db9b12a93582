from __future__ import annotations

from pathlib import Path

import pytest

from app.services.library import expand_paths
from app.wiring import Galacite
from core.errors import StorageError
from tests.builders import make_document, make_file


def test_names_become_files_each_once(tmp_path: Path) -> None:
    for name in ("b.pdf", "a.PDF", "note.txt"):
        (tmp_path / name).touch()
    folder, pattern = str(tmp_path), str(tmp_path / "*.pdf")
    assert expand_paths([folder, pattern]) == [tmp_path / "a.PDF", tmp_path / "b.pdf"]


def test_a_pattern_without_matches_is_not_passed_over(galacite: Galacite, tmp_path: Path) -> None:
    (outcome,) = galacite.library.add_paths([str(tmp_path / "*.pdf")])
    assert outcome.status == "failed"
    assert "no such file" in outcome.message


def test_a_stored_file_that_is_gone_is_told(galacite: Galacite) -> None:
    from indexer.store import papers

    with galacite.database.session(write=True) as session:
        paper = papers.add_paper(session, make_document(), make_file())
    with pytest.raises(StorageError, match="cannot be read"):
        galacite.library.pdf(paper)
