from __future__ import annotations

from pathlib import Path

import pytest

from core.records import Document
from tests.training.corpus.papers import write_corpus
from training.corpus.config import CorpusConfig
from training.corpus.sources import CorpusFile, part_of_name, part_of_paper


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("sea.train", "train"),
        ("sea-dev", "dev"),
        ("sea_valid", "dev"),
        ("validation", "dev"),
        ("sea.test.2024", "test"),
        ("TEST.sea", "test"),
        ("train.sea.dev", "dev"),
        ("testament", None),
        ("contest.sea", None),
        ("sea", None),
    ],
)
def test_a_name_tells_the_part(name: str, part: str | None) -> None:
    assert part_of_name(name) == part


def test_papers_are_split_in_the_shares_asked_for() -> None:
    config = CorpusConfig(dev_share=0.1, test_share=0.2)
    parts = [part_of_paper(Document(title=f"Reef {number}", page_count=0), "", config) for number in range(2_000)]
    assert abs(parts.count("test") / 2_000 - 0.2) < 0.03
    assert abs(parts.count("dev") / 2_000 - 0.1) < 0.03


def test_a_paper_is_in_one_part_however_it_came() -> None:
    config = CorpusConfig(dev_share=0.3, test_share=0.3)
    for number in range(50):
        printed = part_of_paper(Document(title=f"On Reef {number}: a study", page_count=9), "a.pdf", config)
        deposited = part_of_paper(Document(title=f"On reef {number} — A Study", page_count=0), "10.1/a", config)
        assert printed == deposited


def test_papers_without_a_title_are_split_by_their_names() -> None:
    config = CorpusConfig(dev_share=0.5)
    untitled = Document(title="", page_count=0)
    assert len({part_of_paper(untitled, str(number), config) for number in range(20)}) == 2


def test_a_corpus_file_can_be_gone_through_again(tmp_path: Path) -> None:
    path = write_corpus(tmp_path / "sea.train.jsonl", papers=3)
    source = CorpusFile(path)
    assert (source.name, source.part) == ("sea.train", "train")
    assert [paper.id for paper in source] == [paper.id for paper in source] == ["1-0", "1-1", "1-2"]
    before = source.stamp
    with path.open("a") as file:
        file.write("\n")
    assert source.stamp != before
