"""Other tools: their output in a file, and run by their own interpreter."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.bench.parse import others
from app.bench.parse.others import PEERS, read_predictions, run_peer
from app.bench.parse.runner import score
from app.bench.parse.truth import TrueReference, Truth
from core.errors import InputError
from tests.pdfs import make_pdf

TOOL = """
import os
print("tools talk")
def extract_references_from_file(file):
    if "dies" in file:
        os._exit(3)
    if "fails" in file:
        raise ValueError("no text")
    return [{"raw_ref": ["A. One, Title of it, 2001."], "title": ["Title of it"], "author": ["A. One, B. Two"],
             "year": ["2001"]}]
"""


@pytest.fixture
def truths(tmp_path: Path) -> list[Truth]:
    """Three papers that all have the same reference."""
    reference = TrueReference(
        key="a", title="Title of it", text="A. One, Title of it, 2001.", year=2001, families=("One",)
    )
    papers = []
    for name in ("dies", "fails", "good"):
        (tmp_path / name).mkdir()
        path = make_pdf(tmp_path / name / f"{name}.pdf", pages=1)
        papers.append(Truth(name=name, group=name, path=path, title="T", references=(reference,), entries_printed=True))
    return papers


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter that has a tool of the name refextract."""
    (tmp_path / "refextract.py").write_text(TOOL)
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    return script


def test_a_tool_is_measured_where_it_provides_anything(truths: list[Truth], python: Path) -> None:
    done: list[int] = []
    output = run_peer("refextract", python, truths, on_progress=lambda count, _: done.append(count))
    assert set(output.found) == {"good"}
    assert output.errors["fails"] == "ValueError: no text"
    assert "died" in output.errors["dies"]
    assert done[-1] == 3
    assert output.timings[0].pages == 3
    report = score("set", "refextract", truths, output)
    assert set(report.micro) == {"segmentation", "usable"}
    assert (report.micro["usable"].right, report.micro["usable"].expected) == (1, 3)
    assert [paper.error[:5] for paper in report.papers] == ["the t", "Value", ""]


def test_a_tool_that_hangs_is_ended(truths: list[Truth], python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (python.parent / "refextract.py").write_text(TOOL.replace("os._exit(3)", "import time; time.sleep(600)"))
    monkeypatch.setattr(others, "_LONGEST_FILE_S", 3.0)
    output = run_peer("refextract", python, truths)
    assert "took too long" in output.errors["dies"]
    assert set(output.found) == {"good"}


def test_a_tool_that_is_not_there_is_named(truths: list[Truth], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="refextract cannot be run"):
        run_peer("refextract", Path(sys.executable), truths)
    with pytest.raises(InputError, match="no adapter for nobody"):
        run_peer("nobody", Path(sys.executable), truths)
    with pytest.raises(InputError, match="no-python"):
        run_peer("refextract", tmp_path / "no-python", truths)


def test_output_in_a_file_finds_its_papers(truths: list[Truth], tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    records = [
        {"file": "/elsewhere/good/good.pdf", "title": "T"},
        {"file": "fails/fails.pdf", "error": "no text"},
        {"file": "other.pdf", "title": "no paper of the set"},
    ]
    path.write_text("\n".join(map(json.dumps, records)) + "\n\n")
    output = read_predictions(path, truths)
    report = score("set", "file", truths, output)
    assert report.micro["title"].right == 1
    assert [paper.error for paper in report.papers] == ["not in the output", "no text", ""]


@pytest.mark.parametrize("content", ["[1]\n", "{\n", None])
def test_a_file_that_is_no_lines_of_json_is_refused(truths: list[Truth], tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "lines.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=r"lines\.jsonl"):
        read_predictions(path, truths)


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    """The program around the adapters."""
    path = Path(others.__file__).parent / "peers" / "harness.py"
    spec = importlib.util.spec_from_file_location("harness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_tool_has_an_adapter(harness: ModuleType) -> None:
    folder = Path(others.__file__).parent / "peers"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "harness"} == {
        name.replace("-", "_") for name in PEERS
    }


def test_markdown_becomes_a_record(harness: ModuleType) -> None:
    markdown = (
        "# **On Trees**\n\nAda One\n\n## Abstract\n\nTrees are _tall_.\n\n## 1 Growth\n\nThey grow.\n\n"
        "**References**\n\n- [1] A. One. *Oaks*. 2001.\n\n## Appendix\n\nMore.\n\n"
        "- [2] B. Two. [Elms](http://x.org). 2002."
    )
    record = harness.markdown_record(markdown)
    assert record["title"] == "On Trees"
    assert record["abstract"] == "Trees are tall."
    assert [each["heading"] for each in record["sections"]] == ["Abstract", "1 Growth", "Appendix"]
    assert [each["raw"] for each in record["references"]] == ["A. One. Oaks. 2001.", "B. Two. Elms. 2002."]


def test_names_become_persons(harness: ModuleType) -> None:
    one, two = {"family": "One", "given": "A. B."}, {"family": "Two", "given": "C."}
    assert harness.people("A. B. One, C. Two et al.") == [one, two]
    assert harness.people("One, A. B., and Two, C.") == [one, two]
    assert harness.person("van One, Ada") == {"family": "van One", "given": "Ada"}
