"""Checkpoints of Galactica: one function loads this project's own and published ones, one saves.

A folder holds ``config.json``, ``model.safetensors`` and ``tokenizer.json`` as transformers reads them. The
configuration names the fingerprint of the tokenizer, so that another's cannot take its place unnoticed.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError, ModelError, StorageError
from model.galactica.galactica import Galactica
from model.galactica.hub import find_checkpoint, is_folder
from model.galactica.markers import BOS, EOS, PAD, UNK
from model.galactica.tokenizer import FINGERPRINT_KEY, TOKENIZER_NAME, GalacticaTokenizer
from model.manifest import sync_to_disk

if TYPE_CHECKING:
    import torch
    from transformers import OPTForCausalLM

_LOG = logging.getLogger(__name__)

WEIGHTS_NAME = "model.safetensors"
_WRITTEN = frozenset({"config.json", WEIGHTS_NAME, TOKENIZER_NAME, "tokenizer_config.json"})
_COMPILED = "_orig_mod."
"""What torch.compile puts into the names of weights."""


def load_galactica(
    source: str | Path,
    *,
    dtype: torch.dtype | None = None,
    device: str = "cpu",
    download: bool = False,
    lazy: bool = False,
) -> Galactica:
    """Load a checkpoint of this project, of Galactica or of any OPT; from safetensors alone, without remote code.

    Args:
        source: A folder, or the name of a model on the hub such as ``facebook/galactica-125m``, with a revision after
            ``@`` if need be.
        dtype: Of the weights in memory; None for what the device is fast at.
        device: Where they go, such as ``cuda``.
        download: Whether a name may be fetched; else it must be in the local cache already.
        lazy: Check the folder now, and load the weights when they are first needed.

    Raises:
        ModelError: The checkpoint is missing, damaged, of another architecture, or has another's tokenizer.
    """
    _put_back(Path(source))
    loaded = Galactica(find_checkpoint(source, download=download), name=_name(source), dtype=dtype, device=device)
    if not lazy:
        loaded.load()
    return loaded


def save_checkpoint(
    folder: Path,
    model: OPTForCausalLM,
    tokenizer: GalacticaTokenizer,
    *,
    dtype: torch.dtype | None = None,
    extra_files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Write a checkpoint, entirely or not at all: it grows beside its place and is renamed when it is on the disk.

    Args:
        folder: Where it shall be; a checkpoint that is there is replaced.
        model: The model, compiled or not.
        tokenizer: The tokenizer it was trained with.
        dtype: Of the weights on disk; None for the model's own.
        extra_files: Content by file name, such as the model card.

    Raises:
        InputError: An extra file's name is a path or is taken.
        ModelError: A weight is not finite, or the tokenizer has more tokens than the model.
        StorageError: The disk refuses; what was there before is untouched.
    """
    _put_back(folder)
    weights = _weights(model, dtype)
    if tokenizer.vocabulary > model.config.vocab_size:
        raise ModelError(
            f"The tokenizer has {tokenizer.vocabulary} tokens, the model {model.config.vocab_size}",
            hint="Save a model with the tokenizer it was trained with.",
        )
    extra = dict(extra_files or {})
    for name in extra:
        if name in _WRITTEN or name != Path(name).name or name in ("", ".", ".."):
            raise InputError(f"{name!r}: cannot be a file of a checkpoint", hint="Choose a plain, free file name.")
    try:
        _write_and_rename(folder, weights, _config(model, tokenizer, dtype), tokenizer, extra)
    except OSError as error:
        raise StorageError(f"{folder}: checkpoint not saved ({error})", hint="Free some space, then resume.") from error
    except Exception as error:  # safetensors reports a full disk by an error of its own
        if type(error).__module__.startswith("safetensors"):
            raise StorageError(
                f"{folder}: checkpoint not saved ({error})", hint="Free some space, then resume."
            ) from error
        raise
    _LOG.info("checkpoint saved: %s", folder.name)
    return folder


def _name(source: str | Path) -> str:
    path = Path(source)
    return path.resolve().name if is_folder(path) else str(source)


def _weights(model: OPTForCausalLM, dtype: torch.dtype | None) -> dict[str, torch.Tensor]:
    """Weights by their plain names, tied ones once, contiguous and on the processor."""
    import torch

    weights: dict[str, torch.Tensor] = {}
    for name, tensor in model.state_dict().items():
        name = name.replace(_COMPILED, "")
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue
        if not bool(torch.isfinite(tensor).all()):
            raise ModelError(f"The weight {name} is not finite", hint="Go back to the checkpoint before it.")
        weights[name] = tensor.detach().to("cpu", dtype or tensor.dtype).contiguous()
    return weights


def _config(model: OPTForCausalLM, tokenizer: GalacticaTokenizer, dtype: torch.dtype | None) -> dict[str, Any]:
    config: dict[str, Any] = model.config.to_diff_dict()
    kind = str(dtype or next(iter(model.parameters())).dtype).removeprefix("torch.")
    return {
        **config,
        "architectures": ["OPTForCausalLM"],
        "model_type": "opt",
        "dtype": kind,
        FINGERPRINT_KEY: tokenizer.fingerprint,
    }


def _write_and_rename(
    folder: Path,
    weights: dict[str, torch.Tensor],
    config: dict[str, Any],
    tokenizer: GalacticaTokenizer,
    extra: dict[str, str | bytes],
) -> None:
    from safetensors.torch import save_file

    folder.parent.mkdir(parents=True, exist_ok=True)
    growing = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        save_file(weights, growing / WEIGHTS_NAME, metadata={"format": "pt"})
        (growing / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        tokenizer.save(growing)
        (growing / "tokenizer_config.json").write_text(json.dumps(_tokenizer_config(config), indent=2) + "\n")
        for name, content in extra.items():
            (growing / name).write_bytes(content.encode() if isinstance(content, str) else content)
        growing.chmod(0o755)
        for path in (*growing.iterdir(), growing):
            path.chmod(0o755 if path.is_dir() else 0o644)
            sync_to_disk(path)
        _put_in_place(growing, folder)
    finally:
        shutil.rmtree(growing, ignore_errors=True)


def _put_in_place(growing: Path, folder: Path) -> None:
    try:
        _swap(growing, folder)
    except OSError:
        # Whoever loads it in the moment between the two renames puts back what was there: then once more.
        _swap(growing, folder)
    sync_to_disk(folder.parent)
    shutil.rmtree(_aside(folder), ignore_errors=True)


def _swap(growing: Path, folder: Path) -> None:
    aside = _aside(folder)
    shutil.rmtree(aside, ignore_errors=True)
    if folder.is_dir():
        folder.rename(aside)
    try:
        growing.rename(folder)
    except OSError:
        _put_back(folder)
        raise


def _aside(folder: Path) -> Path:
    """Where a checkpoint waits for the moment in which another takes its place."""
    return folder.with_name(f".{folder.name}-replaced")


def _put_back(folder: Path) -> None:
    """Undo a replacement that was cut off in its moment: of two checkpoints on the disk, one must have the name."""
    if folder.name and not is_folder(folder) and is_folder(_aside(folder)):
        with suppress(OSError):  # where nothing may be written, or another was first
            _aside(folder).rename(folder)


def _tokenizer_config(config: dict[str, Any]) -> dict[str, Any]:
    """What lets ``AutoTokenizer`` of transformers read the folder."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": EOS,
        "pad_token": PAD,
        "unk_token": UNK,
        "padding_side": "left",
        "truncation_side": "left",
        "clean_up_tokenization_spaces": False,
        "model_max_length": config.get("max_position_embeddings", 2_048),
    }
