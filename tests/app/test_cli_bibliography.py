"""Bibliographies from the command line, as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from tests.app.shell import data, run

REFS = """@article{vaswani17, author={Vaswani, Ashish}, title={Attention Is All You Need}, year=2017, journal={NeurIPS},
  abstract={Sequence transduction without recurrence.}}
@misc{broken, title={never closed
@book{Knuth:68, author={Knuth, Donald E.}, title={The Art of Computer Programming}, year={1968}, publisher={Addison}}
"""


@pytest.fixture
def refs(tmp_path: Path) -> Path:
    path = tmp_path / "refs.bib"
    path.write_text(REFS, "utf-8")
    return path


def test_from_a_file_to_suggestions_and_out_again(settings: Settings, refs: Path, tmp_path: Path) -> None:
    [report] = data(run(settings, "bibliography", "import", str(refs), "--json"))
    assert (report["name"], report["entries"], report["added"]) == ("refs.bib", 2, 2)
    assert [problem["line"] for problem in report["problems"]] == [3]
    found = data(run(settings, "suggest", "-", "--json", stdin="Transduction works without recurrence [?]."))
    assert found["places"][0]["suggestions"][0]["work"]["title"] == "Attention Is All You Need"
    out = tmp_path / "out.bib"
    assert "2 works" in run(settings, "export", "--all", "--out", str(out)).stdout
    assert "@article{vaswani17," in out.read_text("utf-8")
    printed = run(settings, "export", "Knuth:68", "--format", "formatted", "--style", "ieee").stdout
    assert printed == "[1] D. E. Knuth, The Art of Computer Programming. Addison, 1968.\n"
    assert run(settings, "bibliography", "remove", "refs.bib", "--yes").returncode == 0
    assert data(run(settings, "export", "--all", "--json"))["works"] == []


def test_bad_files_are_told_and_do_not_stop_the_others(settings: Settings, refs: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.bib"
    bad.write_bytes(b"%PDF-1.7")
    some = run(settings, "bibliography", "import", str(bad), str(refs), "--no-wait")
    assert some.returncode == 1
    assert "bad.bib: a PDF, no bibliography" in some.stderr
    assert "refs.bib, line 3" in some.stderr
    assert "refs.bib: 2 entries, 2 added" in some.stdout
    assert run(settings, "bibliography", "import", str(bad), "--no-wait").returncode == 2
    assert "refs.bib: 2 entries, 2 works (bibtex)" in run(settings, "bibliography", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "nobody"), "nothing to export is called nobody"),
        (("bibliography", "import", "a.bib", "b.bib", "--name", "c"), "one name"),
    ],
)
def test_mistakes_are_told_with_a_way_out(settings: Settings, arguments: tuple[str, ...], words: str) -> None:
    done = run(settings, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 2
