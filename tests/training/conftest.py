"""A small checkpoint with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.galactica.galactica import Galactica


@pytest.fixture(scope="session")
def nano_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of the smallest size whose scores differ enough to order titles."""
    import torch
    from transformers import OPTForCausalLM

    from model.galactica.checkpoint import save_checkpoint
    from model.galactica.config import SIZES, opt_config
    from model.galactica.tokenizer import GalacticaTokenizer

    tokenizer = GalacticaTokenizer.train(["Deep nets for images of old trees, protein folding and graphs."] * 3, 400)
    torch.manual_seed(0)
    config = opt_config(SIZES["nano"], tokenizer.vocabulary)
    config.init_std = 0.3
    return save_checkpoint(tmp_path_factory.mktemp("galactica") / "nano", OPTForCausalLM(config), tokenizer)


@pytest.fixture(scope="session")
def nano(nano_folder: Path) -> Galactica:
    """The same, loaded in fp32."""
    import torch

    from model.galactica.checkpoint import load_galactica

    return load_galactica(nano_folder, dtype=torch.float32)
