from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.citing import describe_work, place_query
from app.services.doctor import Check, examine
from app.services.places import find_places
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import ModelError
from core.records import Author, Work
from indexer.search.source import DatabaseSource, WorkContent
from indexer.store import papers as paper_store
from indexer.store import works as work_store
from indexer.store.works import CitingSentence
from tests.builders import make_document, make_file
from tests.model.tiny import write_bert


def test_a_work_is_told_by_what_is_said_where_it_is_cited() -> None:
    work = Work(id=1, title="Galactica", authors=(Author(family="Taylor"),))
    said = (
        CitingSentence("Tokens [2, 3] store knowledge [4], it seems.", "[4]"),
        CitingSentence("(Taylor 2022) trained a model.", "(Taylor 2022)"),
    )
    text = describe_work(WorkContent(work=work, cited_in=said, abstract="A model of science."))
    assert text == (
        "Galactica, Taylor [SEP] A model of science. [SEP] Tokens store knowledge , it seems. [SEP] trained a model."
    )
    assert describe_work(WorkContent(work=Work(id=1, title="Alone"))) == "Alone"


def test_a_place_is_asked_with_title_section_and_both_sides() -> None:
    (place, _), _ = find_places("# My Paper\n\n## Models\n\nTokens store it [?], and more so [?].")
    assert place_query(place) == "My Paper [SEP] Models [SEP] Tokens store it [MASK] , and more so."


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random text encoder and tuned layers for it; never written to."""
    folder = tmp_path_factory.mktemp("weights")
    write_layers(write_bert(folder / "models" / "all-minilm-l6-v2"), folder / "citation-encoder")
    return folder


@pytest.fixture
def tuned(settings: Settings, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Galacite]:
    """A library whose text encoder is small and random, with tuned layers beside it."""
    shutil.copytree(weights, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr("app.settings.shipped_weights", lambda name: tmp_path / name)
    opened = open_library(settings.model_copy(update={"models": tmp_path / "models"}))
    yield opened
    opened.close()


def write_layers(base: Path, folder: Path) -> None:
    """The base's own layers, changed a little, as tuned ones are shipped."""
    from safetensors.torch import load_file, save_file

    from model.citation_encoder import TUNING_NAME, WEIGHTS_NAME
    from model.encoder import weights_digest
    from model.manifest import sha256_of

    folder.mkdir()
    layers = {
        name: tensor * 1.5 for name, tensor in load_file(base / "model.safetensors").items() if "encoder.layer" in name
    }
    save_file(layers, folder / WEIGHTS_NAME)
    told = {"base": base.name, "base_sha256": weights_digest(base), "sha256": sha256_of(folder / WEIGHTS_NAME)}
    (folder / TUNING_NAME).write_text(json.dumps(told))


def test_the_tuned_encoder_ranks_works_in_an_index_of_its_own(tuned: Galacite, tmp_path: Path) -> None:
    document = make_document("Citing", passages=["Words are compared [1]."], references=["Sparse", "Dense"])
    with tuned.database.session(write=True) as session:
        paper_store.add_paper(session, document, make_file("citing"))
    tuned.indexes.sync()
    assert tuned.indexes.is_current()
    assert (tuned.settings.index_folder / "citing").is_dir()
    found = tuned.suggestions.suggest("# Draft\n\nWords are compared by some [?].")
    assert found.notices == ()
    scores = {each.work.title: dict(each.scores) for each in found.places[0].suggestions}
    assert set(scores) == {"Citing", "Sparse", "Dense"}
    query = place_query(found.places[0].place)
    with tuned.database.session() as session:
        contents = DatabaseSource(tuned.database).works(work_store.work_ids(session))
    encoder = tuned.citation_encoder()
    for content in contents:
        vectors = encoder.encode([query, describe_work(content)])
        assert scores[content.work.title]["dense"] == pytest.approx(float(vectors[0] @ vectors[1]), abs=0.01)


def test_without_tuned_layers_words_alone_rank(tuned: Galacite, tmp_path: Path) -> None:
    (tmp_path / "citation-encoder" / "tuning.json").unlink()
    with tuned.database.session(write=True) as session:
        paper_store.add_paper(session, make_document("Citing", references=["Sparse"]), make_file("citing"))
    tuned.indexes.sync()
    assert not (tuned.settings.index_folder / "citing").exists()
    found = tuned.suggestions.suggest("Sparse words are compared by some [?].")
    assert found.notices == ()
    (best,) = found.places[0].suggestions
    assert (best.work.title, set(dict(best.scores))) == ("Sparse", {"bm25", "near"})


def test_damaged_layers_are_a_notice(tuned: Galacite, tmp_path: Path) -> None:
    with tuned.database.session(write=True) as session:
        paper_store.add_paper(session, make_document("Citing", references=["Sparse"]), make_file("citing"))
    tuned.indexes.sync()
    again = Galacite(tuned.settings)
    (tmp_path / "citation-encoder" / "model.safetensors").write_bytes(b"damaged")
    found = again.suggestions.suggest("Sparse words [?].")
    again.close()
    assert found.places[0].suggestions[0].work.title == "Sparse"
    assert [notice.code for notice in found.notices] == ["dense_unavailable"]


def test_the_look_at_the_installation_loads_the_tuned_layers(tuned: Galacite, tmp_path: Path) -> None:
    def found() -> Check:
        return next(check for check in examine(tuned.settings) if check.name == "citation encoder")

    assert found().state == "good"
    assert "parameters" in found().message
    (tmp_path / "citation-encoder" / "model.safetensors").write_bytes(b"damaged")
    assert found().state == "bad"
    shutil.rmtree(tmp_path / "models")
    assert (found().state, found().message) == ("note", "its text encoder is not installed")
    shutil.rmtree(tmp_path / "citation-encoder")
    assert (found().state, found().message) == ("note", "not part of this installation")


def test_damaged_layers_leave_the_other_indexes_alone(tuned: Galacite, tmp_path: Path) -> None:
    (tmp_path / "citation-encoder" / "tuning.json").write_text("damaged")
    with tuned.database.session(write=True) as session:
        paper_store.add_paper(session, make_document("Citing", references=["Sparse"]), make_file("citing"))
    with pytest.raises(ModelError, match=r"tuning\.json"):
        tuned.indexes.sync()
    assert {name for name, _ in tuned.search.search("weights").hits[0].scores} == {"bm25", "dense"}
    assert tuned.suggestions.suggest("Sparse words [?].").places[0].suggestions[0].work.title == "Sparse"
