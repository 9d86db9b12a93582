"""Embeddings taken from an encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import OPTForCausalLM

from core.errors import InputError
from model.galactica.config import SIZES, opt_config
from model.galactica.tokenizer import GalacticaTokenizer
from training.train.embeddings import take_embeddings


def write_encoder(folder: Path, width: int) -> torch.Tensor:
    pieces = Tokenizer(models.WordPiece({"[UNK]": 0, "the": 1, "parser": 2, "a": 3, "##er": 4}, unk_token="[UNK]"))
    pieces.normalizer = normalizers.Lowercase()
    pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    pieces.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    words = torch.randn(5, width, generator=torch.Generator().manual_seed(1))
    save_file({"embeddings.word_embeddings.weight": words}, folder / "model.safetensors")
    return words


def test_words_that_the_encoder_knows_are_taken(tmp_path: Path, tokenizer: GalacticaTokenizer) -> None:
    words = write_encoder(tmp_path, 64)
    torch.manual_seed(1)
    model = OPTForCausalLM(opt_config(SIZES["nano"], tokenizer.vocabulary))
    own = model.get_input_embeddings().weight
    before = own.detach().clone()
    count = take_embeddings(model, tmp_path, tokenizer)
    now = own.detach()
    changed = (now != before).any(dim=1)
    assert 0 < count == int(changed.sum()) < tokenizer.vocabulary
    parser = tokenizer.encode(" parser")
    assert len(parser) == 1
    expected = words[2] - words.mean(dim=0)
    assert float(torch.cosine_similarity(now[parser[0]], expected, dim=0)) == pytest.approx(1.0, abs=1e-5)
    assert float(now[changed].std()) == pytest.approx(0.02, rel=1e-3)
    assert model.lm_head.weight is own


def test_another_width_is_refused(tmp_path: Path, tokenizer: GalacticaTokenizer) -> None:
    write_encoder(tmp_path, 32)
    model = OPTForCausalLM(opt_config(SIZES["nano"], tokenizer.vocabulary))
    with pytest.raises(InputError, match="no word embeddings of width 64"):
        take_embeddings(model, tmp_path, tokenizer)
