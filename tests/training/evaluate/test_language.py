from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from core.errors import ModelError
from model.galactica.checkpoint import load_galactica
from model.galactica.galactica import Galactica
from model.galactica.prior import keep_prior_strength, prior_strength
from model.galactica.scoring import fill_priors, title_priors
from model.galactica.titles import Title, title_trie
from tests.training.evaluate.papers import make_paper, make_place, quiet
from tests.training.evaluate.test_citations import TEST, TITLES, TRAIN
from training.evaluate.citations import Names, evaluate_citations
from training.evaluate.language import (
    ALPHAS,
    _joined,
    _listed,
    context_of,
    language_model,
    priors_of,
    ranked,
    reranked,
    trie_of,
)
from training.evaluate.questions import Exam, prepare

DEV = [make_paper(21, ["Trees are old in forests [2].", "Roads make graphs [4]."], TITLES)]


@pytest.fixture(scope="module")
def exam() -> Exam:
    return prepare(TRAIN, TEST, DEV, sample=0, dev_sample=0, seed=1, on_progress=quiet)


def test_the_context_is_in_the_form_of_the_corpus() -> None:
    assert context_of(make_place("Nets learn")) == "# On nets\n\n## Methods\n\nNets learn [START_REF]"


def test_three_rows_of_a_checkpoint(exam: Exam, nano: Galactica) -> None:
    report = evaluate_citations(
        exam, [language_model(nano)], names=Names(train=("a",), test=("b",)), seed=1, out=None, on_progress=quiet,
        resamples=100,
    )  # fmt: skip
    free, plain, corrected = report.rows
    assert [row.about.name for row in report.rows] == ["lm-free@nano", "lm-titles@nano", "lm-prior@nano"]
    assert free.about.parameters == sum(weight.numel() for weight in nano.model.parameters())
    assert free.invented is not None
    assert free.invented.value == 1, "random weights spell no title"
    assert plain.invented is None
    assert plain.measures["recall@10"].value == 1, "four candidates are all ranked"
    assert 0 < plain.calibration[0].bins[-1].high <= 1
    assert report.alpha.keys() == {"lm-prior@nano"}
    assert report.alpha["lm-prior@nano"] in ALPHAS
    assert corrected.ks is not None


def test_another_alpha_is_ranked_from_what_was_found(exam: Exam, nano: Galactica) -> None:
    """Within beams that hold every title, ordering again is the same as ranking again."""
    trie = trie_of(nano, exam, quiet)
    places = exam.test.places
    probes = [ranked(nano, trie, places, alpha=alpha, tell=quiet, what="") for alpha in (0.0, 0.4)]
    joined = [_joined(priors_of(trie), *both) for both in zip(*probes, strict=True)]
    for alpha in (0.0, 0.25, 1.0):
        expected = _listed(ranked(nano, trie, places, alpha=alpha, tell=quiet, what=""))
        found = reranked(joined, alpha)
        assert (found.indices == expected.indices).all()
        filled = np.isfinite(expected.scores)
        assert np.allclose(found.scores[filled], expected.scores[filled], atol=1e-3)


def test_priors_go_by_candidate_and_are_shared_by_those_spelled_alike(nano: Galactica) -> None:
    titles = [Title("Old trees"), Title("Deep nets"), Title("Old trees"), Title("Deep")]
    trie = title_trie(nano.tokenizer, titles)
    fill_priors(nano, trie)
    assert priors_of(trie) == pytest.approx(title_priors(nano, titles), abs=1e-3)


def test_without_dev_papers_the_stored_prior_is_used(tmp_path: Path, nano_folder: Path) -> None:
    folder = tmp_path / "nano"
    shutil.copytree(nano_folder, folder)
    keep_prior_strength(folder, 0.85)
    exam = prepare(TRAIN, TEST, sample=0, dev_sample=0, seed=1, on_progress=quiet)
    stage = language_model(load_galactica(folder))
    rows = list(stage(exam, quiet))
    assert rows[-1][1].alpha == 0.85


def test_what_is_tuned_is_stored_when_asked(tmp_path: Path, nano_folder: Path, exam: Exam) -> None:
    folder = tmp_path / "nano"
    shutil.copytree(nano_folder, folder)
    model = load_galactica(folder)
    list(language_model(model)(exam, quiet))
    assert not (folder / "citations.json").exists()
    rows = list(language_model(model, keep_prior=True)(exam, quiet))
    assert prior_strength(folder) == rows[-1][1].alpha


def test_scores_that_are_not_numbers_end_the_run(tmp_path: Path, nano_folder: Path, exam: Exam) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(nano_folder, folder)
    weights = load_file(folder / "model.safetensors")
    save_file({name: weight * math.nan for name, weight in weights.items()}, folder / "model.safetensors")
    with pytest.raises(ModelError, match="finite"):
        list(language_model(load_galactica(folder))(exam, quiet))
