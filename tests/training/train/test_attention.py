"""Attention by blocks against PyTorch's own."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from transformers import OPTForCausalLM

from model.galactica.config import SIZES, opt_config
from training.train.attention import attend_by_blocks, use_blocks


@pytest.mark.parametrize("length", [1, 40, 256, 300])
def test_values_and_gradients_are_those_of_pytorch(length: int) -> None:
    torch.manual_seed(4)
    ours = [torch.randn(2, 3, length, 8, requires_grad=True) for _ in range(3)]
    theirs = [tensor.detach().clone().requires_grad_() for tensor in ours]
    found, _ = attend_by_blocks(torch.nn.Identity(), *ours, None, scaling=0.5)
    expected = functional.scaled_dot_product_attention(*theirs, is_causal=True, scale=0.5).transpose(1, 2)
    assert torch.allclose(found, expected, atol=1e-5)
    weights = torch.randn_like(found)
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    for one, other in zip(ours, theirs, strict=True):
        assert one.grad is not None
        assert other.grad is not None
        assert torch.allclose(one.grad, other.grad, atol=1e-4)


def test_dropout_thins_the_probabilities() -> None:
    torch.manual_seed(4)
    ones = torch.ones(1, 1, 64, 8)
    kept, _ = attend_by_blocks(torch.nn.Identity(), ones, ones, ones, None, dropout=0.5)
    assert float(kept.mean()) == pytest.approx(1.0, abs=0.1)
    assert float(kept.std()) > 0.05


def test_model_gives_the_same_scores_and_its_configuration_tells_nothing_of_it() -> None:
    model = OPTForCausalLM(opt_config(SIZES["nano"], 100)).eval()
    ids = torch.randint(6, 100, (2, 256), generator=torch.Generator().manual_seed(1))
    before, told = model(input_ids=ids).logits, model.config.to_diff_dict()
    use_blocks(model, 4_096)
    assert model.config._attn_implementation == "sdpa"
    use_blocks(model, 256)
    assert model.config._attn_implementation != "sdpa"
    assert torch.allclose(model(input_ids=ids).logits, before, atol=1e-5)
    assert model.config.to_diff_dict() == told
