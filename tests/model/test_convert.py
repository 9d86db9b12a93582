"""Tests of the conversion from GGUF, on a small file written here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelError
from model.convert import convert_gguf
from model.llama import LlamaDecoder
from model.runtime import load_tensors, read_json
from model.tokens import load_chat_template, load_tokenizer
from tests.model.tiny import CHAT_TEMPLATE, CORPUS


def interleave(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Queries and keys as GGUF stores them: the two halves of a rotary pair side by side."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write_gguf(folder: Path, path: Path) -> None:
    """The model of a transformers folder as a GGUF file."""
    import torch
    from gguf import GGUFWriter

    config = read_json(folder / "config.json")
    vocabulary = json.loads((folder / "tokenizer.json").read_text())
    heads, shared = config["num_attention_heads"], config["num_key_value_heads"]
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(shared)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    tokens = sorted(vocabulary["model"]["vocab"], key=vocabulary["model"]["vocab"].get)
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token.startswith("<|") else 1 for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in vocabulary["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(CHAT_TEMPLATE)
    names = {
        "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    }  # fmt: skip
    tensors = load_tensors(folder, torch.float32).named
    writer.add_tensor("token_embd.weight", tensors["model.embed_tokens.weight"].numpy())
    writer.add_tensor("output_norm.weight", tensors["model.norm.weight"].numpy())
    for index in range(config["num_hidden_layers"]):
        for ours, theirs in names.items():
            weight = tensors[f"model.layers.{index}.{ours}.weight"].numpy()
            if theirs in ("attn_q", "attn_k"):
                weight = interleave(weight, heads if theirs == "attn_q" else shared)
            writer.add_tensor(f"blk.{index}.{theirs}.weight", np.ascontiguousarray(weight))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_the_converted_model_is_the_same(llama_folder: Path, tmp_path: Path) -> None:
    import torch

    source, target = tmp_path / "tiny.gguf", tmp_path / "converted"
    write_gguf(llama_folder, source)
    target.mkdir()
    convert_gguf(source, target)

    tokenizer = load_tokenizer(target)
    text = f"{CORPUS[2]} In  2023, on   45 papers. <|im_end|>"  # spaces before numbers tell the two readings apart
    assert tokenizer.encode(text).ids == load_tokenizer(llama_folder).encode(text).ids
    template = load_chat_template(target)
    assert template is not None
    assert template.template == CHAT_TEMPLATE

    scores = []
    for folder in (llama_folder, target):
        tensors = load_tensors(folder, torch.float32)
        decoder = LlamaDecoder(read_json(folder / "config.json"), tensors, rounded=False)
        scores.append(decoder.restart(tokenizer.encode(text).ids))
    assert np.abs(scores[0] - scores[1]).mean() < 0.02 * scores[0].std()  # bf16 keeps 8 bits
    assert load_tensors(target, torch.bfloat16).named["model.norm.weight"].dtype == torch.bfloat16


@pytest.mark.models
def test_numbers_are_cut_into_digits(models_dir: Path) -> None:
    tokenizer = load_tokenizer(models_dir / "smollm2-135m-instruct")
    pieces = tokenizer.encode("In  2023, 45 models").tokens
    assert [piece.strip("Ġ") for piece in pieces if piece.strip("Ġ").isdigit()] == list("202345")
    assert "ĠĠ" in pieces  # the spaces before a number stay together, as in the original tokenizer


def test_a_file_that_is_not_gguf_is_named(tmp_path: Path) -> None:
    (tmp_path / "wrong.gguf").write_bytes(b"not a model" * 100)
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match=r"wrong\.gguf: conversion failed") as caught:
        convert_gguf(tmp_path / "wrong.gguf", tmp_path / "out")
    assert "memory" in caught.value.hint
