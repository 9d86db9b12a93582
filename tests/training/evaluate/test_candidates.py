from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from core.errors import InputError
from training.contexts import CitedWork
from training.evaluate.candidates import read_titles

KNOWN = {
    work.key: work
    for work in (
        CitedWork(key="deepnets", title="Deep Nets", surname="Byron", year=1999, doi="10.1/n"),
        CitedWork(key="boxesbagsandjars", title="Boxes, Bags, and Jars", surname="Hopper"),
    )
}


def written(folder: Path, text: str, name: str = "titles.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def shown(works: list[CitedWork]) -> list[tuple[str, str]]:
    return [(work.title, work.surname) for work in works]


def test_lines_of_text(tmp_path: Path) -> None:
    lines = "deep nets\n\nBoxes, Bags, and Jars\nNew Graphs\tLovelace\nOn Wires, Turing\nDeep nets.\n"
    found = read_titles(written(tmp_path, lines), KNOWN)
    assert shown(found) == [
        ("Boxes, Bags, and Jars", "Hopper"), ("deep nets", "Byron"), ("New Graphs", "Lovelace"), ("On Wires", "Turing"),
    ]  # fmt: skip
    assert (found[1].year, found[1].doi) == (1999, "10.1/n")


def test_a_known_title_with_a_name_behind_is_split_there(tmp_path: Path) -> None:
    found = read_titles(written(tmp_path, "Boxes, Bags, and Jars, de la Cruz y Soto Mayor Ruiz\n"), KNOWN)
    assert shown(found) == [("Boxes, Bags, and Jars", "de la Cruz y Soto Mayor Ruiz")]


def test_json_lines_compressed(tmp_path: Path) -> None:
    path = tmp_path / "titles.jsonl.xz"
    path.write_bytes(lzma.compress(b'{"title": "Deep Nets", "year": 3}\n{"title": "New, Graphs", "surname": "X"}\n'))
    assert shown(read_titles(path, KNOWN)) == [("Deep Nets", "Byron"), ("New, Graphs", "X")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no title"),
        ("\n \n", "holds no title"),
        ("…\n", "1: no title"),
        ('Deep\n{"name": "x"}\n', "2: not a title in JSON"),
        ("{broken\n", "1: not a title in JSON"),
        ('{"title": null}\n', "1: no title"),
    ],
)
def test_what_is_no_title_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_titles(written(tmp_path, text), KNOWN)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "titles.bin"
    path.write_bytes(b"\xff\xfe\x00")
    for each in (path, tmp_path / "missing", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_titles(each, KNOWN)
    damaged = tmp_path / "titles.xz"
    damaged.write_bytes(lzma.compress(b"Deep Nets\n")[:-9])
    with pytest.raises(InputError, match="cannot be read"):
        read_titles(damaged, KNOWN)
