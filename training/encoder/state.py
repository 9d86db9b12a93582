"""The state of a training on disk: all that a resumed run needs to go on as if it had never stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError, ModelError, StorageError
from model.runtime import first_line
from training.encoder.recipe import EncoderRecipe

if TYPE_CHECKING:
    import torch
    from torch import Tensor

STATE_NAME = "state.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """Steps done, and what the next one starts from; ``data`` tells the base and the pairs apart from others."""

    step: int
    recipe: EncoderRecipe
    data: str
    masters: Mapping[str, Tensor]
    moments: Mapping[str, Tensor]


def moments_of(optimizer: torch.optim.Optimizer, names: Sequence[str]) -> dict[str, Tensor]:
    """What AdamW remembers of each weight, by ``<name>:<what>``."""
    states = optimizer.state_dict()["state"]
    return {f"{names[index]}:{what}": tensor for index, kept in states.items() for what, tensor in kept.items()}


def put_back(optimizer: torch.optim.Optimizer, names: Sequence[str], moments: Mapping[str, Tensor]) -> None:
    """The reverse of :func:`moments_of`."""
    states: dict[int, dict[str, Any]] = {}
    for full, tensor in moments.items():
        name, _, what = full.rpartition(":")
        states.setdefault(names.index(name), {})[what] = tensor
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})


def save_state(folder: Path, state: TrainingState) -> None:
    """Write the state in the place of the former one, at once.

    Raises:
        StorageError: The disk refuses.
    """
    from safetensors.torch import save_file

    tensors = {f"master/{name}": tensor.detach() for name, tensor in state.masters.items()}
    tensors |= {f"moment/{name}": tensor for name, tensor in state.moments.items()}
    notes = {"step": state.step, "recipe": asdict(state.recipe), "data": state.data}
    growing = folder / f"{STATE_NAME}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(tensors, growing, metadata={"galacite": json.dumps(notes)})
        growing.replace(folder / STATE_NAME)
    except Exception as error:  # safetensors has an error of its own for a full disk
        raise StorageError(
            f"{folder}: the state of the training cannot be written ({first_line(error)})", hint="Free disk space."
        ) from error


def load_state(folder: Path) -> TrainingState | None:
    """The state that a former run has left; None when there is none.

    Raises:
        ModelError: The file is damaged.
    """
    path = folder / STATE_NAME
    if not path.is_file():
        return None
    from safetensors import safe_open

    try:
        with safe_open(path, framework="pt") as stored:
            notes = json.loads(stored.metadata()["galacite"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - it is no dict
        return TrainingState(
            step=int(notes["step"]),
            recipe=EncoderRecipe(**notes["recipe"]),
            data=str(notes["data"]),
            masters=_below(tensors, "master/"),
            moments=_below(tensors, "moment/"),
        )
    except Exception as error:  # safetensors, JSON and the recipe each raise their own for a damaged file
        raise ModelError(
            f"{path}: cannot be resumed ({first_line(error)})", hint="Delete it to train from the beginning."
        ) from error


def require_same(state: TrainingState, recipe: EncoderRecipe, data: str, folder: Path) -> None:
    """See that a state belongs to this training.

    The number of steps may differ as long as the rate has not begun to fall in either.

    Raises:
        InputError: It is of another recipe or of other data.
    """
    fresh = "Name another --run folder, or delete this one to start anew."
    if state.data != data:
        raise InputError(f"{folder}: holds a training over other pairs or another base", hint=fresh)
    if state.recipe == recipe:
        return
    falling = state.step > min(recipe.first_falling, state.recipe.first_falling)
    if falling or replace(state.recipe, steps=recipe.steps) != recipe:
        raise InputError(f"{folder}: holds a training by another recipe", hint=fresh)


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
