"""Parity of the lean Llama with that of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.decoding import Decoder, TransformersDecoder
from model.llama import LlamaDecoder
from model.runtime import load_weights
from tests.model.tiny import write_llama


def run(decoder: Decoder, prompt: list[int], rest: list[int]) -> NDArray[np.float32]:
    """Scores after the prompt and after each further token, shape (1 + len(rest), V)."""
    return np.stack([decoder.restart(prompt), *(decoder.step(token) for token in rest)])


@pytest.fixture(scope="module")
def model(llama_folder: Path) -> Any:
    import torch

    return load_weights("AutoModelForCausalLM", llama_folder, torch.float32)


@pytest.fixture(scope="module")
def ids() -> list[int]:
    return [int(token) for token in np.random.default_rng(0).integers(3, 300, size=40)]


def test_scores_are_those_of_transformers(model: Any, ids: list[int]) -> None:
    found = run(LlamaDecoder(model, rounded=False), ids[:25], ids[25:])
    wanted = run(TransformersDecoder(model), ids[:25], ids[25:])
    assert np.allclose(found, wanted, atol=1e-4)
    assert wanted.std() > 0.1


def test_untied_heads_and_long_texts_agree_too(tmp_path: Path) -> None:
    import torch

    model = load_weights("AutoModelForCausalLM", write_llama(tmp_path / "untied", tied=False), torch.float32)
    rest = [int(token) for token in np.random.default_rng(1).integers(3, 300, size=20)]
    prompt = [5, 6, 7] * 83  # the cache grows within the answer, beyond 256
    found = run(LlamaDecoder(model, rounded=False), prompt, rest)
    assert np.allclose(found, run(TransformersDecoder(model), prompt, rest), atol=1e-3)


def test_rounded_weights_stay_close(model: Any, ids: list[int]) -> None:
    exact = run(LlamaDecoder(model, rounded=False), ids[:25], ids[25:])
    rounded = run(LlamaDecoder(model), ids[:25], ids[25:])
    error = np.abs(exact - rounded).mean() / exact.std()
    assert 0 < error < 0.03


def test_bf16_stays_close(llama_folder: Path, model: Any, ids: list[int]) -> None:
    import torch

    half = load_weights("AutoModelForCausalLM", llama_folder, torch.bfloat16)
    exact = run(TransformersDecoder(model), ids[:25], ids[25:])
    error = np.abs(run(LlamaDecoder(half), ids[:25], ids[25:]) - exact).mean() / exact.std()
    assert error < 0.05


def test_a_restart_forgets(model: Any, ids: list[int]) -> None:
    decoder = LlamaDecoder(model)
    run(decoder, [9] * 30, ids[:5])
    assert np.array_equal(run(decoder, ids[:4], ids[4:8]), run(LlamaDecoder(model), ids[:4], ids[4:8]))


def test_a_prompt_of_one_token_is_read(model: Any) -> None:
    found = LlamaDecoder(model, rounded=False).restart([7])
    assert np.allclose(found, TransformersDecoder(model).restart([7]), atol=1e-4)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("attention_bias", True), ("mlp_bias", True), ("hidden_act", "gelu"), ("rope_parameters", {"rope_type": "yarn"})],
)
def test_other_arithmetic_is_left_to_transformers(llama_folder: Path, setting: str, value: object) -> None:
    import torch

    other = load_weights("AutoModelForCausalLM", llama_folder, torch.float32)
    assert LlamaDecoder.fits(other)
    setattr(other.config, setting, value)
    assert not LlamaDecoder.fits(other)


def test_other_architectures_are_left_to_transformers(tmp_path: Path) -> None:
    import torch

    folder = write_llama(tmp_path / "gpt2", kind="gpt2")
    assert not LlamaDecoder.fits(load_weights("AutoModelForCausalLM", folder, torch.float32))


@pytest.mark.models
def test_installed_model_agrees_with_transformers(models_dir: Path) -> None:
    import torch

    from model.runtime import load_tokenizer

    folder = models_dir / "smollm2-135m-instruct"
    model = load_weights("AutoModelForCausalLM", folder, torch.float32)
    text = "Galactica stores scientific knowledge. In 2022, language models were trained on papers and cite them."
    ids = load_tokenizer(folder)(text)["input_ids"]
    wanted = run(TransformersDecoder(model), ids[:12], ids[12:])
    assert np.allclose(run(LlamaDecoder(model, rounded=False), ids[:12], ids[12:]), wanted, atol=2e-3)
    rounded = run(LlamaDecoder(model), ids[:12], ids[12:])
    assert (rounded.argmax(axis=1) == wanted.argmax(axis=1)).mean() > 0.8
