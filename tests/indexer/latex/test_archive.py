from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.latex import archive
from indexer.latex.archive import safe_name
from indexer.latex.parser import parse_archive
from tests.indexer.latex.projects import LIMITS, check, texts

MAIN = r"""\documentclass{article}\title{Engines}\author{Ada Lovelace}
\begin{document}\maketitle\input{parts/one}\bibliography{refs}\end{document}"""
FILES = {
    "supplement.tex": r"\documentclass{article}\title{More}\begin{document}\maketitle Extra.\end{document}",
    "paper/main.tex": MAIN,
    "paper/parts/one.tex": r"\section{One}Text \cite{a}.",
    "paper/main.bbl": r"\begin{thebibliography}{1}\bibitem{a} A. Adams. A work on engines, 2001.\end{thebibliography}",
    "paper/figure.png": "\x89PNG",
}
Packer = Callable[[dict[str, str]], bytes]


def tar(files: dict[str, str], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as packed:  # type: ignore[call-overload]
        for name, text in files.items():
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return out.getvalue()


PACKERS: dict[str, Packer] = {
    "tar": tar,
    "tar.gz": lambda files: tar(files, "w:gz"),
    "tar.bz2": lambda files: bz2.compress(tar(files)),
    "tar.xz": lambda files: lzma.compress(tar(files)),
    "zip": zipped,
}


@pytest.mark.parametrize("kind", PACKERS)
def test_archives_of_every_kind_give_the_paper(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "source"
    path.write_bytes(PACKERS[kind](FILES))
    document = check(parse_archive(path, limits=LIMITS))
    assert document.title == "Engines"
    assert texts(document) == ["Text [1]."]
    assert len(document.references) == 1
    assert document.notices == ()


def test_the_name_that_arxiv_gives_identifies_the_paper(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(tar(FILES, "w:gz"))
    assert parse_archive(path, limits=LIMITS, name="arXiv-2101.00001v2.tar.gz").arxiv_id == "2101.00001"
    assert parse_archive(path, limits=LIMITS, name="2101.00001.tar.gz").arxiv_id == ""


def test_a_single_compressed_file_is_the_paper(tmp_path: Path) -> None:
    path = tmp_path / "2101.00001.gz"
    path.write_bytes(gzip.compress(MAIN.replace(r"\input{parts/one}", " Alone.").encode()))
    assert texts(parse_archive(path, limits=LIMITS)) == ["Alone."]


@pytest.mark.parametrize(
    "readme",
    [
        "other.tex toplevelfile\npaper/main.tex ignore",
        '{"sources": [{"usage": "toplevel", "filename": "other.tex"}]}',
    ],
)
def test_the_readme_of_arxiv_names_the_main_file(tmp_path: Path, readme: str) -> None:
    path = tmp_path / "a.tar"
    other = r"\documentclass{article}\begin{document}Other.\end{document}"
    path.write_bytes(tar({**FILES, "other.tex": other, "00README.XXX": readme}))
    assert texts(parse_archive(path, limits=LIMITS)) == ["Other."]


def test_files_outside_the_archive_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.tex"
    secret.write_text("SECRET")
    main = rf"\documentclass{{article}}\begin{{document}}A \input{{../secret}}\input{{{secret}}} B\end{{document}}"
    path = tmp_path / "a.tar.gz"
    path.write_bytes(tar({"main.tex": main, "../secret.tex": "WRONG", "/abs.tex": "x"}, "w:gz"))
    document = parse_archive(path, limits=LIMITS)
    assert texts(document) == ["A B"]
    assert {notice.code for notice in document.notices} == {"outside"}


def test_links_in_archives_are_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        data = rb"\documentclass{article}\begin{document}A \input{link} B\end{document}"
        member = tarfile.TarInfo("main.tex")
        member.size = len(data)
        packed.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("link.tex")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
        device = tarfile.TarInfo("device.tex")
        device.type = tarfile.CHRTYPE
        packed.addfile(device)
    path = tmp_path / "a.tar"
    path.write_bytes(out.getvalue())
    document = parse_archive(path, limits=LIMITS)
    assert texts(document) == ["A B"]
    assert [notice.code for notice in document.notices] == ["missing_file"]


def refusal(path: Path, limits: ParserLimits = LIMITS) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        parse_archive(path, limits=limits)
    assert caught.value.hint
    assert path.name in caught.value.message
    return caught.value


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TEXT_BYTES", 100_000)
    monkeypatch.setattr(archive, "_MAX_UNPACKED", 1_000_000)
    monkeypatch.setattr(archive, "MAX_FILES", 50)
    large = {"main.tex": MAIN, "big.tex": "x" * 200_000}
    bombs = {
        "single.gz": gzip.compress(b"x" * 200_000),
        "tar.gz": tar(large, "w:gz"),
        "zip": zipped(large),
        "pictures.tar.gz": tar({"a.png": "x" * 2_000_000, "main.tex": MAIN}, "w:gz"),
        "many.tar": tar({f"{number}.tex": "x" for number in range(60)}),
        "many.zip": zipped({f"{number}.tex": "x" for number in range(60)}),
    }
    for name, data in bombs.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert refusal(path).reason == "too_large"


def test_damaged_and_foreign_archives_are_refused(tmp_path: Path) -> None:
    whole = tar(FILES, "w:gz")
    damaged = {
        "cut.tar.gz": whole[: len(whole) // 2],
        "cut.zip": zipped(FILES)[:60],
        "junk.gz": b"\x1f\x8b" + b"junk" * 20,
        "none.zip": zipped({"a.txt": "no paper", "b.bib": "@a{b}"}),
        "binary.gz": gzip.compress(bytes(range(256)) * 4),
    }
    for name, data in damaged.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert refusal(path).reason == "damaged"
    empty = tmp_path / "empty.zip"
    empty.write_bytes(b"")
    assert refusal(empty).reason == "empty"
    assert refusal(tmp_path / "gone.zip").reason == "missing"
    (tmp_path / "ok.zip").write_bytes(zipped(FILES))
    assert refusal(tmp_path / "ok.zip", ParserLimits(max_file_bytes=10)).reason == "too_large"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("./a/b.tex", "a/b.tex"),
        ("a\\b.tex", "a/b.tex"),
        ("/etc/passwd", "etc/passwd"),
        ("../a.tex", ""),
        ("a/../../b.tex", ""),
        ("C:\\x.tex", ""),
        ("a\0.tex", "a.tex"),
        ("x" * 400, ""),
    ],
)
def test_names_of_members_lead_nowhere_else(name: str, expected: str) -> None:
    assert safe_name(name) == expected
