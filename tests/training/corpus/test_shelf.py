from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

import pytest

from core.errors import InputError
from core.records import Document
from training.corpus.records import SourcePaper
from training.corpus.shelf import Shelf, ShelvedPaper


class Supplier:
    """Makes papers a, b (which cannot be read), c and d, noting each; stops before one that is named."""

    def __init__(self, stop: str = "") -> None:
        self.made: list[str] = []
        self.stop = stop

    def __call__(self, known: Container[str]) -> Iterator[ShelvedPaper]:
        for name in "abcd":
            if name in known:
                continue
            if name == self.stop:
                raise InputError("stopped")
            self.made.append(name)
            paper = SourcePaper(id=name, source="x", licence="", document=Document(title=f"On {name}", page_count=1))
            yield ShelvedPaper(origin=name, paper=None if name == "b" else paper)


def shelf(folder: Path, supplier: Supplier) -> Shelf:
    return Shelf(folder / "new" / "files.jsonl", origins="abcd", supply=supplier)


def test_papers_are_made_once_and_read_from_then_on(tmp_path: Path) -> None:
    supplier = Supplier()
    source = shelf(tmp_path, supplier)
    for _ in range(2):
        assert [(paper.id, paper.document.title) for paper in source] == [("a", "On a"), ("c", "On c"), ("d", "On d")]
    assert supplier.made == ["a", "b", "c", "d"]
    assert source.name == "files"


def test_a_filling_that_was_stopped_goes_on_even_after_half_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stopped"):
        list(shelf(tmp_path, Supplier(stop="d")))
    path = tmp_path / "new" / "files.jsonl"
    path.write_bytes(path.read_bytes()[:-30])  # the line of c is cut
    again = Supplier()
    assert [paper.id for paper in shelf(tmp_path, again)] == ["a", "c", "d"]
    assert again.made == ["c", "d"]


def test_other_origins_are_another_source(tmp_path: Path) -> None:
    path = tmp_path / "files.jsonl"
    stamps = {Shelf(path, origins=origins, supply=Supplier()).stamp for origins in ("ab", "abc", "ab")}
    assert len(stamps) == 2


def test_what_follows_a_damaged_line_is_made_anew(tmp_path: Path) -> None:
    list(shelf(tmp_path, Supplier()))
    path = tmp_path / "new" / "files.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"x" * 100 + b"\n", *lines[2:]]))
    again = Supplier()
    assert [paper.id for paper in shelf(tmp_path, again)] == ["a", "c", "d"]
    assert again.made == ["b", "c", "d"]


def test_a_line_damaged_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "new" / "files.jsonl"

    def spoiled(known: Container[str]) -> Iterator[ShelvedPaper]:
        yield from Supplier()(known)
        path.write_bytes(path.read_bytes().replace(b"On d", b'On "d'))

    with pytest.raises(InputError, match=r"files\.jsonl:4: damaged"):
        list(Shelf(path, origins="abcd", supply=spoiled))
