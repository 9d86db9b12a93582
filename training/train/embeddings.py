"""Token embeddings taken from a text encoder: a small model then need not learn from nothing which words are alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from model.galactica.markers import SPECIAL_TOKENS
from model.galactica.tokenizer import GalacticaTokenizer
from model.runtime import load_tensors
from model.tokens import load_tokenizer

if TYPE_CHECKING:
    from transformers import OPTForCausalLM

_NAME = "word_embeddings.weight"
_CONTINUES = "##"
_UNKNOWN = "[UNK]"


def take_embeddings(model: OPTForCausalLM, encoder: Path, tokenizer: GalacticaTokenizer) -> int:
    """Set each token's embedding to the mean of its word pieces in an encoder, centred and at the usual scale.

    Special tokens and tokens that the encoder does not know keep what they have.

    Args:
        model: A new model.
        encoder: Folder of a BERT-like model of the same width.
        tokenizer: Of the model.

    Returns:
        How many tokens were set.

    Raises:
        InputError: The encoder has no word embeddings of this width.
        ModelError: The encoder is missing or damaged.
    """
    import torch

    named = load_tensors(encoder, torch.float32).named
    words = next((tensor for name, tensor in named.items() if name.endswith(_NAME)), None)
    own = model.get_input_embeddings().weight
    if words is None or words.dim() != 2 or words.shape[1] != own.shape[1]:
        raise InputError(
            f"{encoder}: has no word embeddings of width {own.shape[1]}", hint="Leave out init.embeddings."
        )
    pieces, known = load_tokenizer(encoder), {}
    for token in range(len(SPECIAL_TOKENS), tokenizer.vocabulary):
        text = tokenizer.decode([token])
        whole = pieces.token_to_id(_CONTINUES + text.lower()) if text.isalpha() else None
        ids = [whole] if whole is not None else pieces.encode(text.strip(), add_special_tokens=False).ids
        ids = [each for each in ids if each != pieces.token_to_id(_UNKNOWN) and each < len(words)]
        if ids:
            known[token] = words[ids].mean(dim=0)
    if known:
        rows = torch.stack(list(known.values())) - words.mean(dim=0)
        with torch.no_grad():
            own[list(known)] = (rows / rows.std() * model.config.init_std).to(own)
    return len(known)
