"""The benchmark as a whole: our own parser on a tiny set, its tables, and its command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.bench.parse.bench import ParseBenchPlan, bench_parse
from app.bench.parse.document import BEGIN, END, markdown, write_figures
from app.bench.parse.report import cost, data, misses
from app.bench.parse.runner import PaperScores, SetReport, cores, peak_memory
from app.bench.parse.scores import Score
from app.settings import Settings
from core.errors import InputError
from tests.pdfs import make_pdf

ENTRY = "R. Taylor and M. Kardas. Galactica: A Large Language Model for Science. 2022."
TRUTH = {
    "title": "A Study of Citation Tokens",
    "authors": ["Ada Example"],
    "refs": {"g": {"author": "Taylor, R. and Kardas, M.", "title": "Galactica: A Large Language Model for Science"}},
    "printed": {"g": ENTRY},
    "mentions": [["g"], ["g"]],
}


@pytest.fixture
def styles(tmp_path: Path) -> Path:
    """Two papers, of which the second is said to have another title and one reference more."""
    for name, truth in (
        ("good", TRUTH),
        ("odd", TRUTH | {"title": "Another Title", "printed": {"g": ENTRY, "h": "Not in the list at all, 1999."}}),
    ):
        folder = tmp_path / "styles" / name
        folder.mkdir(parents=True)
        make_pdf(folder / f"{name}.pdf")
        (folder / "truth.json").write_text(json.dumps({**truth, "style": name}))
    return tmp_path / "styles"


def test_our_parser_is_measured_and_timed(styles: Path, settings: Settings) -> None:
    told: list[tuple[str, int, int]] = []
    plan = ParseBenchPlan(data=None, sets=(), folders=(styles,), workers=(1, 2))
    [report] = bench_parse(plan, settings, on_progress=lambda what, done, total: told.append((what, done, total)))
    assert report.micro["title"] == Score(right=1, found=2, expected=2)
    assert report.micro["segmentation"] == Score(right=2, found=2, expected=3)
    assert report.groups["good"]["segmentation"].f1 == 1
    assert [(timing.workers, timing.pages) for timing in report.timings] == [(1, 4), (2, 4)]
    assert report.peak_memory_mib is not None
    assert report.peak_memory_mib > 20
    assert told[-1] == ("styles, galacite", 4, 4)
    assert "odd segmentation - Not in the list at all, 1999." in list(misses(report))
    figures = data(report)
    assert figures["minimum"]["segmentation"] == {"group": "odd", "f1": pytest.approx(2 / 3)}
    assert figures["papers"][1]["missed"]["title"] == ["Another Title"]
    table = markdown([report])
    assert "| odd | 1.000 0.500 0.667 |" in table
    assert "| galacite | 0.800 (0.667) |" in table
    assert "with 2 workers (4 pages" in cost(report)


def test_what_is_missing_is_named(settings: Settings, tmp_path: Path) -> None:
    for plan, said in (
        (ParseBenchPlan(data=None), "no folder of benchmark data"),
        (ParseBenchPlan(data=tmp_path), "no papers"),
        (ParseBenchPlan(data=tmp_path, sets=("books",)), "no set books"),
    ):
        with pytest.raises(InputError, match=said):
            bench_parse(plan, settings)


def test_a_set_of_one_group_has_a_row_for_each_measure() -> None:
    report = SetReport(set_name="s", tool="t", papers=(PaperScores(name="p", group="all", results={}),))
    assert "| precision | recall | F1 |" in markdown([report])


def test_figures_take_their_place_in_a_document(tmp_path: Path) -> None:
    path = tmp_path / "figures.md"
    path.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n")
    report = SetReport(set_name="s", tool="t", papers=(PaperScores(name="p", group="all", results={}),))
    write_figures(path, [report])
    write_figures(path, [report])
    text = path.read_text()
    assert text.startswith(f"Before.\n{BEGIN}\n\n| s: F1")
    assert text.endswith(f"{END}\nAfter.\n")
    assert "old" not in text
    path.write_text("A document without marks.")
    with pytest.raises(InputError, match="no place for the figures"):
        write_figures(path, [report])
    assert path.read_text() == "A document without marks."
    with pytest.raises(InputError, match="none"):
        write_figures(tmp_path / "none" / "figures.md", [report])


def test_the_command(styles: Path, settings: Settings, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"file": str(styles / "good" / "good.pdf"), "title": TRUTH["title"]}))
    options = ["--no-own", "--json", "--predictions", f"other={lines}", "--markdown", str(tmp_path / "table.md")]
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "bench", "parse", "--set-folder", str(styles), *options],
        env={**os.environ, **settings.as_environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [report] = json.loads(done.stdout)
    assert (report["tool"], report["micro"]["title"]["f1"]) == ("other", 0.5)
    assert report["papers"][1]["error"] == "not in the output"
    assert "**styles, other**" in (tmp_path / "table.md").read_text("utf-8")


def test_cores_are_given_back() -> None:
    before = os.sched_getaffinity(0)
    with cores(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_the_peak_of_a_process_is_seen() -> None:
    with peak_memory() as peak:
        code = "import time; block = bytearray(100 * 2**20); del block; time.sleep(0.5)"
        subprocess.run([sys.executable, "-c", code], check=True)
    assert 100 < peak() < 200
