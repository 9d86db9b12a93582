from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.bench.citation_model import CitationBench, CitationBenchPlan, bench_citation_model, write_random_checkpoint
from app.bench.citation_titles import CONTEXT_CHARS, composed_sample, corpus_sample
from app.cli import cli
from app.cli.bench_model import show_figures
from app.cli.output import emit
from core.errors import InputError, ModelError
from model.galactica.checkpoint import load_galactica
from model.galactica.titles import Title


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    titles = composed_sample(titles=300, contexts=0).titles
    return write_random_checkpoint(tmp_path_factory.mktemp("bench") / "random", titles, size="nano")


def test_composed_titles_are_different_and_the_same_each_time() -> None:
    sample = composed_sample(titles=2_000, contexts=3)
    assert len({each.title for each in sample.titles}) == 2_000
    assert all(each.surname for each in sample.titles)
    assert all(CONTEXT_CHARS <= len(text) < CONTEXT_CHARS + 50 for text in sample.contexts)
    assert composed_sample(titles=2_000, contexts=3) == sample
    assert composed_sample(titles=5, contexts=1, seed=1).titles != sample.titles[:5]


def test_titles_of_a_corpus_are_those_that_its_papers_cite(tmp_path: Path) -> None:
    text = "Networks attend to rare words, as was shown before (Poe, 2020) and again in other places."
    paper = {
        "id": "1", "title": "On words", "authors": ["Ada Lee"], "abstract": "", "keywords": [], "accepted": "",
        "style": "ay", "refs": [{"title": "Rare words", "authors": "E. Poe", "year": 2020, "venue": "", "raw": ""}],
        "secs": [["Introduction", [[text, [[text.index("(Poe"), text.index(") and") + 1, [0]]]]]]],
    }  # fmt: skip
    path = tmp_path / "words.jsonl"
    path.write_text(json.dumps(paper) + "\n")
    sample = corpus_sample([path], titles=10, contexts=5)
    assert sample.titles == [Title("Rare words", "Poe")]
    assert sample.contexts == ["Networks attend to rare words, as was shown before"]
    assert sample.origin == "words.jsonl"
    path.write_text(json.dumps({**paper, "refs": [], "secs": []}) + "\n")
    with pytest.raises(InputError, match="No citations"):
        corpus_sample([path], titles=10, contexts=5)


@pytest.fixture(scope="module")
def steps() -> list[str]:
    return []


@pytest.fixture(scope="module")
def measured(checkpoint: Path, steps: list[str]) -> CitationBench:
    plan = CitationBenchPlan(model=checkpoint, titles=250, queries=1, loads=1)
    return bench_citation_model(plan, Path("nowhere"), on_progress=lambda what, done, total: steps.append(what))


def test_all_is_measured(measured: CitationBench, steps: list[str]) -> None:
    assert measured.model == "random"
    assert measured.trie.titles == 250
    assert 2 < measured.trie.depth_until_unique < measured.trie.title_tokens
    assert measured.trie.bytes > 250 * measured.trie.title_tokens * 2
    for spread in (measured.rank, measured.rank_with_priors, measured.score, measured.trie.add):
        assert 0 < spread.p50_ms <= spread.p95_ms
    assert min(measured.load_s, measured.priors_per_s, measured.resident_bytes) > 0
    assert {"loading", "ranking", "scoring", "ranking with priors"} <= set(steps)


def test_figures_are_shown_as_text(measured: CitationBench, capsys: pytest.CaptureFixture[str]) -> None:
    emit(measured, as_json=False, show=show_figures)
    shown = capsys.readouterr().out
    assert f"scoring 100          p50 {measured.score.p50_ms:.0f} ms" in shown
    assert "titles               250, composed from lists of words" in shown


def test_a_checkpoint_made_for_it_is_whole(checkpoint: Path) -> None:
    galactica = load_galactica(checkpoint)
    assert galactica.tokenizer.vocabulary <= galactica.network.vocabulary
    with pytest.raises(ModelError, match="cannot be loaded"):
        bench_citation_model(CitationBenchPlan(model=checkpoint / "missing", titles=5, queries=1), checkpoint)


def test_the_command_prints_json(checkpoint: Path) -> None:
    arguments = ["bench", "citation-model", "--model", str(checkpoint), "--titles", "60", "--queries", "1", "--json"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["trie"]["titles"] == 60
