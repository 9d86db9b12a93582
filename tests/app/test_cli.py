"""The command line as a user meets it: real processes, real exit codes, JSON that programs can read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from tests.pdfs import make_pdf

HEAVY = ("torch", "transformers", "faiss", "streamlit", "sqlalchemy", "pymupdf", "tantivy", "numpy")


def _run(settings: Settings, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={**os.environ, **settings.as_environment()},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, app.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_from_a_folder_to_an_answer_and_back(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    make_pdf(folder / "a.pdf", title="On Citation Tokens")
    make_pdf(folder / "b.pdf", title="On Dense Vectors", body="Vectors have angles and lengths in any dimension.")
    added = _json(_run(settings, "add", str(folder), "--json"))
    assert [report["status"] for report in added] == ["added", "added"]
    papers = _json(_run(settings, "list", "--json", "--order", "title"))
    assert [paper["title"] for paper in papers] == ["On Citation Tokens", "On Dense Vectors"]
    key = papers[0]["key"]
    shown = _json(_run(settings, "show", key, "--json"))
    assert shown["sections"]
    assert shown["references"][0]["raw"]
    found = _json(_run(settings, "search", "citation tokens", "--json"))
    assert found["hits"][0]["paper_key"] == key
    assert found["hits"][0]["page"] >= 1
    answer = _json(_run(settings, "ask", "What do citation tokens let a language model do?", "--json"))
    assert answer["sentences"][0]["evidence"]
    suggested = _json(_run(settings, "suggest", "-", "--json", stdin="A language model for science [?]."))
    assert suggested["places"][0]["suggestions"]
    summary = _json(_run(settings, "summarize", key, "--json"))
    assert summary["sentences"]
    assert _run(settings, "remove", key, "--yes").returncode == 0
    assert len(_json(_run(settings, "list", "--json"))) == 1


def test_text_output_names_paper_and_page(settings: Settings, tmp_path: Path) -> None:
    assert _run(settings, "add", str(make_pdf(tmp_path / "a.pdf"))).returncode == 0
    for arguments in (("search", "citation tokens"), ("ask", "What do citation tokens let a language model do?")):
        done = _run(settings, *arguments)
        assert done.returncode == 0, done.stderr
        assert "p. 1" in done.stdout
    assert "A Study of Citation Tokens" in _run(settings, "list").stdout
    assert "Introduction" in _run(settings, "show", "1", "--references").stdout


def test_one_bad_file_among_good_ones_is_exit_code_1_and_none_good_is_2(settings: Settings, tmp_path: Path) -> None:
    good, bad = make_pdf(tmp_path / "good.pdf"), tmp_path / "bad.pdf"
    bad.write_text("not a PDF")
    mixed = _run(settings, "add", str(good), str(bad))
    assert mixed.returncode == 1
    assert "bad.pdf: not a PDF" in mixed.stderr
    assert "1 added, 0 already there, 1 failed" in mixed.stdout
    assert _run(settings, "add", str(bad)).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nobody1999nothing"), "nobody1999nothing"),
        (("list", "--order", "colour"), "colour"),
        (("ask", ""), "empty"),
        (("suggest", "no-such-file.md"), "no-such-file.md"),
    ],
)
def test_bad_input_is_one_clear_message_with_a_hint(settings: Settings, arguments: tuple[str, ...], words: str) -> None:
    done = _run(settings, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) >= 2


def test_an_unknown_setting_stops_every_command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALACITE_PROT", "1")
    done = _run(settings, "list")
    assert done.returncode == 2
    assert "GALACITE_PORT" in done.stderr


def test_an_empty_library_says_how_to_begin(settings: Settings) -> None:
    assert "galacite add" in _run(settings, "list").stdout
    assert "empty" in _run(settings, "search", "anything").stderr
    assert _json(_run(settings, "ask", "What is it?", "--json"))["sentences"] == []


def test_doctor_finds_what_is_missing_and_says_what_to_do(settings: Settings) -> None:
    assert _run(settings, "migrate").returncode == 0
    done = _run(settings, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 1
    assert checks["database"]["state"] == "good"
    assert checks["models"]["state"] == "bad"
    assert checks["models"]["hint"] == "Run: galacite models install"


def test_doctor_on_a_new_machine_names_the_first_step(settings: Settings) -> None:
    checks = {check["name"]: check for check in json.loads(_run(settings, "doctor", "--json").stdout)}
    assert checks["database"]["hint"] == "Run: galacite migrate"


def test_reindex_rebuilds_from_the_database(settings: Settings, tmp_path: Path) -> None:
    _run(settings, "add", str(make_pdf(tmp_path / "a.pdf")))
    report = _json(_run(settings, "reindex", "--json"))
    assert report["added"] == 1
    assert _json(_run(settings, "search", "citation tokens", "--json"))["hits"]
