from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ModelError, StorageError
from model.citation_encoder import TUNING_NAME, WEIGHTS_NAME, load_citation_encoder, query_text, work_text
from model.config import EncoderConfig
from training.encoder import ship as shipping
from training.encoder.measure import Found
from training.encoder.network import TrainedEncoder
from training.encoder.recipe import EncoderRecipe
from training.encoder.ship import CARD_NAME, CardFacts, Lesson, ship

FOUND = Found(places=7, candidates=99, hit1=0.25, recall10=0.5, recall100=0.75)
FACTS = CardFacts(
    recipe=EncoderRecipe(seed=23),
    lessons=[Lesson(name="world", papers=3, places=12, share=1.0, licences=("CC0",))],
    command="galacite train encoder --train world.jsonl",
    found={"world.dev": FOUND},
    before={},
)
TEXTS = [
    query_text("Papers", "Methods", "We measure recall at ten", "."),
    work_text("Dense retrieval helps", "Baseline"),
]


def test_what_is_shipped_gives_the_vectors_that_training_had(base_folder: Path, tmp_path: Path) -> None:
    encoder = _tuned(base_folder, frozen_layers=1)
    out = ship(base_folder, encoder.masters, tmp_path / "tuned", FACTS)
    serving = load_citation_encoder(EncoderConfig(folder=base_folder), out)
    assert np.allclose(serving.encode(TEXTS), encoder.encode(TEXTS), atol=1e-2)
    assert not np.allclose(serving.encode(TEXTS), TrainedEncoder(base_folder).encode(TEXTS), atol=5e-2)


def test_only_tuned_layers_are_shipped_in_bf16(base_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    out = ship(base_folder, _tuned(base_folder, frozen_layers=1).masters, tmp_path / "tuned", FACTS)
    weights = load_file(out / WEIGHTS_NAME)
    assert all(name.startswith("encoder.layer.1.") for name in weights)
    assert {weight.dtype for weight in weights.values()} == {torch.bfloat16}


def test_the_card_tells_data_recipe_command_and_figures(base_folder: Path, tmp_path: Path) -> None:
    out = ship(base_folder, _tuned(base_folder).masters, tmp_path / "tuned", FACTS)
    card = (out / CARD_NAME).read_text(encoding="utf-8")
    for told in ("| world | 3 | 12 | 100% | CC0 |", "| seed | 23 |", FACTS.command, "| 0.250 | 0.500 | 0.750 |"):
        assert told in card
    assert json.loads((out / TUNING_NAME).read_text())["base_sha256"] in card


def test_a_former_model_stays_when_the_new_one_cannot_be_written(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = ship(base_folder, _tuned(base_folder).masters, tmp_path / "tuned", FACTS)
    before = (out / WEIGHTS_NAME).read_bytes()

    def full(*_: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(shipping, "card", full)
    with pytest.raises(StorageError, match="No space"):
        ship(base_folder, _tuned(base_folder, by=0.5).masters, out, FACTS)
    assert (out / WEIGHTS_NAME).read_bytes() == before


def test_weights_that_are_not_finite_or_too_large_are_not_shipped(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not finite"):
        ship(base_folder, {"encoder.layer.0.bias": torch.tensor([float("nan")])}, tmp_path / "tuned", FACTS)
    with pytest.raises(ModelError, match="above"):
        ship(base_folder, {"encoder.layer.0.bias": torch.zeros(12_000_000)}, tmp_path / "tuned", FACTS)
    assert not (tmp_path / "tuned").exists()


def _tuned(base: Path, *, frozen_layers: int = 0, by: float = 0.3) -> TrainedEncoder:
    """An encoder whose weights have moved."""
    encoder = TrainedEncoder(base, frozen_layers=frozen_layers)
    torch.manual_seed(1)
    encoder.load({name: each.detach() + by * torch.randn(each.shape) for name, each in encoder.masters.items()})
    return encoder
