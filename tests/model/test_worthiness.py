from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelError
from model.manifest import sha256_of
from model.sentence_features import BITS, GROUPS, names_of, sentence_entries
from model.worthiness import SETTINGS_NAME, TENSOR, WEIGHTS_NAME, Reading, Sentence, Worthiness, load_worthiness

TEXTS = st.text(max_size=60)
SENTENCES = st.builds(Sentence, TEXTS, before=TEXTS, section=TEXTS, before_cites=st.sampled_from([None, True, False]))


def write_model(folder: Path, size: int = 1 << BITS, **changes: object) -> Path:
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = np.random.default_rng(4).normal(size=size).astype(np.float16)
    save_file({TENSOR: weights}, folder / WEIGHTS_NAME)
    settings = {"bits": BITS, "bias": -1.0, "slope": 1.0, "shift": 0.1, "threshold": 0.6}
    told = {**settings, "sha256": sha256_of(folder / WEIGHTS_NAME), **changes}
    (folder / SETTINGS_NAME).write_text(json.dumps(told), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Worthiness:
    return load_worthiness(write_model(tmp_path_factory.mktemp("model") / "own"))


def test_no_sentences_have_no_probabilities(model: Worthiness) -> None:
    assert model.probabilities([]).shape == (0,)
    assert model.threshold == 0.6


@given(st.lists(SENTENCES, max_size=6))
def test_each_probability_depends_on_its_sentence_alone(model: Worthiness, sentences: list[Sentence]) -> None:
    found = model.probabilities(sentences)
    assert ((found >= 0) & (found <= 1)).all()
    alone = [model.probabilities([sentence])[0] for sentence in sentences]
    np.testing.assert_allclose(found, alone, rtol=1e-9)
    np.testing.assert_allclose(model.probabilities(sentences[::-1]), found[::-1], rtol=1e-9)


def test_text_without_words_and_other_scripts_are_read(model: Worthiness) -> None:
    found = model.probabilities([Sentence(""), Sentence("…"), Sentence("海獺會潛水。"), Sentence("Каланы ныряют.")])
    assert np.isfinite(found).all()
    assert len(set(found.tolist())) == 3


def test_a_sentence_of_a_megabyte_is_read_as_fast_as_its_beginning(model: Worthiness) -> None:
    long = "otters dive " * 90_000
    started = time.process_time()
    first, second = model.probabilities([Sentence(long, before=long, section=long), Sentence(long[:4_000])])
    assert time.process_time() - started < 0.5
    assert first != second
    assert model.probabilities([Sentence(long)])[0] == second


def test_codes_are_the_same_on_every_machine() -> None:
    entries = sentence_entries([Sentence("Otters dive.")], frozenset({"words"}))
    assert (
        entries.columns.tolist() == sentence_entries([Sentence("OTTERS dive")], frozenset({"words"})).columns.tolist()
    )
    assert len(entries.columns) == 3
    assert entries.values == pytest.approx(np.full(3, 4 / 3**0.5))


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_each_group_of_features_can_be_left_out(group: str) -> None:
    sentence = Sentence("Otters dive.", before="Kelp grows.", section="Sea", before_cites=True)
    assert len(sentence_entries([sentence], GROUPS - {group}).columns) < len(sentence_entries([sentence]).columns)


def test_numbers_and_years_are_told_apart_but_not_from_each_other() -> None:
    words = frozenset({"words"})
    columns = [sentence_entries([Sentence(text)], words).columns.tolist() for text in ("in 1999", "in 2015", "in 37")]
    assert columns[0] == columns[1] != columns[2]


def test_a_reading_tells_what_came_before() -> None:
    reading = Reading()
    first = reading.take("Here the Enhydra dives.", paragraph=1, section="Sea", cites=True)
    second = reading.take("The Enhydra meets the Patella there.", paragraph=1)
    third = reading.take("Both Enhydra rest.", paragraph=2)
    assert (first.before, first.before_cites, first.place, first.new_names) == ("", False, 0, 1)
    assert (second.before, second.before_cites, second.place) == (first.text, True, 1)
    assert (second.names, second.new_names) == (2, 1)
    assert (third.before, third.before_cites, third.place, third.new_names) == ("", False, 0, 0)


def test_names_have_capitals_and_do_not_begin_the_sentence() -> None:
    assert names_of("Otters meet PyTorch and U-Net at sea, A too.") == ["PyTorch", "U-Net"]


def test_a_missing_model_is_told_before_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing"):
        load_worthiness(tmp_path)


@pytest.mark.parametrize("changes", [{"bits": 3}, {"bias": "high"}, {"threshold": 2}, {"slope": float("nan")}])
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="damaged or of another version") as told:
        load_worthiness(write_model(tmp_path, **changes))
    assert "galacite train worthiness" in told.value.hint


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no weights of this model"):
        load_worthiness(write_model(tmp_path, size=8)).probabilities([Sentence("Otters dive.")])


def test_missing_weights_are_told(tmp_path: Path) -> None:
    write_model(tmp_path)
    (tmp_path / WEIGHTS_NAME).unlink()
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_worthiness(tmp_path).probabilities([Sentence("Otters dive.")])


def test_the_shipped_model_tells_what_is_said_to_be_known_from_what_was_done_here() -> None:
    model = load_worthiness()
    known = Sentence(
        "Previous studies have shown that sea otters control the number of urchins.", section="Introduction"
    )
    done = Sentence("We then counted the urchins in each of our plots on three days.", section="Results")
    needs, needs_not = model.probabilities([known, done])
    assert needs > model.threshold > 0.5 > needs_not
    assert model.probabilities([Sentence(known.text)])[0] > model.threshold
