from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ModelError
from model.config import EncoderConfig
from model.encoder import SentenceEncoder
from training.encoder.network import TrainedEncoder

TEXTS = ["Language models cite papers", "We measure recall at ten", "a", "Dense retrieval helps on 2,000 sentences"]


@pytest.mark.parametrize("lanes", [1, 2])
def test_vectors_are_those_of_the_encoder_that_serves(base_folder: Path, lanes: int) -> None:
    trained = TrainedEncoder(base_folder, lanes=lanes)
    serving = SentenceEncoder(EncoderConfig(folder=base_folder))
    assert np.allclose(trained.encode(TEXTS, micro_batch=3), serving.encode(TEXTS), atol=5e-3)


def test_lanes_change_neither_vectors_nor_gradients(base_folder: Path) -> None:
    _assert_alike(_gradients(base_folder, lanes=1), _gradients(base_folder, lanes=2))


def test_gradients_are_those_of_one_backward_pass_through_all(base_folder: Path) -> None:
    _assert_alike(_gradients(base_folder, micro_batch=4), _gradients(base_folder, micro_batch=1))


def test_frozen_layers_have_no_masters(base_folder: Path) -> None:
    assert {name.split(".")[2] for name in TrainedEncoder(base_folder).masters} == {"0", "1"}
    assert {name.split(".")[2] for name in TrainedEncoder(base_folder, frozen_layers=1).masters} == {"1"}
    with pytest.raises(ModelError, match="only the layers that stay"):
        TrainedEncoder(base_folder, frozen_layers=2)


def test_texts_are_cut_to_the_places_that_the_base_has(base_folder: Path) -> None:
    encoder = TrainedEncoder(base_folder)
    (row,) = encoder.tokens(["word " * 500], 160)
    assert len(row) == 64
    assert row[-1] == encoder.tokenizer.token_to_id("[SEP]")


def test_a_missing_base_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        TrainedEncoder(tmp_path / "nothing")
    assert "models install" in error.value.hint


def _gradients(base: Path, *, lanes: int = 1, micro_batch: int = 2) -> dict[str, torch.Tensor]:
    encoder = TrainedEncoder(base, dtype=torch.float32, lanes=lanes)
    embedded = encoder.embed(encoder.tokens(TEXTS, 64), micro_batch=micro_batch)
    loss = embedded.vectors[0] @ embedded.vectors[1] + embedded.vectors[2] @ embedded.vectors[3]
    loss.backward()  # type: ignore[no-untyped-call]
    encoder.backward(embedded)
    return {name: master.grad for name, master in encoder.masters.items() if master.grad is not None}


def _assert_alike(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> None:
    assert first
    assert first.keys() == second.keys()
    for name, gradient in first.items():
        assert torch.allclose(gradient, second[name], atol=1e-5), name
