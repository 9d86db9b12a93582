"""A citation model for the tests of the app: the smallest size with random weights and a tokenizer of its own."""

from __future__ import annotations

import json
from pathlib import Path

CARD = """---
license: agpl-3.0
---
# A model for tests

| figure | value |
|---|---|
| data | four sentences |
| seed | 0 |
"""
_TEXTS = [
    "Language models store knowledge in their weights, and look up what they have forgotten.",
    "Sparse retrieval compares words; dense retrieval compares meanings of passages and titles.",
    "Attention weighs the tokens of a text, Galactica a large language model for science, 2022.",
    "Naïve Bayes and the reciprocal rank fusion of rankings, by Cormack, Clarke and Büttcher.",
]


def write_checkpoint(folder: Path, *, seed: int = 0, alpha: float = 0.5) -> Path:
    """Write a checkpoint with a card and a prior strength, as training leaves it; without transformers, in no time."""
    import torch
    from safetensors.torch import save_file

    from model.galactica.config import SIZES
    from model.galactica.tokenizer import GalacticaTokenizer

    size = SIZES["nano"]
    tokenizer = GalacticaTokenizer.train(_TEXTS, 512)
    shapes = {
        "embed_tokens.weight": (tokenizer.vocabulary, size.width),
        "embed_positions.weight": (size.context + 2, size.width),
    }
    for layer in range(size.layers):
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes[f"layers.{layer}.self_attn.{name}.weight"] = (size.width, size.width)
        shapes[f"layers.{layer}.fc1.weight"] = (size.feed_width, size.width)
        shapes[f"layers.{layer}.fc2.weight"] = (size.width, size.feed_width)
    chance = torch.Generator().manual_seed(seed)
    folder.mkdir(parents=True)
    save_file(
        {
            f"model.decoder.{name}": (0.05 * torch.randn(shape, generator=chance)).to(torch.bfloat16)
            for name, shape in shapes.items()
        },
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    config = {
        "architectures": ["OPTForCausalLM"], "model_type": "opt", "dtype": "bfloat16",
        "vocab_size": tokenizer.vocabulary, "hidden_size": size.width, "word_embed_proj_dim": size.width,
        "num_hidden_layers": size.layers, "num_attention_heads": size.heads, "ffn_dim": size.feed_width,
        "max_position_embeddings": size.context, "activation_function": "gelu", "do_layer_norm_before": True,
        "enable_bias": False, "layer_norm_elementwise_affine": False, "tie_word_embeddings": True,
        "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer.save(folder)
    (folder / "README.md").write_text(CARD)
    (folder / "citations.json").write_text(json.dumps({"alpha": alpha}))
    return folder
