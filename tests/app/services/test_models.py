from __future__ import annotations

from pathlib import Path

import pytest

from app.services.models import ModelInUse, models_in_use, size_told
from app.settings import Settings
from model.facts import ModelFacts


def citation_model(settings: Settings, named: str | Path) -> ModelInUse:
    return models_in_use(settings.model_copy(update={"citation_model": str(named)}))[-1]


def test_models_that_are_not_installed_say_so(settings: Settings) -> None:
    encoder, generator, *_ = models_in_use(settings)
    assert (encoder.name, encoder.facts, encoder.problem) == ("all-minilm-l6-v2", None, "not installed")
    assert generator.problem == "not installed"


def test_a_model_of_ones_own_is_told_by_its_size_and_card(settings: Settings, checkpoint: Path) -> None:
    model = citation_model(settings, checkpoint)
    assert model.facts is not None
    assert (model.name, model.facts.parameters) == ("nano", 143_808)
    assert model.facts.card.startswith("# A model for tests")
    assert not model.ours  # its card is text by somebody else


def test_a_model_that_is_off_missing_or_not_fetched_has_no_facts(settings: Settings, tmp_path: Path) -> None:
    assert citation_model(settings, "none").problem == "switched off"
    assert "no .safetensors" in citation_model(settings, tmp_path / "gone").problem
    assert "fetched" in citation_model(settings, "nobody/nothing-of-this-name").problem


def test_the_shipped_models_are_ours(settings: Settings) -> None:
    assert citation_model(settings, "galacite-mini").ours


def test_a_generator_elsewhere_is_named_with_its_address(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"generator_url": "http://127.0.0.1:11434/v1", "generator_model": "qwen3"})
    assert models_in_use(elsewhere)[1] == ModelInUse(
        task="phrases answers and summaries", name="qwen3", problem="runs at http://127.0.0.1:11434/v1"
    )


@pytest.mark.parametrize(
    ("parameters", "size", "told"),
    [
        (20_905_728, 41_811_456, "20.9M parameters, 42 MB (BF16)"),
        (999, 2_000, "999 parameters, < 1 MB (BF16)"),
        (6_700_000_000, 13_400_000_000, "6.7B parameters, 13.4 GB (BF16)"),
    ],
)
def test_sizes_are_told_shortly(parameters: int, size: int, told: str) -> None:
    facts = ModelFacts(name="m", folder=Path("m"), parameters=parameters, weights_bytes=size, dtype="BF16", card="")
    assert size_told(facts) == told
