"""The lean network against transformers' OPT: same scores whole, in parts, padded, shared and reordered."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.errors import ModelError
from model.galactica.config import SIZES, opt_config
from model.galactica.network import OptNetwork, require_finite
from model.galactica.weights import require_opt
from model.runtime import Tensors

_VARIANTS: dict[str, dict[str, Any]] = {
    "galactica": {},
    "opt": {"enable_bias": True, "layer_norm_elementwise_affine": True, "activation_function": "relu"},
    "opt-350m": {
        "enable_bias": True,
        "layer_norm_elementwise_affine": True,
        "do_layer_norm_before": False,
        "word_embed_proj_dim": 32,
    },
    "untied": {"tie_word_embeddings": False},
    "no final norm": {"_remove_final_layer_norm": True},
}
_WORDS = 97


def _pair(variant: str) -> tuple[Any, OptNetwork]:
    """A random model of transformers and the same weights in the lean network."""
    from pathlib import Path

    from transformers import OPTForCausalLM

    config = opt_config(SIZES["nano"], _WORDS)
    for name, value in _VARIANTS[variant].items():
        setattr(config, name, value)
    torch.manual_seed(0)
    model = OPTForCausalLM(config).eval()
    for weights in model.parameters():
        weights.data.normal_(0.0, 0.2)
    named = {
        name: tensor for name, tensor in model.state_dict().items() if variant == "untied" or "lm_head" not in name
    }
    return model, OptNetwork(config.to_dict(), Tensors(Path("memory"), named))


@pytest.fixture(scope="module", params=list(_VARIANTS))
def pair(request: pytest.FixtureRequest) -> tuple[Any, OptNetwork]:
    return _pair(request.param)


@pytest.fixture(scope="module")
def network() -> OptNetwork:
    return _pair("galactica")[1]


@pytest.fixture
def ids() -> torch.Tensor:
    return torch.randint(3, _WORDS, (3, 12), generator=torch.Generator().manual_seed(1))


def _scores(model: Any, ids: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(ids, attention_mask=mask).logits
    return found


def test_whole_and_in_parts(pair: tuple[Any, OptNetwork], ids: torch.Tensor) -> None:
    model, network = pair
    expected = _scores(model, ids)
    whole, _ = network.read(ids)
    torch.testing.assert_close(network.scores(whole), expected, atol=1e-4, rtol=1e-4)
    parts, cache = [], None
    for start, end in ((0, 5), (5, 6), (6, 10), (10, 12)):
        states, cache = network.read(ids[:, start:end], cache)
        parts.append(states)
    torch.testing.assert_close(network.scores(torch.cat(parts, dim=1)), expected, atol=1e-4, rtol=1e-4)


def test_one_prompt_for_all_rows(pair: tuple[Any, OptNetwork], ids: torch.Tensor) -> None:
    model, network = pair
    same = ids.clone()
    same[:, :6] = ids[0, :6]
    expected = _scores(model, same)[:, 6:]
    _, prompt = network.read(same[:1, :6])
    first, cache = network.read(same[:, 6:9], prompt)
    second, cache = network.read(same[:, 9:], cache)
    torch.testing.assert_close(network.scores(torch.cat((first, second), dim=1)), expected, atol=1e-4, rtol=1e-4)
    assert (prompt.tokens, cache.tokens) == (6, 12)
    again, _ = network.read(same[:, 6:9], prompt)
    torch.testing.assert_close(again, first)


def test_padding_on_the_left_changes_nothing(pair: tuple[Any, OptNetwork], ids: torch.Tensor) -> None:
    model, network = pair
    padding = torch.tensor([0, 2, 5])
    mask = (torch.arange(12)[None] >= padding[:, None]).long()
    expected = _scores(model, ids, mask)
    first, cache = network.read(ids[:, :8], padding=padding)
    second, _ = network.read(ids[:, 8:], cache)
    found = network.scores(torch.cat((first, second), dim=1))
    assert bool(found.isfinite().all())
    torch.testing.assert_close(found[mask.bool()], expected[mask.bool()], atol=1e-4, rtol=1e-4)


def test_selected_rows_go_on_from_where_they_were(network: OptNetwork, ids: torch.Tensor) -> None:
    padding = torch.tensor([0, 2, 5])
    rows = torch.tensor([2, 0, 2, 1])
    _, cache = network.read(ids[:, :6], padding=padding)
    _, cache = network.read(ids[:, 6:8], cache)
    chosen, _ = network.read(ids[rows, 8:], cache.select(rows))
    plain, _ = network.read(ids[:, 8:], cache)
    torch.testing.assert_close(chosen, plain[rows])


def test_the_context_is_a_bound(network: OptNetwork) -> None:
    full = torch.full((1, network.context_tokens), 7)
    _, cache = network.read(full)
    with pytest.raises(ModelError, match="context of 256"):
        network.read(torch.tensor([[7]]), cache)
    with pytest.raises(ModelError, match="context"):
        network.read(torch.full((1, network.context_tokens + 1), 7))


def test_bf16_is_close(ids: torch.Tensor) -> None:
    model, network = _pair("galactica")
    named = {name: tensor.bfloat16() for name, tensor in model.state_dict().items() if "lm_head" not in name}
    from pathlib import Path

    rounded = OptNetwork(model.config.to_dict(), Tensors(Path("memory"), named))
    exact, _ = network.read(ids)
    first, cache = rounded.read(ids[:, :6])
    second, _ = rounded.read(ids[:, 6:], cache)
    found, expected = rounded.scores(torch.cat((first, second), dim=1)), network.scores(exact)
    assert found.dtype == torch.float32
    assert float((found - expected).abs().mean() / expected.abs().mean()) < 0.05


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ModelError, match="not finite"):
        require_finite(torch.tensor([1.0, float("nan")]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_type": "llama"}, "not OPT"),
        ({"model_type": None}, "not OPT"),
        ({"vocab_size": "many"}, "vocab_size"),
        ({"hidden_size": -64}, "hidden_size"),
        ({"num_hidden_layers": True}, "num_hidden_layers"),
        ({"ffn_dim": 2**40}, "ffn_dim"),
        ({"num_attention_heads": 7}, "no multiple"),
        ({"activation_function": "swish"}, "activation"),
    ],
)
def test_foreign_configurations_are_refused(change: dict[str, object], told: str) -> None:
    config = {**opt_config(SIZES["nano"], _WORDS).to_dict(), **change}
    with pytest.raises(ModelError, match=told):
        require_opt(config, "config.json")
