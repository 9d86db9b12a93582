from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.bench.suggest import SuggestBenchPlan, bench_suggestions
from app.cli.bench_suggest import show
from app.settings import Settings
from core.errors import InputError
from tests.app.services.test_citing import write_layers
from tests.model.tiny import write_bert

SUBJECTS = ("sparse", "dense", "joint", "learned", "late")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Five papers, each of which cites two works of its own and one that all cite."""
    return write_corpus(tmp_path / "papers.jsonl", SUBJECTS)


def write_corpus(path: Path, subjects: Sequence[str]) -> Path:
    path.write_text("".join(json.dumps(paper(subject)) + "\n" for subject in subjects), encoding="utf-8")
    return path


def paper(subject: str) -> dict[str, object]:
    text = f"Passages are found by {subject} retrieval [1], which compares {subject} words [2] and ranks them [3]."
    mentions = [[text.index(f"[{number}]"), text.index(f"[{number}]") + 3, [number - 1]] for number in (1, 2, 3)]
    titles = (f"A study of {subject} retrieval", f"Words that are {subject}", "Okapi at a conference on retrieval")
    return {
        "id": subject,
        "title": f"A paper on {subject} rankings",
        "year": 2024,
        "refs": [{"title": title, "authors": "Ada Lovelace", "year": 2020} for title in titles],
        "secs": [["Introduction", [[text, mentions]]]],
    }


def test_places_of_later_papers_are_timed_until_the_model_has_ranked(
    settings: Settings, checkpoint: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_model = settings.model_copy(update={"citation_model": str(checkpoint)})
    found = bench_suggestions(with_model, SuggestBenchPlan(corpora=(corpus,), sizes=(4, 9), places=2))
    small, large = found.timings
    assert [(each.works, each.papers, each.places) for each in found.timings] == [(4, 1, 2), (10, 3, 1)]
    assert (found.encoder, found.model, found.vectors) == ("", "nano", "none")
    assert small.full is not None
    assert 0 < small.first.p50_ms <= small.first.p95_ms < small.full.p95_ms
    assert small.full_cpu_ms is not None
    assert 0 < small.first_cpu_ms < small.full_cpu_ms
    assert small.load_s
    assert small.fill_s
    assert set(large.parts) == {"bm25", "near", "reasons"}
    assert not settings.home.exists()
    show(found)
    printed = capsys.readouterr().out
    assert "not installed: works are searched by words alone" in printed
    assert "10 works of 3 papers, 1 places" in printed


def test_titles_may_be_left_as_they_are_and_other_papers_asked(
    settings: Settings, checkpoint: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_corpus(tmp_path / "others.jsonl", ("cited", "other", "more"))
    with_model = settings.model_copy(update={"citation_model": str(checkpoint)})
    plan = SuggestBenchPlan(corpora=(corpus,), ask=other, sizes=(16,), places=9, fill=False)
    found = bench_suggestions(with_model, plan)
    (timing,) = found.timings
    assert (timing.works, timing.papers, timing.places, timing.fill_s) == (16, 5, 2, None)
    assert timing.full is not None
    show(found)
    assert "titles not weighed beforehand" in capsys.readouterr().out


def test_the_tuned_encoder_takes_part_where_it_is_installed(
    settings: Settings, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = write_bert(tmp_path / "models" / "all-minilm-l6-v2")
    write_layers(base, tmp_path / "citation-encoder")
    monkeypatch.setattr("app.settings.shipped_weights", lambda name: tmp_path / name)
    own = settings.model_copy(update={"models": tmp_path / "models"})
    found = bench_suggestions(own, SuggestBenchPlan(corpora=(corpus,), sizes=(7,), places=1))
    (timing,) = found.timings
    assert "citation-encoder" in found.encoder
    assert "works embedded" in found.vectors
    assert set(timing.parts) == {"bm25", "near", "reasons", "embedding", "dense"}
    assert (found.model, timing.full, timing.load_s) == ("", None, None)


def test_too_few_papers_are_told_with_what_they_hold(settings: Settings, corpus: Path) -> None:
    with pytest.raises(InputError, match="tell of 16 works, not 50"):
        bench_suggestions(settings, SuggestBenchPlan(corpora=(corpus,), sizes=(50,)))
    with pytest.raises(InputError, match="no places are left"):
        bench_suggestions(settings, SuggestBenchPlan(corpora=(corpus,), sizes=(16,)))
