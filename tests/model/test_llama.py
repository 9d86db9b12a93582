"""Parity of the lean Llama with that of transformers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelError
from model.decoding import Decoder, TransformersDecoder
from model.llama import LlamaDecoder
from model.runtime import load_tensors, load_weights, read_json
from model.tokens import load_tokenizer
from tests.model.tiny import write_llama


def run(decoder: Decoder, prompt: list[int], rest: list[int]) -> NDArray[np.float32]:
    """Scores after the prompt and after each further token, shape (1 + len(rest), V)."""
    return np.stack([decoder.restart(prompt), *(decoder.step(token) for token in rest)])


def lean(folder: Path, *, rounded: bool = False, dtype: str = "float32") -> LlamaDecoder:
    """The decoder under test."""
    import torch

    tensors = load_tensors(folder, getattr(torch, dtype))
    return LlamaDecoder(read_json(folder / "config.json"), tensors, rounded=rounded)


def reference(folder: Path) -> TransformersDecoder:
    """The decoder of transformers, in fp32."""
    import torch

    return TransformersDecoder(load_weights("AutoModelForCausalLM", folder, torch.float32))


@pytest.fixture(scope="module")
def ids() -> list[int]:
    return [int(token) for token in np.random.default_rng(0).integers(3, 300, size=40)]


@pytest.fixture(scope="module")
def wanted(llama_folder: Path, ids: list[int]) -> NDArray[np.float32]:
    """Scores by transformers for a prompt of 25 tokens and 15 further ones."""
    return run(reference(llama_folder), ids[:25], ids[25:])


def test_scores_are_those_of_transformers(llama_folder: Path, ids: list[int], wanted: NDArray[np.float32]) -> None:
    assert np.allclose(run(lean(llama_folder), ids[:25], ids[25:]), wanted, atol=1e-4)
    assert wanted.std() > 0.1


def test_untied_heads_and_long_texts_agree_too(tmp_path: Path) -> None:
    folder = write_llama(tmp_path / "untied", tied=False)
    rest = [int(token) for token in np.random.default_rng(1).integers(3, 300, size=20)]
    prompt = [5, 6, 7] * 83  # the cache grows within the answer, beyond 256
    assert np.allclose(run(lean(folder), prompt, rest), run(reference(folder), prompt, rest), atol=1e-3)


def test_older_configurations_agree_too(
    llama_folder: Path, tmp_path: Path, ids: list[int], wanted: NDArray[np.float32]
) -> None:
    folder = shutil.copytree(llama_folder, tmp_path / "older")
    config = json.loads((folder / "config.json").read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["rope_scaling"] = None
    del config["head_dim"]
    (folder / "config.json").write_text(json.dumps(config))
    assert np.allclose(run(lean(folder), ids[:25], ids[25:]), wanted, atol=1e-4)


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 0.03), ("bfloat16", 0.05)])
def test_rounded_weights_stay_close(
    llama_folder: Path, ids: list[int], wanted: NDArray[np.float32], dtype: str, limit: float
) -> None:
    found = run(lean(llama_folder, rounded=True, dtype=dtype), ids[:25], ids[25:])
    error = np.abs(found - wanted).mean() / wanted.std()
    assert 0 < error < limit


def test_rounding_leaves_the_weights_alone(llama_folder: Path) -> None:
    import torch

    tensors = load_tensors(llama_folder, torch.float32)
    before = {name: tensor.clone() for name, tensor in tensors.named.items()}
    LlamaDecoder(read_json(llama_folder / "config.json"), tensors)
    assert all(torch.equal(before[name], tensor) for name, tensor in tensors.named.items())


def test_a_restart_forgets(llama_folder: Path, ids: list[int]) -> None:
    decoder = lean(llama_folder)
    run(decoder, [9] * 30, ids[:5])
    assert np.array_equal(run(decoder, ids[:4], ids[4:8]), run(lean(llama_folder), ids[:4], ids[4:8]))


def test_a_prompt_of_one_token_is_read(llama_folder: Path) -> None:
    assert np.allclose(lean(llama_folder).restart([7]), reference(llama_folder).restart([7]), atol=1e-4)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("attention_bias", True),
        ("mlp_bias", True),
        ("hidden_act", "gelu"),
        ("rope_parameters", {"rope_type": "yarn"}),
        ("architectures", ["MistralForCausalLM"]),
    ],
)
def test_other_arithmetic_is_left_to_transformers(llama_folder: Path, setting: str, value: object) -> None:
    config = read_json(llama_folder / "config.json")
    assert LlamaDecoder.fits(config)
    assert not LlamaDecoder.fits({**config, setting: value})


def test_missing_and_misshapen_weights_are_named(llama_folder: Path) -> None:
    import torch

    config = read_json(llama_folder / "config.json")
    tensors = load_tensors(llama_folder, torch.float32)
    with pytest.raises(ModelError, match=r"model\.norm\.weight has shape \(64,\) instead of \(32,\)"):
        tensors.take("model.norm.weight", 32)
    del tensors.named["model.layers.1.mlp.up_proj.weight"]
    with pytest.raises(ModelError, match=r"lacks the weight model\.layers\.1\.mlp\.up_proj\.weight"):
        LlamaDecoder(config, tensors)


@pytest.mark.models
def test_installed_model_agrees_with_transformers(models_dir: Path) -> None:
    folder = models_dir / "smollm2-135m-instruct"
    text = "Galactica stores scientific knowledge. In 2022, language models were trained on papers and cite them."
    ids = load_tokenizer(folder).encode(text).ids
    wanted = run(reference(folder), ids[:12], ids[12:])
    assert np.allclose(run(lean(folder), ids[:12], ids[12:]), wanted, atol=2e-3)
    rounded = run(lean(folder, rounded=True), ids[:12], ids[12:])
    assert (rounded.argmax(axis=1) == wanted.argmax(axis=1)).mean() > 0.8
