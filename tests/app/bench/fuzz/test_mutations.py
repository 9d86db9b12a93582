from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from app.bench.fuzz import bytewise, structural
from app.bench.fuzz.mutations import KINDS, mutate
from app.bench.fuzz.skeleton import Part, Skeleton, take_apart
from tests.pdfs import make_pdf


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pdf(tmp_path_factory.mktemp("good") / "paper.pdf", pages=3)


def text_of(data: bytes) -> str:
    with pymupdf.open(stream=data, filetype="pdf") as document:
        return "".join(page.get_text() for page in document)


def test_a_file_taken_apart_and_put_together_says_the_same(paper: Path) -> None:
    again = take_apart(paper).to_bytes()
    assert text_of(again) == text_of(paper.read_bytes())
    with pymupdf.open(stream=again, filetype="pdf") as document:
        assert not document.is_repaired


def test_what_cannot_be_taken_apart_is_said(tmp_path: Path) -> None:
    path = tmp_path / "junk.pdf"
    path.write_bytes(b"junk")
    with pytest.raises(ValueError, match=r"junk\.pdf"):
        take_apart(path)


def test_the_same_seed_and_number_give_the_same_file(paper: Path) -> None:
    files = [paper]
    for index in range(len(KINDS)):
        assert mutate(files, seed=1, index=index) == mutate(files, seed=1, index=index)
    assert mutate(files, seed=1, index=0).data != mutate(files, seed=2, index=0).data


@pytest.mark.parametrize("index", range(len(KINDS)), ids=KINDS)
def test_each_kind_changes_the_file(index: int, paper: Path) -> None:
    good = (paper.read_bytes(), take_apart(paper).to_bytes())
    made = [mutate([paper], seed=seed, index=index) for seed in range(6)]
    assert {mutation.kind for mutation in made} == {KINDS[index]}
    assert any(mutation.data not in good for mutation in made)
    assert all(mutation.data for mutation in made)


def test_streams_are_compressed_again(paper: Path) -> None:
    skeleton = take_apart(paper)
    skeleton.parts = {number: part for number, part in skeleton.parts.items() if part.stream is not None}
    before = {number: part.unpacked() for number, part in skeleton.parts.items()}
    structural.mutate_unpacked(skeleton, random.Random(0))
    after = {number: part.unpacked() for number, part in skeleton.parts.items()}
    assert before != after
    assert None not in after.values()


@pytest.mark.parametrize("data", [b"%P", b"%PDF-1.4\n", b"xref\n0 1\nstream\nendstream"])
@pytest.mark.parametrize(
    "name", ["flip_bytes", "overwrite", "duplicate", "delete", "truncate", "swap_objects", "splice"]
)
def test_tiny_files(name: str, data: bytes) -> None:
    assert isinstance(getattr(bytewise, name)(data, random.Random(0)), bytes)


@pytest.mark.parametrize("mutation", [structural.nest_pages, structural.loop_pages, structural.shuffle_pages])
def test_a_file_without_pages_is_left_as_it_is(mutation: Callable[[Skeleton, random.Random], None]) -> None:
    skeleton = Skeleton({1: Part(b"<</Type/Catalog>>")}, b"<</Root 1 0 R>>")
    mutation(skeleton, random.Random(0))
    assert [part.text for part in skeleton.parts.values()] == [b"<</Type/Catalog>>"]
