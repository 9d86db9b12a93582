"""Where a checkpoint lies: a folder, or a model of the Hugging Face hub in the local cache."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import ModelError
from model.runtime import first_line

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_WANTED = ("*.json", "*.safetensors")
"""Never pickled weights, never code."""


def find_checkpoint(source: str | Path, *, download: bool) -> Path:
    """The folder of a checkpoint.

    Args:
        source: A folder, or a name like ``facebook/galactica-125m``.
        download: Whether a name may be fetched from the hub; else it must have been fetched before.

    Raises:
        ModelError: There is no such folder or model.
    """
    folder = Path(source)
    if folder.is_dir():
        return folder
    name = str(source)
    if not isinstance(source, str) or not _HUB_NAME.fullmatch(name):
        raise ModelError(f"{name}: no such model folder", hint="Give a folder, or a name like facebook/galactica-125m.")
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(name, allow_patterns=list(_WANTED), local_files_only=not download)
    except Exception as error:  # the hub, its client and the network each raise their own
        hint = "Check the name and the connection." if download else "Allow the download, or give a folder."
        raise ModelError(f"{name}: cannot be fetched ({first_line(error)})", hint=hint) from error
    return Path(found)
