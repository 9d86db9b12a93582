from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.bench.fuzz.run import fuzz
from core.errors import InputError
from indexer.config import ParserLimits
from indexer.pdf.isolated import IsolatedParser
from tests.pdfs import make_pdf

LIMITS = ParserLimits(timeout_s=20.0)
"""More than any of these files takes on a busy machine, but for those that never end."""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("good")
    for pages in (1, 3):
        make_pdf(folder / f"{pages}.pdf", pages=pages)
    return str(folder)


def test_nothing_goes_wrong_with_damaged_files(papers: str) -> None:
    """Two of each kind but the last two, which are made to take all the time there is."""
    steps: list[int] = []
    reports = [
        fuzz(
            [papers],
            limits=LIMITS,
            count=21,
            seed=3,
            first=first,
            workers=2,
            on_progress=lambda done, _: steps.append(done),
        )
        for first in (0, 23)
    ]
    for report in reports:
        assert report.clean, (report.faults, report.left_behind)
        assert 0 < report.peak_bytes < LIMITS.max_memory_bytes
    assert sum(case.outcome == "parsed" for report in reports for case in report.cases) > 20
    assert [case.index for case in reports[1].cases] == list(range(23, 44))
    assert sorted(steps) == sorted([*range(1, 22), *range(1, 22)])


def test_a_fault_is_told_and_its_file_kept(papers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = IsolatedParser.parse

    def parse_wrongly(self: IsolatedParser, path: Path) -> object:
        document = parse(self, path)
        return replace(document, title="")

    monkeypatch.setattr(IsolatedParser, "parse", parse_wrongly)
    report = fuzz([papers], limits=LIMITS, count=2, seed=0, workers=1, keep=tmp_path / "kept")
    assert not report.clean
    assert all("no title" in case.faults[0] for case in report.faults)
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {f"{case.index}.pdf" for case in report.faults}


def test_memory_beyond_the_limit_is_a_fault(papers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.bench.fuzz.watch._peak_of", lambda pid: 2**31)
    report = fuzz([papers], limits=LIMITS, count=1, seed=0, workers=1)
    assert ["2,048 MiB" in fault for case in report.faults for fault in case.faults] == [True]


def test_without_files_there_is_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        fuzz([str(tmp_path)], limits=LIMITS, count=1, seed=0, workers=1)
