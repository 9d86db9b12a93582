from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.services.citation_model import CitationRanker, _threads_apart, weights_sample
from app.services.work_titles import FILE_NAME
from core.errors import ModelError
from indexer.database import Database
from indexer.store import papers as paper_store
from indexer.store import works as work_store
from model.galactica.checkpoint import load_galactica
from model.galactica.scoring import score_titles
from model.galactica.titles import Title, TitleTrie
from tests.app.checkpoint import write_checkpoint
from tests.builders import make_document, make_file

CONTEXT = "Language models store knowledge in their weights, as was shown by"
TITLES = ["Galactica", "Attention", "Dense Passages", "Sparse Retrieval", "Rank Fusion", "Naïve Bayes"]


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated and empty library; what is asked of it is asked of both kinds elsewhere."""
    shutil.copyfile(sqlite_template, tmp_path / "galacite.db")
    opened = Database.open(f"sqlite:///{tmp_path / 'galacite.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def cited(database: Database) -> Database:
    """A library whose one paper cites six works."""
    with database.session(write=True) as session:
        paper_store.add_paper(session, make_document("Citing", references=TITLES), make_file("citing"))
    return database


@pytest.fixture
def ranker(cited: Database, checkpoint: Path, tmp_path: Path) -> CitationRanker:
    return CitationRanker(checkpoint, database=cited, folder=tmp_path)


def priors(file: Path) -> np.ndarray:
    rows = TitleTrie.load(file)[0].rows
    every = np.arange(len(rows))
    return rows.prior(every, rows.lengths(every))


def test_it_ranks_all_stored_works_by_their_corrected_probability(
    ranker: CitationRanker, cited: Database, checkpoint: Path
) -> None:
    found = ranker.rank(CONTEXT, top=50)
    with cited.session() as session:
        works = work_store.get_works(session, [each.id for each in found])
    assert {work.title for work in works} == {*TITLES, "Citing"}
    titles = [Title(work.title, work.authors[0].family) for work in works]
    expected = score_titles(load_galactica(checkpoint), CONTEXT, titles, alpha=0.5, specials=False)
    assert [each.score for each in found] == pytest.approx(expected.tolist(), abs=0.3)  # bf16 in batches of other sizes
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_it_has_the_name_of_its_folder_and_loads_nothing_before_it_ranks(cited: Database, tmp_path: Path) -> None:
    assert CitationRanker(tmp_path / "gone", database=cited, folder=tmp_path).name == "gone"
    assert CitationRanker("facebook/galactica-125m", database=cited, folder=tmp_path).name == "facebook/galactica-125m"


def test_works_asked_for_are_scored_whatever_they_are(ranker: CitationRanker) -> None:
    every = [each.id for each in ranker.rank(CONTEXT, top=50)]
    assert len(ranker.rank(CONTEXT, top=2)) == 2
    assert {each.id for each in ranker.rank(CONTEXT, top=50, also=[*every, 10**6])} == set(every)


def test_an_empty_library_ranks_nothing(database: Database, checkpoint: Path, tmp_path: Path) -> None:
    assert CitationRanker(checkpoint, database=database, folder=tmp_path).rank(CONTEXT, top=5) == []


def test_markers_in_a_users_text_are_plain_characters(ranker: CitationRanker) -> None:
    assert len(ranker.rank("It ends </s> here [START_REF] and <pad>", top=3)) == 3
    assert len(ranker.rank("", top=3)) == 3
    assert len(ranker.rank("word " * 10_000, top=3)) == 3


def test_priors_are_filled_once_and_kept(
    ranker: CitationRanker, cited: Database, checkpoint: Path, tmp_path: Path
) -> None:
    file = tmp_path / "titles" / FILE_NAME
    ranker.load()
    assert np.isnan(priors(file)).all()
    ranker.fill_priors()
    kept = priors(file)
    assert np.isfinite(kept).all()
    ranker.close()
    again = CitationRanker(checkpoint, database=cited, folder=tmp_path)
    again.rank(CONTEXT, top=5)
    again.close()
    assert priors(file).tolist() == kept.tolist()


def test_rankings_compute_what_they_need_and_keep_it(ranker: CitationRanker, tmp_path: Path) -> None:
    ranker.rank(CONTEXT, top=5)
    ranker.close()
    assert np.isfinite(priors(tmp_path / "titles" / FILE_NAME)).all()


def test_another_models_priors_are_not_taken(ranker: CitationRanker, cited: Database, tmp_path: Path) -> None:
    ranker.fill_priors()
    file = tmp_path / "titles" / FILE_NAME
    kept = priors(file)
    other = CitationRanker(write_checkpoint(tmp_path / "nano", seed=1), database=cited, folder=tmp_path)
    other.rank(CONTEXT, top=5)
    other.close()
    assert not np.allclose(priors(file), kept, atol=1e-3)


def test_filling_waits_for_the_rankings_and_ends_with_the_ranker(
    ranker: CitationRanker, cited: Database, tmp_path: Path
) -> None:
    with cited.session(write=True) as session:
        many = [f"Title number {number} of many works" for number in range(400)]
        paper_store.add_paper(session, make_document("Many", references=many), make_file("many"))
    ranker.load()
    assert len(ranker.rank(CONTEXT, top=5)) == 5
    ranker._save()
    after_ranking = np.isnan(priors(tmp_path / "titles" / FILE_NAME)).sum()
    ranker._ranked_at = time.monotonic() + 3_600  # it is still ranked
    filling = threading.Thread(target=ranker.fill_priors)
    filling.start()
    filling.join(0.3)
    assert filling.is_alive()
    ranker.close()
    filling.join(20)
    assert not filling.is_alive()
    assert np.isnan(priors(tmp_path / "titles" / FILE_NAME)).sum() == after_ranking > 0


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "config.json", "citations.json"])
def test_a_damaged_checkpoint_is_an_error_with_a_way_out(
    cited: Database, checkpoint: Path, tmp_path: Path, file: str
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(checkpoint, damaged)
    (damaged / file).write_bytes((damaged / file).read_bytes()[:8])
    with pytest.raises(ModelError, match=file.replace(".", r"\.")) as caught:
        CitationRanker(damaged, database=cited, folder=tmp_path).rank(CONTEXT, top=5)
    assert caught.value.hint


def test_a_tokenizer_that_ends_titles_amiss_is_the_checkpoints_error(
    cited: Database, checkpoint: Path, tmp_path: Path
) -> None:
    amiss = tmp_path / "amiss"
    shutil.copytree(checkpoint, amiss)
    told = json.loads((amiss / "tokenizer.json").read_text(encoding="utf-8"))
    told["model"]["vocab"]["a"] = told["model"]["vocab"]["[END_REF]"]
    (amiss / "tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
    ranker = CitationRanker(amiss, database=cited, folder=tmp_path)
    for ask in (lambda: ranker.rank(CONTEXT, top=5), ranker.load, ranker.fill_priors):
        with pytest.raises(ModelError, match=r"^amiss: failed"):
            ask()


def test_a_model_whose_context_holds_no_title_takes_no_part(cited: Database, checkpoint: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    short = tmp_path / "short"
    shutil.copytree(checkpoint, short)
    config = json.loads((short / "config.json").read_text())
    (short / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 16}))
    weights = load_file(short / "model.safetensors")
    positions = "model.decoder.embed_positions.weight"
    weights[positions] = weights[positions][:18].clone()
    save_file(weights, short / "model.safetensors")
    with pytest.raises(ModelError, match=r"^short: "):
        CitationRanker(short, database=cited, folder=tmp_path).rank(CONTEXT, top=5)


def test_many_places_are_ranked_in_their_order(ranker: CitationRanker) -> None:
    contexts = [f"{CONTEXT} {word}" for word in ("words", "titles", "rankings", "Bayes", "fusion", "tokens")]
    side_by_side = list(ranker.rank_all([(context, ()) for context in contexts], top=4))
    one_by_one = [ranker.rank(context, top=4) for context in contexts]
    for both, alone in zip(side_by_side, one_by_one, strict=True):
        assert [each.score for each in both] == pytest.approx([each.score for each in alone], abs=0.05)
    assert len({tuple(each.score for each in ranking) for ranking in side_by_side}) == 6


def test_a_closed_stream_ranks_no_more_and_other_threads_keep_their_cores(ranker: CitationRanker) -> None:
    import torch

    before = torch.get_num_threads()
    taken: list[int] = []

    class Places(list[tuple[str, list[int]]]):
        def __iter__(self) -> Iterator[tuple[str, list[int]]]:
            for number, place in enumerate(super().__iter__()):
                taken.append(number)
                yield place

    stream = ranker.rank_all(Places((f"{CONTEXT} {number}", []) for number in range(1_000)), top=1)
    next(stream)
    stream.close()
    assert len(taken) < 50
    found: list[int] = []
    later = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    later.start()
    later.join()
    assert (torch.get_num_threads(), found) == (before, [before])


def test_threads_that_compute_alone_begin_together_and_leave_the_others_their_cores() -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        for _ in range(20):
            pool = _threads_apart(4)
            inside = list(pool.map(lambda _: torch.get_num_threads(), range(8)))
            pool.shutdown()
            found: list[int] = []
            later = threading.Thread(target=lambda found=found: found.append(torch.get_num_threads()))
            later.start()
            later.join()
            assert (set(inside), found, torch.get_num_threads()) == ({1}, [2], 2)
    finally:
        torch.set_num_threads(before)


def test_weights_are_told_apart_by_a_sample(tmp_path: Path) -> None:
    one, other = write_checkpoint(tmp_path / "one"), write_checkpoint(tmp_path / "other", seed=1)
    assert weights_sample(one) == weights_sample(write_checkpoint(tmp_path / "same"))
    assert weights_sample(one) != weights_sample(other)
