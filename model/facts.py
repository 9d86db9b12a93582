"""What a folder of weights tells about itself without being loaded: size, parameters, and its card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path

from core.errors import ModelError
from model.runtime import first_line

CARD_NAME = "README.md"
_CARD_CHARS = 40_000
_MOST_TENSORS = 100_000
_FRONT_MATTER = re.compile(r"\A---\s*\n.*?\n---\s*\n", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model on this disk.

    ``weights_bytes`` is about what the weights take in memory when they are kept in the ``dtype`` stored, which is
    that of most parameters, as safetensors writes it (``BF16``). ``card`` is Markdown, "" when there is none.
    """

    name: str
    folder: Path
    parameters: int
    weights_bytes: int
    dtype: str
    card: str


def read_facts(folder: Path) -> ModelFacts:
    """Read the facts of a folder from the headers of its safetensors; no weight is read.

    Raises:
        ModelError: There is no such folder, it holds no weights, or a header is damaged.
    """
    paths = sorted(folder.glob("*.safetensors"))
    if not paths:
        raise ModelError(f"{folder}: holds no .safetensors weights", hint="Name another folder, or install it again.")
    parameters: dict[str, int] = {}
    for path in paths:
        for dtype, count in _tensors(path):
            parameters[dtype] = parameters.get(dtype, 0) + count
    return ModelFacts(
        name=folder.name,
        folder=folder,
        parameters=sum(parameters.values()),
        weights_bytes=sum(path.stat().st_size for path in paths),
        dtype=max(parameters, key=lambda dtype: parameters[dtype], default=""),
        card=read_card(folder),
    )


def read_card(folder: Path) -> str:
    """The card of a model without its front matter, cut after 40,000 characters; "" when there is none."""
    try:
        with (folder / CARD_NAME).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_CARD_CHARS)
    except OSError:
        return ""
    return _FRONT_MATTER.sub("", text).strip()


def _tensors(path: Path) -> list[tuple[str, int]]:
    """Data type and number of elements of each tensor of a file."""
    from safetensors import safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            names = list(file.keys())[:_MOST_TENSORS]
            slices = [file.get_slice(name) for name in names]
            return [(str(each.get_dtype()), prod(each.get_shape())) for each in slices]
    except Exception as error:  # safetensors has its own error, and files may vanish
        raise ModelError(f"{path}: cannot be read ({first_line(error)})", hint="Install the model again.") from error
