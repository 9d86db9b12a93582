"""The sizes against transformers' own count of weights."""

from __future__ import annotations

import pytest
import torch

from model.galactica.config import SIZES, opt_config


@pytest.mark.parametrize("name", ["nano", "mini", "125m", "1.3b", "6.7b"])
def test_counts_the_weights_of_the_real_model(name: str) -> None:
    from transformers import OPTForCausalLM

    size = SIZES[name]
    with torch.device("meta"):
        model = OPTForCausalLM(opt_config(size))
    assert sum(weights.numel() for weights in model.parameters()) == size.parameters()
    assert not [name for name, _ in model.named_parameters() if "bias" in name or "norm" in name]


def test_mini_fits_what_is_shipped() -> None:
    assert SIZES["mini"].parameters() * 2 < 64e6


def test_follows_the_size_of_a_tokenizer() -> None:
    config = opt_config(SIZES["nano"], 777)
    assert config.vocab_size == 777
    assert (config.activation_function, config.do_layer_norm_before) == ("gelu", True)
    assert SIZES["nano"].parameters(777) - SIZES["nano"].parameters(776) == SIZES["nano"].width
