from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

import pytest

from core.errors import InputError
from tests.training.corpus.papers import make_papers
from training.corpus.prompts import (
    Prompt,
    PromptBox,
    paper_prompts,
    pubmedqa_prompts,
    read_prompts,
    scitldr_prompts,
    write_prompts,
)


def test_a_paper_gives_tasks_in_the_forms_of_galactica(tmp_path: Path) -> None:
    document = make_papers(tmp_path, papers=1)[0].document
    found = {prompt.kind: prompt.text for prompt in paper_prompts(document, random.Random(2))}
    assert set(found) == {"title", "paper", "keywords", "section"}
    assert found["title"].endswith(f"{document.abstract}\n\nTitle: {document.title}")
    assert found["paper"].startswith(f"Title: {document.title}\n\nAuthors: Ana Silva\n\nAbstract: Here we show")
    assert found["keywords"].endswith(f"\n\nKeywords: {', '.join(document.keywords)}")
    assert found["section"].startswith("Question: ")
    assert found["section"].rpartition("\n\nAnswer: ")[2] in ("Introduction", "Methods")


def test_the_sentence_that_says_most_sums_a_paper_up(tmp_path: Path) -> None:
    from dataclasses import replace

    document = make_papers(tmp_path, papers=1)[0].document
    abstract = f"{'Kelp is eaten by urchins. ' * 10}Here we show that otters help. They eat urchins."
    found = {
        prompt.kind: prompt.text for prompt in paper_prompts(replace(document, abstract=abstract), random.Random(2))
    }
    assert found["tldr"].endswith("They eat urchins.\n\nTLDR: Here we show that otters help.")


def test_summaries_by_people_are_read(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps({"source": ["A reef.", "It grows."], "target": ["Reefs </s> grow.", "Growth."]}) + "\n")
    assert [prompt.text for prompt in scitldr_prompts(path)] == [
        "A reef. It grows.\n\nTLDR: Reefs < /s> grow.",
        "A reef. It grows.\n\nTLDR: Growth.",
    ]


def test_the_part_to_measure_on_is_not_learned_from(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_text("{}")
    with pytest.raises(InputError, match="kept to be measured on"):
        list(scitldr_prompts(path))


def test_questions_to_measure_on_are_left_out(tmp_path: Path) -> None:
    record = {"QUESTION": "Do reefs grow?", "CONTEXTS": ["A reef.", "It grew."], "final_decision": "yes"}
    record = {**record, "LONG_ANSWER": "They do."}
    (tmp_path / "ori_pqal.json").write_text(json.dumps({"1": record, "2": {**record, "QUESTION": "Secret?"}}))
    (tmp_path / "test_ground_truth.json").write_text(json.dumps({"2": "yes"}))
    assert [prompt.text for prompt in pubmedqa_prompts(tmp_path / "ori_pqal.json")] == [
        "A reef. It grew.\n\nQuestion: Do reefs grow?\n\nAnswer: yes",
        "A reef. It grew.\n\nQuestion: Do reefs grow?\n\nAnswer: They do.",
    ]


def test_questions_without_the_list_of_those_to_leave_out_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ori_pqal.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be read as PubMedQA"):
        list(pubmedqa_prompts(tmp_path / "ori_pqal.json"))


@pytest.mark.parametrize("content", ["{", '{"source": 3, "target": []}', "[]", "\xff"])
def test_a_damaged_data_set_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(content.encode("latin1"))
    with pytest.raises(InputError, match=r"train\.jsonl: cannot be read as SciTLDR"):
        list(scitldr_prompts(path))


def test_all_kinds_take_turns_and_none_comes_twice(tmp_path: Path) -> None:
    documents = [paper.document for paper in make_papers(tmp_path, papers=5)]
    others = [Prompt(kind="scitldr", text=f"summary {number}") for number in range(7)]
    box = PromptBox(documents, others, random.Random(1))
    found = list(islice(box, 60))
    assert {prompt.kind for prompt in found[:6]} == {"arithmetic", "scitldr", "title", "paper", "keywords", "section"}
    taken = [prompt.text for prompt in found if prompt.kind != "arithmetic"]
    assert len(set(taken)) == len(taken) == 7 + 4 * 5


def test_prompts_kept_in_a_folder_come_back(tmp_path: Path) -> None:
    assert read_prompts(tmp_path) == []
    prompts = [Prompt(kind="tldr", text="a"), Prompt(kind="title", text="b")]
    write_prompts(tmp_path, prompts)
    assert read_prompts(tmp_path) == prompts
    (tmp_path / "prompts.json").write_text("[3]")
    with pytest.raises(InputError, match=r"prompts\.json"):
        read_prompts(tmp_path)
