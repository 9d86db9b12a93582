from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.latex.parser import parse_latex
from indexer.latex.sources import FolderStore, OutsideError, Sources
from tests.indexer.latex.projects import LIMITS, body, read, texts, write


def test_inputs_are_read_in_their_place(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "main.tex": r"\documentclass{article}\begin{document}A \input{one} B \include{sub/two} C "
            r"\input three.tex D \subfile{four}\import{sub/}{five}\end{document}",
            "one.tex": "one\\endinput never",
            "sub/two.tex": "two",
            "three.tex": "three",
            "four.tex": r"\documentclass[main]{subfiles}\begin{document}four\end{document}never",
            "sub/five.tex": "five",
        },
    )
    assert " ".join(texts(parse_latex(path, limits=LIMITS))) == "A one B two C three D fourfive"


def test_cycles_and_missing_files_are_told(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        r"\documentclass{article}\begin{document}A \input{other} \input{gone} B\end{document}",
        other_tex=r"x \input{main} \input{other} y",
    )
    assert texts(document) == ["A x y B"]
    assert sorted(notice.code for notice in document.notices) == ["cycle", "cycle", "missing_file"]


def test_no_path_and_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("SECRET")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "link.tex").symlink_to(tmp_path / "secret.tex")
    (folder / "up").symlink_to(tmp_path)
    document = body(
        folder,
        rf"A \input{{../secret}} \input{{{tmp_path}/secret}} \input{{link}} \input{{up/secret}}"
        r" \input{~/x} \input{|ls} B",
    )
    assert texts(document) == ["A B"]
    assert {notice.code for notice in document.notices} == {"outside"}


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.tex").write_text("real")
    (tmp_path / "link.tex").symlink_to(tmp_path / "real.tex")
    assert texts(body(tmp_path, r"A \input{link}")) == ["A real"]


def test_special_files_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tex")
    (tmp_path / "dir.tex").mkdir()
    assert FolderStore(tmp_path).find("pipe.tex") is None
    assert FolderStore(tmp_path).find("dir.tex") is None
    with pytest.raises(OutsideError):
        Sources(FolderStore(tmp_path)).text("/dev/zero")


@pytest.mark.parametrize(
    ("content", "limits", "reason"),
    [
        (b"", LIMITS, "empty"),
        (b"x" * 100, ParserLimits(max_file_bytes=10), "too_large"),
        (b"x" * (25 * 2**20), LIMITS, "too_large"),
    ],
)
def test_files_beyond_reason_are_refused(tmp_path: Path, content: bytes, limits: ParserLimits, reason: str) -> None:
    path = tmp_path / "a.tex"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"a\.tex") as caught:
        parse_latex(path, limits=limits)
    assert caught.value.reason == reason
    assert caught.value.hint


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        parse_latex(tmp_path / "gone.tex", limits=LIMITS)
    assert caught.value.reason == "missing"
