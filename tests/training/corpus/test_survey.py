from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from tests.training.corpus.papers import make_papers
from training.contexts import cited_works
from training.corpus.survey import read_spellings, survey, write_works


def test_the_sample_is_bounded_and_does_not_depend_on_the_order(tmp_path: Path) -> None:
    papers = make_papers(tmp_path, papers=30)
    found = survey(papers, sample_chars=20_000, seed=1)
    turned = survey(papers[::-1], sample_chars=20_000, seed=1)
    assert found.papers == 30
    assert found.sample == turned.sample
    assert found.works == turned.works == cited_works(papers)
    longest = max(map(len, survey(papers, sample_chars=10**9, seed=1).sample))
    assert 20_000 <= sum(map(len, found.sample)) < 20_000 + longest
    assert survey(papers, sample_chars=20_000, seed=2).sample != found.sample


def test_a_small_corpus_is_sampled_whole(tmp_path: Path) -> None:
    papers = make_papers(tmp_path, papers=4)
    assert len(survey(papers, sample_chars=10**9, seed=1).sample) == 4


def test_spellings_come_back_as_written(tmp_path: Path) -> None:
    works = cited_works(make_papers(tmp_path, papers=5))
    write_works(tmp_path, works)
    spellings = read_spellings(tmp_path)
    assert spellings.works == {key: (work.title, work.surname) for key, work in works.items()}


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"a": 3}', b'{"a": ["b"]}'])
def test_damaged_spellings_are_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "works.json").write_bytes(content)
    with pytest.raises(InputError, match=r"works\.json: cannot be read"):
        read_spellings(tmp_path)
