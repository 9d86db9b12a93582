from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError, StorageError
from tests.training.evaluate.papers import make_paper, quiet
from training.evaluate import lineup
from training.evaluate.citations import Names, evaluate_citations
from training.evaluate.lineup import Stage, Tell
from training.evaluate.plots import can_draw
from training.evaluate.questions import Exam, prepare
from training.evaluate.ranking import stacked
from training.evaluate.report import CitationReport
from training.evaluate.rows import About, Answers

TITLES = ["Deep nets for images", "Old trees in forests", "Protein folding by physics", "Graph theory of roads"]
TRAIN = [
    make_paper(1, ["Images are seen by nets [1]. Trees stand in woods [2]."], TITLES),
    make_paper(2, ["Seen by nets again [1]. Roads are graphs [4]."], TITLES),
]
TEST = [
    make_paper(11, ["Pictures are seen by nets [1].", "Wood is in old trees of forests [2]."], TITLES),
    make_paper(12, ["Physics of protein folding [3].", "We draw roads [4]."], TITLES),
]
NAMES = Names(train=("made.train",), test=("made.test",))


@pytest.fixture(scope="module")
def exam() -> Exam:
    return prepare(TRAIN, TEST, sample=0, dev_sample=0, seed=1, on_progress=quiet)


class CountingEncoder:
    """Words counted into as many buckets as there are letters: alike texts have alike vectors."""

    name = "letters"
    dimension = 26

    def encode(self, texts: list[str]) -> np.ndarray:
        rows = np.full((len(texts), 26), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text.lower():
                if "a" <= char <= "z":
                    row[ord(char) - ord("a")] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fixed(name: str, kind: str, answers: list[int], **more: object) -> Stage:
    """A stage whose first answers are given; candidates are in the order of their keys."""

    def stage(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
        ranking = stacked(([each], [0.0]) for each in answers)
        yield About(name=name, title=name, kind=kind), Answers(ranking=ranking, **more)  # type: ignore[arg-type]

    return stage


def evaluated(exam: Exam, *stages: Stage, out: Path | None = None) -> CitationReport:
    return evaluate_citations(exam, stages, names=NAMES, seed=1, out=out, on_progress=quiet, resamples=200)


def test_measures_are_those_of_the_answers(exam: Exam) -> None:
    deep, graph, trees, protein = 0, 1, 2, 3
    assert [work.title.split()[0] for work in exam.candidates] == ["Deep", "Graph", "Old", "Protein"]
    report = evaluated(
        exam,
        fixed("half", "baseline", [deep, deep, protein, deep]),
        fixed("all", "model", [deep, trees, protein, graph]),
    )
    half, full = report.rows
    assert half.measures["hit@1"].value == 0.5
    assert full.measures["hit@1"].value == 1
    assert half.seen["hit@1"].value == pytest.approx(1 / 3)
    assert half.unseen["hit@1"].value == 1
    assert half.differences is None
    assert full.differences is not None
    assert full.differences["hit@1"].baseline == "half"
    assert full.differences["hit@1"].estimate.value == 0.5
    # Papers have one right each, so every draw of them gives a half.
    assert (half.measures["hit@1"].low, half.measures["hit@1"].high) == (0.5, 0.5)
    assert (report.pairs, report.unseen_pairs, report.missing_pairs, report.papers) == (4, 1, 0, 2)
    # Citation counts: answers 2, 2, 0, 2, truth 2, 1, 0, 1.
    assert half.ks == pytest.approx(0.5)
    assert full.ks == 0


def test_all_rankers_without_language_model(exam: Exam, tmp_path: Path) -> None:
    encoder = CountingEncoder()
    stages = [
        lineup.most_cited,
        lineup.bm25_titles,
        lineup.bm25_profiles,
        lineup.zero_shot(encoder),
        lineup.tuned(encoder),
    ]
    report = evaluated(exam, *stages, out=tmp_path)
    rows = {row.about.name: row for row in report.rows}
    assert list(rows) == [
        "most-cited", "bm25-titles", "bm25-titles+title", "bm25-profiles", "bm25-profiles+title",
        "faiss-zero-shot", "faiss-zero-shot+title", "faiss-tuned", "faiss-tuned-profiles",
    ]  # fmt: skip
    assert rows["most-cited"].measures["hit@1"].value == 0.25
    assert rows["bm25-titles"].measures["hit@1"].value == 0.5, "the neighbouring sentence misleads in the others"
    assert report.complete
    files = {path.name for path in tmp_path.iterdir()}
    pictures = {"buckets.png", "ranks.png"} if can_draw() else set()
    assert files == {"citations.json", "citations.md", "ranks.csv"} | pictures
    table = (tmp_path / "citations.md").read_text("utf-8")
    assert "| BM25, titles | 50.0 (" in table
    assert "hit@1 is 100.0 when the first is always right" in table
    assert json.loads((tmp_path / "citations.json").read_text("utf-8"))["rows"][0]["about"]["name"] == "most-cited"
    first, *ranks = (tmp_path / "ranks.csv").read_text("utf-8").splitlines()
    assert first.startswith("paper,target,cited_by,most-cited,bm25-titles,")
    assert ranks[0].startswith("made/11,deepnetsforimages,2,1,2,")


def test_what_training_papers_say_of_a_work_finds_it() -> None:
    unlike = [make_paper(31, ["What is seen again [1]."], TITLES, title="An essay")]
    exam = prepare(TRAIN, unlike, sample=0, dev_sample=0, seed=1, on_progress=quiet)
    report = evaluated(exam, lineup.bm25_titles, lineup.bm25_profiles)
    assert [row.measures["hit@1"].value for row in report.rows] == [0, 0, 1, 1]


def test_a_run_that_breaks_off_leaves_its_rows(exam: Exam, tmp_path: Path) -> None:
    def broken(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
        raise ModelError("scores are not numbers")
        yield

    with pytest.raises(ModelError):
        evaluated(exam, lineup.most_cited, broken, out=tmp_path)
    kept = json.loads((tmp_path / "citations.json").read_text("utf-8"))
    assert (kept["complete"], len(kept["rows"])) == (False, 1)
    assert "Not complete" in (tmp_path / "citations.md").read_text("utf-8")


def test_a_single_answer_is_held_to_its_first_and_may_be_invented(exam: Exam) -> None:
    invented = np.array([False, True, False, True])
    report = evaluated(exam, fixed("free", "model", [0, -1, 0, -1], depth=1, invented=invented))
    (row,) = report.rows
    assert list(row.measures) == ["hit@1", "right first"]
    assert row.invented is not None
    assert row.invented.value == 0.5
    assert {bucket.name: bucket.invented for bucket in row.buckets} == {"0 (unseen)": 0, "1": 1, "2–4": 0}


def test_calibration_is_measured_as_it_is_and_at_the_temperature_of_dev(exam: Exam, tmp_path: Path) -> None:
    report = evaluated(
        exam, fixed("model", "model", [0, 2, 3, 0], log_probabilities=True, temperature=2.0), out=tmp_path
    )
    (row,) = report.rows
    assert [each.temperature for each in row.calibration] == [1.0, 2.0]
    assert row.calibration[0].ece == pytest.approx(0.25), "sure of each, right in three of four"
    assert (tmp_path / "reliability.png").exists() is can_draw()


def test_scale_is_drawn_for_several_checkpoints(exam: Exam, tmp_path: Path) -> None:
    def sized(name: str, size: int) -> Stage:
        def stage(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
            for about, answers in fixed(f"lm-titles@{name}", "model", [0, 2, 3, 0])(exam, tell):
                yield replace(about, model=name, parameters=size), answers

        return stage

    evaluated(exam, sized("nano", 10_000), out=tmp_path / "one")
    assert not (tmp_path / "one" / "scale.png").exists()
    evaluated(exam, sized("nano", 10_000), sized("mini", 20_000_000), out=tmp_path / "two")
    assert (tmp_path / "two" / "scale.png").exists() is can_draw()


def test_a_folder_that_cannot_be_written_is_said(exam: Exam, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        evaluated(exam, lineup.most_cited, out=tmp_path / "file")
