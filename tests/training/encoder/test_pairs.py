from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from core.errors import InputError
from tests.training.encoder.worlds import write_world
from training.corpus.records import read_papers
from training.encoder.pairs import CitationPairs, described, draw, read_pairs


def test_a_place_is_learned_with_one_of_its_targets_and_without_its_marker(pairs: CitationPairs) -> None:
    for example in draw(pairs, 0, batch=16, untitled=0.0, seed=1):
        assert example.key in example.place.targets
        assert example.place.title in example.query
        assert "[MASK]" in example.query
        assert "[1]" not in example.query
        assert example.work.startswith(pairs.works[example.key].title)


def test_a_step_draws_the_same_whenever_it_is_drawn(pairs: CitationPairs) -> None:
    first = draw(pairs, 3, batch=8, untitled=0.5, seed=1)
    draw(pairs, 4, batch=8, untitled=0.5, seed=1)
    assert draw(pairs, 3, batch=8, untitled=0.5, seed=1) == first
    assert draw(pairs, 3, batch=8, untitled=0.5, seed=2) != first


def test_a_pass_meets_every_place_once_and_the_next_in_another_order(pairs: CitationPairs) -> None:
    places = pairs.sources[0].places
    steps = len(places) // 8
    assert len(places) % 8 == 0
    passes = [
        [example.place for step in range(steps) for example in draw(pairs, turn + step, batch=8, untitled=0.0, seed=1)]
        for turn in (0, steps)
    ]
    assert all(sorted(each, key=repr) == sorted(places, key=repr) for each in passes)
    assert passes[0] != passes[1]


def test_titles_of_papers_are_left_out_as_often_as_told(pairs: CitationPairs) -> None:
    examples = [each for step in range(20) for each in draw(pairs, step, batch=8, untitled=0.5, seed=1)]
    without = sum(example.place.title not in example.query for example in examples)
    assert 0.3 < without / len(examples) < 0.7


def test_the_profile_never_quotes_the_paper_at_hand(pairs: CitationPairs) -> None:
    place = pairs.sources[0].places[0]
    key = place.targets[0]
    everyone = pairs.profiles.texts(key, count=100)
    others = pairs.profiles.texts(key, without=place.paper, count=100)
    assert len(others) == len(everyone) - 1


def test_works_are_described_with_and_without_what_cites_them(pairs: CitationPairs) -> None:
    key = pairs.sources[0].places[0].targets[0]
    texts = {described(pairs, key, without="", random=Random(seed)) for seed in range(40)}
    assert any("Much is known" in text for text in texts)
    assert any("Much is known" not in text for text in texts)


def test_sources_are_drawn_from_by_their_shares(world: Path, tmp_path: Path) -> None:
    other = write_world(tmp_path / "other.train.jsonl", range(100, 104))
    pairs = read_pairs([read_papers(world), read_papers(other)], shares=[3.0, 1.0])
    drawn = [draw(pairs, step, batch=4, untitled=0.0, seed=1) for step in range(40)]
    papers = [{example.place.paper.split("/")[0] for example in step} for step in drawn]
    assert all(len(each) == 1 for each in papers)
    assert sum(each == {"other.train"} for each in papers) == 10


def test_pairs_of_other_files_or_shares_have_another_fingerprint(pairs: CitationPairs, world: Path) -> None:
    assert read_pairs([read_papers(world)]).fingerprint == pairs.fingerprint
    assert read_pairs([read_papers(world)], shares=[2.0]).fingerprint != pairs.fingerprint


def test_papers_that_cite_nothing_are_refused(tmp_path: Path) -> None:
    path = write_world(tmp_path / "empty.jsonl", [])
    with pytest.raises(InputError, match="no paper cites"):
        read_pairs([read_papers(path)])
