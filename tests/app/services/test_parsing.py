"""Many files at once: order, failures, and nothing left behind."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.services.parsing import given_files, limits_with, parse_files
from core.errors import InputError
from indexer.config import ParserLimits
from tests.pdfs import make_pdf

LIMITS = ParserLimits(timeout_s=60.0)


def _children() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def papers(tmp_path: Path) -> list[Path]:
    """Five good PDFs with a text file among them."""
    paths = [make_pdf(tmp_path / f"{name}.pdf", title=f"Paper {name}") for name in "abcde"]
    other = tmp_path / "notes.pdf"
    other.write_text("only words")
    return [*paths[:2], other, *paths[2:]]


def test_results_come_in_the_order_of_the_files(papers: list[Path]) -> None:
    results = list(parse_files(papers, limits=LIMITS, workers=2))
    assert [result.path for result in results] == papers
    assert [result.document.title if result.document else "" for result in results] == [
        "Paper a", "Paper b", "", "Paper c", "Paper d", "Paper e",
    ]  # fmt: skip
    failed = results[2].error
    assert isinstance(failed, InputError)
    assert failed.message.startswith("notes.pdf")
    assert _children() == []


def test_only_a_few_files_are_taken_ahead_of_the_results(papers: list[Path]) -> None:
    taken = 0

    def files() -> Iterator[Path]:
        nonlocal taken
        while True:
            taken += 1
            yield papers[0]

    results = parse_files(files(), limits=LIMITS, workers=1)
    for _ in range(3):
        next(results)
    results.close()
    assert taken < 12


def test_closing_ends_a_parse_in_progress(tmp_path: Path) -> None:
    quick = make_pdf(tmp_path / "quick.pdf")
    fifo = tmp_path / "never.pdf"  # whoever opens it waits for a writer
    os.mkfifo(fifo)
    slow = [make_pdf(tmp_path / f"{number}.pdf", pages=60) for number in range(4)]
    results = parse_files([quick, *slow, fifo], limits=LIMITS, workers=2)
    assert next(results).document is not None
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < 5
    assert _children() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("parse")]


def test_a_file_gets_its_time_and_no_more(tmp_path: Path) -> None:
    files = [make_pdf(tmp_path / f"{number}.pdf", pages=300) for number in range(2)]
    results = list(parse_files(files, limits=limits_with(LIMITS, timeout_s=0.2), workers=1))
    assert [getattr(result.error, "reason", "") for result in results] == ["timeout", "timeout"]


def test_names_are_files_folders_patterns_and_standard_input(tmp_path: Path) -> None:
    one = make_pdf(tmp_path / "one.pdf")
    folder = tmp_path / "folder"
    folder.mkdir()
    two = make_pdf(folder / "two.pdf")
    with given_files([str(one), str(folder), str(two)], io.BytesIO()) as paths:
        assert paths == [one, two]
    listed = f"{one}\n\n{folder}\n".encode()
    with given_files(["-"], io.BytesIO(listed)) as paths:
        assert paths == [one, two]
    odd = tmp_path / "a\nb.pdf"
    odd.write_bytes(one.read_bytes())
    with given_files(["-"], io.BytesIO(os.fsencode(odd) + b"\0")) as paths:
        assert paths == [odd]


def test_a_pdf_on_standard_input_is_a_file_for_a_while(tmp_path: Path) -> None:
    content = make_pdf(tmp_path / "one.pdf").read_bytes()
    with given_files(["-"], io.BytesIO(content)) as paths:
        assert [path.read_bytes() for path in paths] == [content]
        [result] = parse_files(paths, limits=LIMITS, workers=1)
        assert result.file == "-"
    assert not paths[0].exists()


def test_nothing_to_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no PDF files"), given_files([str(tmp_path)], io.BytesIO()):
        pass
    with pytest.raises(InputError, match="no PDF files"), given_files(["-"], io.BytesIO(b"\n")):
        pass


def test_a_name_need_not_be_text(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.pdf"))
    path.write_bytes(make_pdf(tmp_path / "one.pdf").read_bytes())
    [result] = parse_files([path], limits=LIMITS, workers=1)
    assert result.document is not None
    assert result.file.endswith("\\xff.pdf")
    result.file.encode()
