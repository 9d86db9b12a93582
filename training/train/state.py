"""What a run keeps on disk so that it can go on as if it had never stopped: weights, optimizer and counters.

A state is a folder ``step-00000042`` with ``model.safetensors``, ``optimizer.safetensors`` and ``state.json``. It grows
beside its place and is renamed when it is complete, so that the one before stays until the new one is safe.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError, StorageError
from core.json import from_json, to_json
from model.manifest import sha256_of, sync_to_disk
from model.runtime import first_line
from training.train.recipe import Recipe

if TYPE_CHECKING:
    import torch

_LOG = logging.getLogger(__name__)
_FOLDER = re.compile(r"step-(\d{8,})")
_WEIGHTS = "model.safetensors"
_OPTIMIZER = "optimizer.safetensors"
_STATE = "state.json"
_MOMENTS = ("exp_avg", "exp_avg_sq")
_MOST_BYTES = 10_000_000
_FULL = "Free some space, then go on: galacite train --resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMark:
    """Tells the rows of a run apart from others; the order of rows is only the same for the same data."""

    tokenizer: str
    rows: int
    row_tokens: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """Counters of a run: steps done, rows and tokens read, seconds of training; and what it was told."""

    step: int
    rows: int
    tokens: int
    seconds: float
    recipe: Recipe
    data: DataMark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saved:
    state: RunState
    sha256: dict[str, str]


def save_state(
    folder: Path, state: RunState, model: torch.nn.Module, optimizer: torch.optim.Optimizer, *, keep: int
) -> Path:
    """Write a state into a folder of states, and remove all but the latest ``keep``.

    Raises:
        StorageError: The disk refuses; earlier states are untouched.
    """
    place = folder / f"step-{state.step:08d}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_remains(folder)
        _write(place, state, model, optimizer)
    except OSError as error:
        raise StorageError(f"{place}: not saved ({error}); earlier states are intact", hint=_FULL) from error
    except Exception as error:
        if not type(error).__module__.startswith("safetensors"):  # which has its own error for a full disk
            raise
        raise StorageError(f"{place}: not saved ({error}); earlier states are intact", hint=_FULL) from error
    for old in saved_states(folder)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def saved_states(folder: Path) -> list[Path]:
    """The complete states in a folder, oldest first."""
    found = [path for path in folder.glob("step-*") if _FOLDER.fullmatch(path.name) and (path / _STATE).is_file()]
    return sorted(found, key=lambda path: int(path.name[5:]))


def load_state(
    place: Path,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    check: Callable[[RunState], None] = lambda state: None,
) -> RunState:
    """Put a state back into a model and its optimizer.

    Args:
        place: Folder of the state.
        model, optimizer: Are changed, once all is known to fit.
        check: Raises when the state is not the one that is wanted.

    Raises:
        ModelError: The state is damaged or belongs to another model; nothing was changed.
    """
    state = read_state(place)
    check(state)
    weights, moments = _read_tensors(place / _WEIGHTS), _read_tensors(place / _OPTIMIZER)
    named = dict(model.named_parameters())
    for found, names, path in (
        (weights, list(named), place / _WEIGHTS),
        (moments, [f"{name}.{moment}" for name in named for moment in _MOMENTS], place / _OPTIMIZER),
    ):
        if set(found) != set(names):
            raise _foreign(path, "has other weights than the model")
        for name in names:
            shape = named[name if path.name == _WEIGHTS else name.rpartition(".")[0]].shape
            if found[name].shape != shape:
                raise _foreign(path, f"{name} has shape {tuple(found[name].shape)} instead of {tuple(shape)}")
    _restore(named, weights, moments, optimizer, steps=state.step)
    return state


def read_state(place: Path) -> RunState:
    """Counters of a state whose files are all as they were written.

    Raises:
        ModelError: The state is damaged.
    """
    path = place / _STATE
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ModelError(f"{path}: too large", hint=_other(place))
        saved = from_json(_Saved, path.read_bytes())
        for name in (_WEIGHTS, _OPTIMIZER):
            if sha256_of(place / name) != saved.sha256.get(name):
                raise ModelError(f"{place / name}: content has changed since it was saved", hint=_other(place))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({type(error).__name__})", hint=_other(place)) from error
    return saved.state


def _write(place: Path, state: RunState, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    from safetensors.torch import save_file

    growing = Path(tempfile.mkdtemp(prefix=".saving-", dir=place.parent))
    try:
        named = dict(model.named_parameters())
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in named.items()}, growing / _WEIGHTS)
        moments = {
            f"{name}.{moment}": optimizer.state[tensor][moment].detach().cpu().contiguous()
            for name, tensor in named.items()
            for moment in _MOMENTS
        }
        save_file(moments, growing / _OPTIMIZER)
        sums = {name: sha256_of(growing / name) for name in (_WEIGHTS, _OPTIMIZER)}
        (growing / _STATE).write_text(to_json(_Saved(state=state, sha256=sums)), encoding="utf-8")
        for path in (*growing.iterdir(), growing):
            sync_to_disk(path)
        if place.exists():  # the same step again, after going back
            shutil.rmtree(place)
        growing.replace(place)
        sync_to_disk(place.parent)
    finally:
        shutil.rmtree(growing, ignore_errors=True)


def _restore(
    named: dict[str, torch.nn.Parameter],
    weights: dict[str, torch.Tensor],
    moments: dict[str, torch.Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    steps: int,
) -> None:
    import torch

    with torch.no_grad():
        for name, parameter in named.items():
            parameter.copy_(weights[name])
            optimizer.state[parameter] = {
                "step": torch.tensor(float(steps), device=parameter.device),
                **{moment: moments[f"{name}.{moment}"].to(parameter.device) for moment in _MOMENTS},
            }


def _read_tensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    try:
        found: dict[str, torch.Tensor] = load_file(path)
    except Exception as error:  # safetensors has its own error, and files may vanish
        raise ModelError(f"{path}: cannot be loaded ({first_line(error)})", hint=_other(path.parent)) from error
    return found


def _remove_remains(folder: Path) -> None:
    """Remove what an interrupted save has left."""
    for path in folder.glob(".saving-*"):
        _LOG.info("removed the remains of an interrupted save: %s", path.name)
        shutil.rmtree(path, ignore_errors=True)


def _foreign(path: Path, what: str) -> ModelError:
    return ModelError(f"{path}: {what}", hint="Resume with the recipe and data that it was made with.")


def _other(place: Path) -> str:
    return f"Remove {place.name}, then resume from the state before it."
