"""Small checkpoints of Galactica: a random one, and one that has learned three sentences by heart."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.galactica.checkpoint import load_galactica, save_checkpoint
from model.galactica.config import SIZES, opt_config
from model.galactica.galactica import Galactica
from model.galactica.markers import reference
from model.galactica.tokenizer import GalacticaTokenizer

LESSONS = [
    f"Machines translate with attention alone {reference('Attention is all you need', 'Vaswani')} since 2017.",
    f"Words in context get vectors from both sides {reference('BERT: Deep bidirectional transformers', 'Devlin')} now.",
    f"Images are told apart by residual nets {reference('Deep residual learning', 'He')} of 152 layers.",
]
WORDS = " ".join(LESSONS) + " Naïve Bayes, x == y, α + β → γ; [START_SMILES]C1=CC=CC=C1[END_SMILES] 3.14159"


def write_nano(folder: Path, *, vocabulary: int = 400, lessons: int = 0, seed: int = 0) -> Path:
    """Save a nano checkpoint: random, or trained for so many steps on ``LESSONS``."""
    from transformers import OPTForCausalLM

    tokenizer = GalacticaTokenizer.train([WORDS], vocabulary)
    torch.manual_seed(seed)
    config = opt_config(SIZES["nano"], tokenizer.vocabulary)
    config.dropout = config.attention_dropout = 0.0
    config.init_std = 0.02 if lessons else 0.3
    model = OPTForCausalLM(config)
    rows = [[*tokenizer.encode(text), tokenizer.eos] for text in LESSONS]
    width = max(map(len, rows))
    ids = torch.tensor([row + [tokenizer.pad] * (width - len(row)) for row in rows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(lessons):
        scores = model(ids).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), ids[:, 1:], ignore_index=tokenizer.pad)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return save_checkpoint(folder, model.eval(), tokenizer)


@pytest.fixture(scope="session")
def nano_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model whose scores differ widely; never written to."""
    return write_nano(tmp_path_factory.mktemp("nano") / "nano")


@pytest.fixture(scope="session")
def nano(nano_folder: Path) -> Galactica:
    """The same, loaded in fp32."""
    return load_galactica(nano_folder, dtype=torch.float32)


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Galactica:
    """A model that knows ``LESSONS``, in fp32."""
    return load_galactica(write_nano(tmp_path_factory.mktemp("nano") / "taught", lessons=60), dtype=torch.float32)
