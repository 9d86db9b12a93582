from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from core.errors import InputError
from model.galactica.galactica import Galactica
from tests.training.evaluate.papers import quiet
from training.evaluate.tasks import run_tasks

pytest.importorskip("lm_eval")

QUESTIONS = {
    "1": {"QUESTION": "Do nets learn?", "CONTEXTS": ["Nets were seen.", "They learnt."], "LONG_ANSWER": "They do."},
    "2": {"QUESTION": "Do trees talk?", "CONTEXTS": ["No voice was heard."], "LONG_ANSWER": "No."},
    "3": {"QUESTION": "Is it so?", "CONTEXTS": ["It may be."], "LONG_ANSWER": "Maybe."},
    "4": {"QUESTION": "Again?", "CONTEXTS": ["Once more."], "LONG_ANSWER": "Yes."},
    "5": {"QUESTION": "In training?", "CONTEXTS": ["Yes."], "LONG_ANSWER": "Yes."},
    "6": {"QUESTION": "More?", "CONTEXTS": ["Yes."], "LONG_ANSWER": "Yes."},
    "7": {"QUESTION": "Still more?", "CONTEXTS": ["Yes."], "LONG_ANSWER": "Yes."},
    "8": {"QUESTION": "The last?", "CONTEXTS": ["Yes."], "LONG_ANSWER": "Yes."},
}
ANSWERS = {"1": "yes", "2": "no", "3": "maybe", "4": "yes", "6": "yes", "7": "yes", "8": "yes"}


def written(folder: Path, questions: object, answers: object) -> Path:
    place = folder / "pubmedqa"
    place.mkdir()
    (place / "ori_pqal.json").write_text(json.dumps(questions))
    (place / "test_ground_truth.json").write_text(json.dumps(answers))
    return folder


def log_probability(model: Galactica, text: str, answer: str) -> float:
    prompt, whole = (model.tokenizer.encode(each) for each in (text, text + answer))
    with torch.inference_mode():
        scores = model.model(torch.tensor([whole])).logits[0].log_softmax(dim=-1)
    return float(sum(scores[place - 1, whole[place]] for place in range(len(prompt), len(whole))))


def test_pubmedqa_from_local_files(tmp_path: Path, nano: Galactica) -> None:
    data = written(tmp_path, QUESTIONS, ANSWERS)
    report = run_tasks(nano, ["pubmedqa"], data=data, limit=0, seed=1, on_progress=quiet)
    (scores,) = report.tasks
    assert (report.model, scores.task, scores.questions) == ("nano", "galacite_pubmedqa", 7)
    assert scores.majority == pytest.approx(5 / 7)
    right = 0
    for identity, answer in ANSWERS.items():
        record = QUESTIONS[identity]
        text = f"{' '.join(record['CONTEXTS'])}\n\nQuestion: {record['QUESTION']}\n\nAnswer:"
        right += answer == max(("yes", "no", "maybe"), key=lambda each: log_probability(nano, text, f" {each}"))
    assert scores.metrics == {"acc": pytest.approx(right / 7)}


def test_the_folder_of_pubmedqa_itself_will_do_and_the_limit_holds(tmp_path: Path, nano: Galactica) -> None:
    data = written(tmp_path, QUESTIONS, ANSWERS) / "pubmedqa"
    (scores,) = run_tasks(nano, ["pubmedqa"], data=data, limit=3, seed=1, on_progress=quiet).tasks
    assert scores.questions == 3


@pytest.mark.parametrize(
    ("questions", "answers", "message"),
    [
        ({}, {"1": "yes"}, "is not PubMedQA"),
        ({"1": {"QUESTION": "?"}}, {"1": "yes"}, "is not PubMedQA"),
        ([], [], "is not PubMedQA"),
        (QUESTIONS, {}, "not yes, no or maybe"),
        (QUESTIONS, {"1": "perhaps"}, "not yes, no or maybe"),
    ],
)
def test_files_of_another_kind_are_refused(
    tmp_path: Path, nano: Galactica, questions: object, answers: object, message: str
) -> None:
    data = written(tmp_path, questions, answers)
    with pytest.raises(InputError, match=message):
        run_tasks(nano, ["pubmedqa"], data=data, limit=0, seed=1, on_progress=quiet)


def test_missing_data_and_unknown_tasks_are_refused(tmp_path: Path, nano: Galactica) -> None:
    with pytest.raises(InputError, match="no PubMedQA there"):
        run_tasks(nano, ["pubmedqa"], data=tmp_path, limit=0, seed=1, on_progress=quiet)
    with pytest.raises(InputError, match="where are the questions"):
        run_tasks(nano, ["pubmedqa"], data=None, limit=0, seed=1, on_progress=quiet)
    with pytest.raises(InputError, match="no task nosuchtask"):
        run_tasks(nano, ["nosuchtask"], data=None, limit=0, seed=1, on_progress=quiet)
