"""Scans on their way into the library; skipped where no language data of Tesseract are installed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pymupdf
import pytest

from app.services.ingestion import FileReport, follow
from app.settings import Settings
from app.wiring import Galacite, open_library
from indexer.pdf.scans.tessdata import find_ocr
from tests.pdfs import make_scan, scan_of

pytestmark = pytest.mark.skipif(find_ocr("eng") is None, reason="needs Tesseract (apt install tesseract-ocr)")

WORDS = (
    "Gutters part columns.",
    "Hyphens end lines.",
    "Labels name entries.",
    "Figures float freely.",
    "Notes lie below.",
)


@pytest.fixture
def unable(settings: Settings) -> Iterator[Galacite]:
    """A library that recognises nothing; its worker ends with the test."""
    opened = open_library(settings.model_copy(update={"ocr": "off"}))
    yield opened
    opened.supervisor.stop()
    opened.close()


def scan(path: Path) -> Path:
    sheets = pymupdf.open()
    for words in WORDS:
        page = sheets.new_page(width=300, height=300)
        page.insert_text((40, 120), words, fontsize=12)
        page.insert_text((40, 140), "These words were scanned.", fontsize=12)
    return scan_of(sheets.tobytes(), path)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def running(galacite: Galacite) -> str:
    return "".join(job.message for job in galacite.jobs.list(states=("running",)))


def test_a_scan_becomes_searchable_page_by_page(galacite: Galacite, tmp_path: Path) -> None:
    seen: set[str] = set()

    def look(reports: list[FileReport]) -> None:
        seen.update(f"{report.message} {report.done}/{report.total}" for report in reports)

    path = scan(tmp_path / "scan.pdf")
    (report,) = follow(galacite, [galacite.library.add(path, name=path.name)], on_progress=look)
    assert report.status == "added"
    assert "recognised" in report.message
    assert any("recognising page" in each and each.endswith("/8") for each in seen), seen
    assert report.paper_id is not None
    assert [notice.code for notice in galacite.library.get(report.paper_id).notices] == ["recognised"]
    assert 4 in {box.page for box in galacite.search.search("figures float").hits[0].boxes}
    assert galacite.library.add(path, name=path.name).status == "already"


def test_a_worker_killed_while_recognising_loses_and_doubles_nothing(galacite: Galacite, tmp_path: Path) -> None:
    path = scan(tmp_path / "scan.pdf")
    outcome = galacite.library.add(path, name=path.name)
    until(lambda: "recognising page 3" in running(galacite))
    children = psutil.Process().children(recursive=True)
    os.kill(next(child for child in children if "worker" in child.cmdline()).pid, signal.SIGKILL)
    (report,) = follow(galacite, [outcome])
    assert report.status == "added"
    assert report.paper_id is not None
    assert galacite.library.count() == 1
    document = galacite.library.document(report.paper_id)
    text = f"{document.title} {document.text}"  # the words of the first page are taken for a title
    assert [text.count(words) for words in WORDS] == [1] * len(WORDS)


def test_recognition_can_be_cancelled(galacite: Galacite, tmp_path: Path) -> None:
    path = scan(tmp_path / "scan.pdf")
    outcome = galacite.library.add(path, name=path.name)
    assert outcome.job_id is not None
    until(lambda: "recognising" in running(galacite))
    galacite.jobs.cancel(outcome.job_id)
    (report,) = follow(galacite, [outcome])
    assert report.status == "cancelled"
    until(lambda: not list(galacite.settings.files_folder.rglob("*.pdf")))
    assert galacite.library.count() == 0


def test_a_scan_that_was_kept_unread_is_read_when_it_is_added_again(
    unable: Galacite, settings: Settings, tmp_path: Path
) -> None:
    path = scan(tmp_path / "scan.pdf")
    (kept,) = follow(unable, [unable.library.add(path, name=path.name)])
    assert kept.paper_id is not None
    assert "apt install tesseract-ocr" in kept.message
    assert unable.library.add(path, name=path.name).status == "already"
    unable.supervisor.stop()
    able = open_library(settings)
    (report,) = follow(able, [able.library.add(path, name=path.name)])
    assert (report.status, report.paper_id) == ("added", kept.paper_id)
    assert "read again" in report.message
    assert able.search.search("hyphens end").hits[0].paper_id == kept.paper_id
    assert able.library.count() == 1
    able.supervisor.stop()
    able.close()


def test_any_paper_can_be_read_again(galacite: Galacite, tmp_path: Path) -> None:
    path = make_scan(tmp_path / "gray.pdf")
    (report,) = follow(galacite, [galacite.library.add(path, name=path.name)])
    assert report.paper_id is not None
    before = galacite.library.get(report.paper_id)
    (again,) = follow(galacite, [galacite.library.reread(before.key)])
    assert again.status == "added"
    after = galacite.library.get(report.paper_id)
    assert (after.key, after.revision) == (before.key, before.revision + 1)
    assert [notice.code for notice in after.notices] == ["no_text"]
