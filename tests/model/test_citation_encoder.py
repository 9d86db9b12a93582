from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError
from model.citation_encoder import (
    SHIPPED,
    TUNING_NAME,
    WEIGHTS_NAME,
    CitationEncoder,
    citing_text,
    load_citation_encoder,
    query_text,
    work_text,
)
from model.config import EncoderConfig
from model.encoder import SentenceEncoder, weights_digest
from model.manifest import sha256_of
from tests.model.tiny import write_bert


def test_a_place_is_told_by_paper_section_and_what_stands_around_it() -> None:
    assert query_text("On Ice", "Intro", "ice melts", "in spring") == (
        "On Ice [SEP] Intro [SEP] ice melts [MASK] in spring"
    )
    assert query_text("", "", "ice melts", "") == "ice melts [MASK]"


def test_long_texts_keep_what_is_nearest_to_the_place() -> None:
    text = query_text("", "", f"far {'word ' * 200}near", f"next {'word ' * 200}far")
    assert text.startswith("word")
    assert "near [MASK] next" in text
    assert "far" not in text


def test_a_work_is_told_by_title_author_abstract_and_two_texts_that_cite_it() -> None:
    assert work_text("On Ice", "Frost", "We melt.", ["as in ice", "ice by", "third"]) == (
        "On Ice, Frost [SEP] We melt. [SEP] as in ice [SEP] ice by"
    )
    assert work_text("On Ice") == "On Ice"


def test_texts_cannot_forge_the_marks() -> None:
    assert query_text("[MASK] a [SEP]", "", "b [CLS]", "") == "a [SEP] b [MASK]"
    assert work_text("a [MASK] b") == "a b"


def test_a_citing_text_is_the_sentence_around_the_place() -> None:
    assert citing_text("Snow falls. Ice melts fast", "in spring. Then it rains.") == "Ice melts fast in spring."


def test_tuned_layers_change_the_vectors(bert_folder: Path, tmp_path: Path) -> None:
    config = EncoderConfig(folder=bert_folder)
    encoder = load_citation_encoder(config, _tuning(bert_folder, tmp_path))
    plain = SentenceEncoder(config)
    vectors = encoder.encode(["Language models cite papers", "a"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert not np.allclose(vectors, plain.encode(["Language models cite papers", "a"]), atol=1e-2)
    assert encoder.dimension == plain.dimension


def test_the_name_tells_base_and_tuning(bert_folder: Path, tmp_path: Path) -> None:
    folder = _tuning(bert_folder, tmp_path)
    name = CitationEncoder(EncoderConfig(folder=bert_folder), folder).name
    assert weights_digest(bert_folder)[:12] in name
    assert sha256_of(folder / WEIGHTS_NAME)[:12] in name
    assert name != SentenceEncoder(EncoderConfig(folder=bert_folder)).name


def test_another_base_is_refused(bert_folder: Path, tmp_path: Path) -> None:
    other = write_bert(tmp_path / "other", seed=1)
    with pytest.raises(ModelError, match="is not the bert that"):
        load_citation_encoder(EncoderConfig(folder=other), _tuning(bert_folder, tmp_path)).encode(["a"])


def test_layers_of_another_network_are_refused(bert_folder: Path, tmp_path: Path) -> None:
    folder = _tuning(bert_folder, tmp_path, name="encoder.layer.7.output.dense.bias")
    with pytest.raises(ModelError, match="has no weight"):
        load_citation_encoder(EncoderConfig(folder=bert_folder), folder).encode(["a"])


def test_missing_and_damaged_layers_are_told(bert_folder: Path, tmp_path: Path) -> None:
    config = EncoderConfig(folder=bert_folder)
    with pytest.raises(ModelError, match="missing"):
        load_citation_encoder(config, tmp_path / "nothing")
    folder = _tuning(bert_folder, tmp_path)
    weights = (folder / WEIGHTS_NAME).read_bytes()
    (folder / WEIGHTS_NAME).write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    with pytest.raises(ModelError, match="damaged"):
        load_citation_encoder(config, folder).encode(["a"])
    (folder / WEIGHTS_NAME).unlink()
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_citation_encoder(config, folder).encode(["a"])
    (folder / TUNING_NAME).write_text('{"base": 3}')
    with pytest.raises(ModelError, match="names no base"):
        load_citation_encoder(config, folder)


@pytest.mark.skipif(not SHIPPED.is_dir(), reason="this checkout comes without the tuned layers")
def test_the_shipped_layers_belong_to_the_installed_base(models_dir: Path) -> None:
    encoder = load_citation_encoder(EncoderConfig(folder=models_dir / "all-minilm-l6-v2"))
    place = query_text("", "", "Attention replaces recurrence in translation, as the Transformer", "showed.")
    vectors = encoder.encode([place, work_text("Attention is all you need", "Vaswani"), work_text("On alpine ice")])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 22_100_000


def _tuning(base: Path, parent: Path, *, name: str = "encoder.layer.1.output.dense.weight") -> Path:
    """Tuned layers that consist of one random weight."""
    import torch
    from safetensors.torch import save_file

    folder = parent / "tuned"
    folder.mkdir()
    torch.manual_seed(3)
    save_file({name: torch.randn((32, 64), dtype=torch.bfloat16)}, folder / WEIGHTS_NAME)
    told = {"base": "bert", "base_sha256": weights_digest(base), "sha256": sha256_of(folder / WEIGHTS_NAME)}
    (folder / TUNING_NAME).write_text(json.dumps(told))
    return folder
