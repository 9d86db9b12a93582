from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.services.evaluation import (
    CitationRequest,
    evaluate_citations,
    evaluate_equations,
    evaluate_perplexity,
    evaluate_tasks,
)
from app.services.evaluation_sources import expanded, load_model
from app.settings import Settings
from app.wiring import open_library
from core.errors import InputError, ModelError
from indexer.store import papers as paper_store
from tests.builders import make_document, make_file, make_reference
from tests.training.conftest import nano_folder  # noqa: F401 - a fixture
from tests.training.evaluate.papers import quiet

TITLES = ["Deep nets for images", "Old trees in forests", "Protein folding by physics"]


@pytest.mark.parametrize("name", ["shipped", "galacite-mini"])
def test_the_shipped_model_may_be_named_or_be_absent(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("model.catalogue.shipped_weights", lambda _: checkpoint)
    found = load_model(name)
    assert found is not None
    assert found.folder == checkpoint
    monkeypatch.setattr("model.catalogue.shipped_weights", lambda _: tmp_path / "gone")
    assert load_model(name) is None


def corpus_file(path: Path, first: int, texts: Sequence[tuple[str, int]]) -> Path:
    """Papers of one paragraph each, citing one of ``TITLES`` where ``@`` stands."""
    lines = []
    for number, (text, cited) in enumerate(texts, start=first):
        place = text.index("@")
        record = {
            "id": str(number),
            "title": f"Paper number {number}",
            "authors": ["Ada Byron"],
            "refs": [{"title": title, "authors": "G. Hopper", "year": 2001, "raw": title} for title in TITLES],
            "secs": [["1 Introduction", [[text.replace("@", "[1]"), [[place, place + 3, [cited]]]]]]],
        }
        lines.append(json.dumps(record))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def train(tmp_path: Path) -> Path:
    texts = [("Images are seen by nets @.", 0), ("Woods are old @.", 1), ("Seen by nets @ again.", 0)]
    return corpus_file(tmp_path / "made.train.jsonl", 1, texts)


@pytest.fixture
def test(tmp_path: Path) -> Path:
    return corpus_file(tmp_path / "made.test.jsonl", 11, [("Nets see images @.", 0), ("Proteins fold @ so.", 2)])


def test_rankers_that_are_there_take_part_and_the_others_are_told(
    settings: Settings, train: Path, test: Path, tmp_path: Path
) -> None:
    request = CitationRequest(train=[str(train)], test=[str(test)], models=["none"], out=tmp_path / "out")
    report = evaluate_citations(settings, request, on_progress=quiet)
    assert [row.about.name for row in report.rows][:2] == ["most-cited", "bm25-titles"]
    assert (report.train, report.test, report.pairs) == (("made.train",), ("made.test",), 2)
    assert any("text encoder is not installed" in notice for notice in report.notices)
    assert report.complete
    assert (tmp_path / "out" / "citations.md").exists()


def test_a_checkpoint_takes_part(settings: Settings, train: Path, test: Path, nano_folder: Path) -> None:  # noqa: F811
    request = CitationRequest(
        train=[str(train)], test=[str(test)], dev=[str(train)], models=[str(nano_folder)], encoder="none"
    )
    report = evaluate_citations(settings, request, on_progress=quiet)
    assert [row.about.name for row in report.rows][-3:] == ["lm-free@nano", "lm-titles@nano", "lm-prior@nano"]
    assert any("3 of 3 dev papers are also in training" in notice for notice in report.notices)


def test_checkpoints_that_are_called_alike_are_told_apart(
    settings: Settings,
    train: Path,
    test: Path,
    tmp_path: Path,
    nano_folder: Path,  # noqa: F811
) -> None:
    folders = [str(shutil.copytree(nano_folder, tmp_path / run / "model")) for run in ("first", "second")]
    request = CitationRequest(train=[str(train)], test=[str(test)], models=[*folders, folders[0]], encoder="none")
    report = evaluate_citations(settings, request, on_progress=quiet)
    names = [row.about.name for row in report.rows if row.about.kind == "model"]
    assert names == [f"{row}@{folder}" for folder in folders for row in ("lm-free", "lm-titles", "lm-prior")]
    assert len(report.alpha) == 2


def test_titles_of_a_file(settings: Settings, train: Path, test: Path, tmp_path: Path) -> None:
    titles = tmp_path / "titles.txt"
    titles.write_text("Deep nets for images, Hopper\nWires and roads\n")
    request = CitationRequest(train=[str(train)], test=[str(test)], models=["none"], encoder="none", titles=titles)
    report = evaluate_citations(settings, request, on_progress=quiet)
    assert (report.candidates, report.missing_pairs) == (2, 1)
    assert any("1 of 2 pairs ask for a work that is not among the titles" in each for each in report.notices)


def test_a_library_is_split_by_paper(settings: Settings) -> None:
    galacite = open_library(settings)
    references = [make_reference(title) for title in TITLES]
    with galacite.database.session(write=True) as session:
        for number in range(20):
            document = make_document(
                f"Stored paper {number}", passages=[f"Nets see {number} images [1]."], references=references
            )
            paper_store.add_paper(session, document, make_file(document.title))
    galacite.close()
    request = CitationRequest(train=["library"], test=["library"], models=["none"], encoder="none")
    report = evaluate_citations(settings, request, on_progress=quiet)
    assert report.train_papers + report.papers == 20
    assert 1 <= report.papers <= 9
    assert "the library is split by paper: 20% of it is the test" in report.notices


def test_a_library_that_is_train_alone_is_taken_whole(settings: Settings, test: Path) -> None:
    galacite = open_library(settings)
    with galacite.database.session(write=True) as session:
        document = make_document("Stored", passages=["Nets [1]."], references=[make_reference(TITLES[0])])
        paper_store.add_paper(session, document, make_file("stored.pdf"))
    galacite.close()
    request = CitationRequest(train=["library"], test=[str(test)], models=["none"], encoder="none")
    assert evaluate_citations(settings, request, on_progress=quiet).train_papers == 1


def test_the_same_file_twice_leaves_nothing_to_ask(settings: Settings, train: Path) -> None:
    request = CitationRequest(train=[str(train)], test=[str(train)], models=["none"], encoder="none")
    with pytest.raises(InputError, match="no place to ask about"):
        evaluate_citations(settings, request, on_progress=quiet)


def test_bad_names_are_refused_before_anything_is_read(settings: Settings, train: Path, test: Path) -> None:
    told: list[object] = []
    for change, error in (
        ({"models": ["/no/such/model"]}, ModelError),
        ({"train": ["/no/such/file.jsonl"]}, InputError),
    ):
        request = CitationRequest(**{"train": [str(train)], "test": [str(test)], "encoder": "none"} | change)  # type: ignore[arg-type]
        with pytest.raises(error):
            evaluate_citations(settings, request, on_progress=lambda *each: told.append(each))
    assert told == []


def test_patterns_are_expanded_and_files_are_taken_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        (tmp_path / name).write_text("")
    found = expanded([f"{tmp_path}/b.jsonl", f"{tmp_path}/*.jsonl", "library"], "--train")
    assert found == [f"{tmp_path}/b.jsonl", f"{tmp_path}/a.jsonl", "library"]
    with pytest.raises(InputError, match="no such file"):
        expanded([f"{tmp_path}/*.xz"], "--train")


def test_perplexity_of_papers(settings: Settings, train: Path, nano_folder: Path) -> None:  # noqa: F811
    (report,) = evaluate_perplexity(settings, [str(nano_folder)], [str(train)], sample=2, seed=1, on_progress=quiet)
    assert (report.model, report.texts) == ("nano", 2)
    assert {each.kind for each in report.kinds} == {"all", "text", "citation"}


def test_equations_of_a_latex_source(settings: Settings, tmp_path: Path, nano_folder: Path) -> None:  # noqa: F811
    source = tmp_path / "paper.tex"
    source.write_text(
        "\\documentclass{article}\\title{On energy}\\begin{document}\\maketitle\\section{Theory}"
        "Energy is mass, as is known to all who read this.\n\\begin{equation}E = m c^{2}\\end{equation}\nSo it is."
        "\\end{document}"
    )
    (report,) = evaluate_equations(settings, [str(nano_folder)], [str(source)], sample=0, seed=1, on_progress=quiet)
    assert (report.equations, report.papers) == (1, 1)
    assert "m c^{2}" in report.shown[0].source
    plain = corpus_file(tmp_path / "plain.jsonl", 1, [("Nets @.", 0)])
    with pytest.raises(InputError, match="no displayed equations"):
        evaluate_equations(settings, [str(nano_folder)], [str(plain)], sample=0, seed=1, on_progress=quiet)


def test_a_model_is_needed(settings: Settings, train: Path, tmp_path: Path, nano_folder: Path) -> None:  # noqa: F811
    with pytest.raises(ModelError):
        evaluate_perplexity(settings, ["none"], [str(train)], sample=0, seed=1, on_progress=quiet)
    damaged = tmp_path / "damaged"
    shutil.copytree(nano_folder, damaged)
    (damaged / "config.json").write_text("{")
    with pytest.raises(ModelError):
        evaluate_tasks(settings, [str(damaged)], ["pubmedqa"], data=None, limit=0, seed=1, on_progress=quiet)
