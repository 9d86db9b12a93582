"""Where a checkpoint lies: a folder, or a model of the Hugging Face hub in the local cache."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import ModelError
from model.runtime import first_line

_HUB_NAME = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@([A-Za-z0-9][\w./-]{0,95}))?")
_WANTED = ("*.json", "*.safetensors")
"""Never pickled weights, never code."""


def find_checkpoint(source: str | Path, *, download: bool) -> Path:
    """The folder of a checkpoint.

    Args:
        source: A folder, or a name like ``facebook/galactica-125m``, with a revision after ``@`` if need be.
        download: Whether a name may be fetched from the hub; else it must have been fetched before.

    Raises:
        ModelError: There is no such folder or model, or it has no safetensors.
    """
    folder = Path(source)
    if is_folder(folder):
        return folder
    named = _HUB_NAME.fullmatch(source) if isinstance(source, str) else None
    if named is None:
        hint = "Give a folder, or a name like facebook/galactica-125m."
        raise ModelError(f"{str(source)[:200]}: no such model folder", hint=hint)
    found = _fetch(named[1], named[2], download=download)
    if not any(found.glob("*.safetensors")):
        hint = f"Name a revision that has them, such as {named[1]}@refs/pr/1, or convert the weights."
        raise ModelError(f"{source}: is published without safetensors", hint=hint)
    return found


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; False also for what no file system would call a name."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _fetch(name: str, revision: str | None, *, download: bool) -> Path:
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(name, revision=revision, allow_patterns=list(_WANTED), local_files_only=not download)
    except Exception as error:  # the hub, its client and the network each raise their own
        hint = "Check the name and the connection." if download else "Allow the download, or give a folder."
        raise ModelError(f"{name}: cannot be fetched ({first_line(error)})", hint=hint) from error
    return Path(found)
