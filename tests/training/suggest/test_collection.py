from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from core.errors import InputError
from model.suggestion_ranker import SuggestionRanker, write_weights
from tests.training.evaluate.papers import make_paper, quiet
from tests.training.evaluate.test_citations import TITLES, TRAIN, CountingEncoder
from training.evaluate.questions import prepare
from training.suggest.collection import _measured, evaluate_topics, markdown
from training.suggest.evaluate import Setup
from training.suggest.learn import Lesson, all_lists, learn
from training.suggest.lists import Scored
from training.suggest.topics import read_records, read_topics

RECORDS = [
    {
        "id": "10.1/a", "title": "Deep <i>nets</i>", "authors": "Byron, Ada and Li, Fei", "year": "2001",
        "abstract": "We see.",
    },
    {"id": "10.1/b", "title": "Old trees", "authors": "Wood, Tom", "year": "", "abstract": ""},
    {"id": "10.1/c", "title": "Roads as graphs", "authors": "", "year": "1999"},
]  # fmt: skip
TOPIC = """<top>
<num> Number: {number}
<title> {title}

<desc> Description:
{text}

<narr> Narrative:

</top>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with lzma.open(tmp_path / "docs.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in RECORDS)
    for kind in ("sentences", "contexts"):
        topics = [("11", "Seeing", "Nets [1, 2] see and trees [3] stand."), ("12", "Roads", "Roads are graphs.")]
        text = "\n".join(TOPIC.format(number=number, title=title, text=text) for number, title, text in topics)
        (tmp_path / f"{kind}.topics").write_text(text + TOPIC.format(number="13", title="No", text="Unjudged [4]."))
        (tmp_path / f"{kind}.qrels").write_text(
            "11\t1\t10.1/a\t1\n11\t3\t10.1/b\t1\n12\t9\t10.1/gone\t1\n12\t9\t10.1/c\t0\n"
        )
    return tmp_path


def test_topics_have_a_place_for_each_marker(folder: Path) -> None:
    first, second = read_topics(folder, "sentences")
    assert first.relevant == {"10.1/a", "10.1/b"}
    assert first.text == "Nets see and trees stand."
    assert [(place.before, place.after) for place in first.places] == [
        ("Nets", "see and trees stand."), ("Nets see and trees", "stand."),
    ]  # fmt: skip
    assert [place.before for place in second.places] == ["Roads are graphs."]
    assert second.relevant == {"10.1/gone"}, "judged irrelevant is not relevant"


def test_records_are_cleaned(folder: Path) -> None:
    first, _, last = read_records(folder)
    assert (first.title, first.surname, first.year) == ("Deep nets", "Byron", 2001)
    assert (last.surname, last.year, last.abstract) == ("", 1999, "")


def test_a_report_of_each_kind(folder: Path, tmp_path: Path) -> None:
    encoder = CountingEncoder()
    dev = prepare(
        TRAIN, [make_paper(21, ["Trees are old [2].", "Deep nets see [1]."], TITLES)],
        sample=0, dev_sample=0, seed=1, on_progress=quiet,
    )  # fmt: skip
    lists = all_lists(dev, encoder, None, tmp_path / "dev", quiet)
    write_weights(tmp_path, learn([Lesson(exam=dev, lists=lists)], quiet).sets)
    setup = Setup(encoder=encoder, model=None, ranker=SuggestionRanker(tmp_path))
    kinds = {kind: read_topics(folder, kind) for kind in ("sentences", "contexts")}
    reports = evaluate_topics(read_records(folder), kinds, setup, tmp_path / "test", seed=1, tell=quiet)
    assert [(each.kind, each.topics, each.papers, each.records) for each in reports] == [
        ("sentences", 2, 2, 3), ("contexts", 2, 2, 3),
    ]  # fmt: skip
    for row in reports[0].rows:
        assert row.measures["recall@10"].value <= 0.5, "a record that is missing cannot be found"
    assert reports[0].rows[-1].name == "joined"
    assert "| joined |" in markdown(reports[0])


def test_recall_and_gain() -> None:
    ranking = [Scored(id=id_, score=1.0 / id_) for id_ in (1, 2, 3)]
    recall, gain = _measured(ranking, {2, 9})
    assert recall == 0.5
    assert gain == pytest.approx((1 / 1.584963) / (1 + 1 / 1.584963), abs=1e-6)
    assert _measured([], {2}) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["docs.jsonl.xz", "sentences.topics", "sentences.qrels"])
def test_a_folder_that_is_no_collection_is_said(folder: Path, name: str) -> None:
    def read() -> None:
        read_topics(folder, "sentences")
        read_records(folder)

    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        read()
    (folder / name).write_bytes(b"\xff\x00 nothing")
    with pytest.raises(InputError):
        read()
