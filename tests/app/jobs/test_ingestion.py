"""The whole path of a file through a real worker process, and every way in which it can go wrong."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.jobs.worker import Worker
from app.services.ingestion import FileReport, check_space, follow
from app.services.library import AddOutcome
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import NotFound, StorageError
from indexer.search.sync import SearchIndexes
from tests.pdfs import make_encrypted, make_huge, make_long, make_pdf, make_scan, make_truncated

_PATIENCE_S = 60.0


def _add(galacite: Galacite, *paths: Path) -> list[FileReport]:
    return follow(galacite, [galacite.library.add(path, name=path.name) for path in paths])


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def _worker_process() -> psutil.Process:
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if "worker" in child.cmdline())


def test_a_paper_becomes_searchable_with_its_page(galacite: Galacite, tmp_path: Path) -> None:
    (report,) = _add(galacite, make_pdf(tmp_path / "one.pdf", title="Tokens for Citing", pages=3))
    assert (report.status, report.message) == ("added", "added")
    assert report.paper_id is not None
    assert galacite.library.get(report.paper_id).title == "Tokens for Citing"
    hits = galacite.search.search("page 3 tells of tokens").hits
    assert hits[0].page == 3
    assert hits[0].paper_id == report.paper_id


def test_a_bad_batch_ends_in_messages_and_the_good_ones_come_through(galacite: Galacite, tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "page.pdf").write_text("<html>no</html>")
    paths = [
        make_pdf(tmp_path / "good.pdf"),
        tmp_path / "empty.pdf",
        tmp_path / "page.pdf",
        tmp_path / "absent.pdf",
        make_truncated(tmp_path / "truncated.pdf", share=0.02),
        make_encrypted(tmp_path / "locked.pdf"),
        make_long(tmp_path / "long.pdf", pages=5_000),
        make_huge(tmp_path / "huge.pdf", size_bytes=300 * 2**20),
        make_pdf(tmp_path / "it's “a” \n name.pdf", title="A Name with a Newline"),
    ]
    reports = _add(galacite, *paths)
    assert [report.status for report in reports] == ["added", *["failed"] * 7, "added"]
    for report, path in zip(reports[1:8], paths[1:8], strict=True):
        assert path.name in report.message
        assert report.hint, report
    assert galacite.library.count() == 2
    assert len(list(galacite.settings.files_folder.rglob("*.pdf"))) == 2
    assert not list(galacite.settings.files_folder.glob("incoming-*"))


def test_a_file_that_could_be_repaired_is_added_and_says_so(galacite: Galacite, tmp_path: Path) -> None:
    (report,) = _add(galacite, make_truncated(tmp_path / "cut.pdf", share=0.8))
    assert report.status == "added"
    assert "damaged" in report.message


def test_a_scan_is_kept_and_says_what_it_needs(galacite: Galacite, tmp_path: Path) -> None:
    (report,) = _add(galacite, make_scan(tmp_path / "scan.pdf"))
    assert report.status == "added"
    assert "OCR" in report.message
    assert report.paper_id is not None
    assert [notice.code for notice in galacite.library.get(report.paper_id).notices] == ["no_text"]


def test_the_same_file_twice_is_one_paper(galacite: Galacite, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "one.pdf")
    first, again = galacite.library.add(path, name="one.pdf"), galacite.library.add(path, name="copy.pdf")
    assert first.job_id == again.job_id
    follow(galacite, [first, again])
    later = galacite.library.add(path, name="later.pdf")
    assert later.status == "already"
    assert galacite.library.count() == 1


def test_two_versions_of_a_paper_are_both_kept_and_told(galacite: Galacite, tmp_path: Path) -> None:
    first = make_pdf(tmp_path / "v1.pdf", title="One Paper in Versions")
    second = make_pdf(tmp_path / "v2.pdf", title="One Paper in Versions", pages=3)
    _add(galacite, first)
    (report,) = _add(galacite, second)
    assert "another version" in report.message
    assert galacite.library.count() == 2


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(galacite: Galacite, tmp_path: Path) -> None:
    paths = [make_pdf(tmp_path / f"{number}.pdf", title=f"Paper Number {number}", pages=60) for number in range(4)]
    outcomes = [galacite.library.add(path, name=path.name) for path in paths]
    _until(lambda: bool(galacite.jobs.list(states=("running",))))
    os.kill(_worker_process().pid, signal.SIGKILL)
    reports = follow(galacite, outcomes)
    assert [report.status for report in reports] == ["added"] * 4
    assert galacite.library.count() == 4
    found = galacite.search.search("page 60 tells", top=50).hits
    assert len({hit.passage_id for hit in found}) == len(found)
    assert {hit.paper_title for hit in found if hit.page == 60} == {f"Paper Number {number}" for number in range(4)}


def test_a_paper_stored_but_not_indexed_is_indexed_when_a_worker_starts(settings: Settings, tmp_path: Path) -> None:
    galacite = open_library(settings)
    _add(galacite, make_pdf(tmp_path / "one.pdf"))
    galacite.supervisor.stop()
    manifest = next(settings.index_folder.rglob("manifest*"))
    manifest.unlink()
    galacite.supervisor = type(galacite.supervisor)(settings)
    galacite.supervisor.ensure_worker()
    _until(galacite.indexes.is_current)
    assert galacite.search.search("citation tokens").hits
    galacite.supervisor.stop()
    galacite.close()


def test_a_cancelled_job_leaves_no_paper_and_no_file_and_can_be_retried(settings: Settings, tmp_path: Path) -> None:
    waiting = settings.model_copy(update={"worker": "external"})
    asker = open_library(waiting)
    outcome = asker.library.add(make_pdf(tmp_path / "one.pdf"), name="one.pdf")
    assert outcome.job_id is not None
    asker.jobs.cancel(outcome.job_id)
    asker.close()
    galacite = open_library(settings)
    galacite.supervisor.ensure_worker()
    retried = galacite.jobs.retry(outcome.job_id)
    reports = follow(galacite, [AddOutcome(name="one.pdf", status="queued", message="", job_id=retried.id)])
    assert [report.status for report in reports] == ["added"]
    galacite.supervisor.stop()
    galacite.close()


def test_a_running_job_can_be_cancelled(galacite: Galacite, tmp_path: Path) -> None:
    outcome = galacite.library.add(make_pdf(tmp_path / "big.pdf", pages=400), name="big.pdf")
    assert outcome.job_id is not None
    _until(lambda: bool(galacite.jobs.list(states=("running",))))
    galacite.jobs.cancel(outcome.job_id)
    (report,) = follow(galacite, [outcome])
    assert report.status == "cancelled"
    _until(lambda: not list(galacite.settings.files_folder.rglob("*.pdf")))
    assert galacite.library.count() == 0


def test_a_paper_cancelled_while_it_is_indexed_is_taken_out_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    galacite = open_library(settings.model_copy(update={"worker": "external"}))
    outcome = galacite.library.add(make_pdf(tmp_path / "one.pdf"), name="one.pdf")
    assert outcome.job_id is not None
    worker = Worker(settings.model_copy(update={"worker": "external"}))
    plain_sync = SearchIndexes.sync

    def sync_and_cancel(*arguments: object, **options: object) -> object:
        report = plain_sync(*arguments, **options)  # type: ignore[arg-type]
        if galacite.library.count():
            galacite.jobs.cancel(outcome.job_id or 0)
        return report

    monkeypatch.setattr(SearchIndexes, "sync", sync_and_cancel)
    worker.run_job(outcome.job_id)
    assert galacite.jobs.get(outcome.job_id).state == "cancelled"
    assert galacite.library.count() == 0
    assert not list(settings.files_folder.rglob("*.pdf"))
    worker.close()
    galacite.close()


def test_a_removed_paper_is_gone_from_search_files_and_indexes(galacite: Galacite, tmp_path: Path) -> None:
    keep, drop = _add(galacite, make_pdf(tmp_path / "a.pdf", title="Kept"), make_pdf(tmp_path / "b.pdf", title="Gone"))
    assert drop.paper_id is not None
    galacite.library.remove(drop.paper_id)
    assert {hit.paper_id for hit in galacite.search.search("citation tokens").hits} == {keep.paper_id}
    _until(galacite.indexes.is_current)
    assert len(list(galacite.settings.files_folder.rglob("*.pdf"))) == 1


@pytest.mark.parametrize("name", ["absent", "1000000"])
def test_an_unknown_paper_is_said_so(galacite: Galacite, name: str) -> None:
    with pytest.raises(NotFound):
        galacite.library.get(name)


def test_a_name_spelled_twice_is_one_file(galacite: Galacite, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    path = make_pdf(tmp_path / "one.pdf")
    outcomes = galacite.library.add_paths([str(path), str(tmp_path / "sub" / ".." / "one.pdf")])
    assert [outcome.name for outcome in outcomes] == ["one.pdf"]


def test_a_full_disk_ends_the_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StorageError, match="3 files stay queued"):
        check_space(tmp_path, waiting=3)
