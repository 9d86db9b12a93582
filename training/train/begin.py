"""Where a run begins: the device, and a model chosen at random or taken from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from model.galactica.checkpoint import load_galactica
from model.galactica.config import opt_config
from model.galactica.tokenizer import GalacticaTokenizer
from model.runtime import quiet_transformers, set_threads
from training.train.parallel import Team
from training.train.recipe import Recipe

if TYPE_CHECKING:
    import torch
    from transformers import OPTForCausalLM


def choose_device(recipe: Recipe, team: Team) -> torch.device:
    """The device of a recipe; ``auto`` is the GPU when there is one.

    Raises:
        InputError: A GPU is asked for and there is none.
    """
    set_threads(recipe.run.threads)
    import torch

    has_gpu = torch.cuda.is_available()
    if recipe.run.device == "cuda" and not has_gpu:
        raise InputError("PyTorch finds no GPU", hint="Train on the processor: --set run.device=cpu")
    if recipe.run.device == "cpu" or not has_gpu:
        return torch.device("cpu")
    torch.set_float32_matmul_precision("high")
    return torch.device("cuda", team.local_rank)


def new_model(recipe: Recipe, vocabulary: int, device: torch.device) -> OPTForCausalLM:
    """A model with weights chosen at random, in fp32; the same for the same seed.

    Args:
        recipe: Names the size and dropout.
        vocabulary: Rows of the embedding.
        device: Where it shall be.
    """
    import torch

    set_threads(recipe.run.threads)
    torch.manual_seed(recipe.seed)
    with quiet_transformers():
        from transformers import OPTForCausalLM

        config = opt_config(recipe.shape, vocabulary)
        config.dropout = config.attention_dropout = recipe.model.dropout
        return OPTForCausalLM(config).to(device)


def take_over(model: OPTForCausalLM, checkpoint: Path, tokenizer: GalacticaTokenizer) -> None:
    """Put the weights of a checkpoint into a new model: the beginning of a continual run.

    Raises:
        InputError: The checkpoint is of another size or has another tokenizer.
        ModelError: It is missing or damaged.
    """
    import torch

    source = load_galactica(checkpoint, dtype=torch.float32)
    if source.tokenizer.fingerprint != tokenizer.fingerprint:
        raise InputError(
            f"{checkpoint}: has the tokenizer {source.tokenizer.fingerprint}, the shards {tokenizer.fingerprint}",
            hint=f"Build the shards with its tokenizer: galacite corpus build --tokenizer {checkpoint}",
        )
    weights = source.model.state_dict()
    if {name: each.shape for name, each in weights.items()} != {n: e.shape for n, e in model.state_dict().items()}:
        raise InputError(
            f"{checkpoint}: is of another size than the recipe's", hint="Set size to that of the checkpoint."
        )
    model.load_state_dict(weights)
