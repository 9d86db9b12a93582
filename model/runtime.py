"""How PyTorch and transformers are set up in this process: in one place, and only once a model is loaded."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from model.manifest import INSTALL_HINT, MANIFEST_NAME, verify_model

if TYPE_CHECKING:
    import torch

_LOCK = threading.RLock()
_OPTIONAL_WEIGHTS = ("pooler.", "position_ids", "lm_head.")
_MOST_JSON_BYTES = 64 * 2**20


def prepare_environment() -> None:
    """Let idle compute threads sleep soon instead of spinning; takes effect only before PyTorch is first imported.

    A spinning thread waits for a sibling that a busy machine has put aside. With one other process at work on two
    cores, a token of a 135M model took 1,300 ms with libgomp's own 300,000 turns and below 40 ms with 2,000; none at
    all makes each of the many small steps pay for a wake-up. A choice that the user has made stands.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # The PDF library loads this runtime along, which else tells its maker of its use.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def set_threads(count: int) -> None:
    """Let PyTorch compute with ``count`` threads; 0 leaves its own choice, which is one per core."""
    prepare_environment()
    import torch

    with _LOCK:
        if count > 0 and torch.get_num_threads() != count:
            torch.set_num_threads(count)


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers from writing progress bars and advice to stderr; its settings come back afterwards."""
    prepare_environment()
    from transformers.utils import logging as chatter

    with _LOCK:  # the settings are global: two loads at once would restore each other's
        level, bars = chatter.get_verbosity(), chatter.is_progress_bar_enabled()
        chatter.set_verbosity(chatter.CRITICAL)
        chatter.disable_progress_bar()
        try:
            yield
        finally:
            chatter.set_verbosity(level)
            if bars:
                chatter.enable_progress_bar()


def fast_dtype() -> torch.dtype:
    """bf16 where this processor multiplies it in hardware, else fp32."""
    import torch

    return torch.bfloat16 if has_bf16_hardware() else torch.float32


def has_bf16_hardware() -> bool:
    """Whether bf16 products are an instruction here (AVX512-BF16, AMX, BF16 of Arm) and not an emulation."""
    import torch

    describe: Callable[[], dict[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    return any(bool(present) for name, present in describe().items() if "bf16" in name)


def check_folder(folder: Path) -> None:
    """See that a folder holds a model in the transformers format, and that no installed file is cut short.

    Raises:
        ModelError: It does not.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such model folder", hint=INSTALL_HINT)
    if (folder / MANIFEST_NAME).is_file():
        verify_model(folder)
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{folder}: holds no .safetensors weights", hint=INSTALL_HINT)
    read_json(folder / "config.json")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ModelError: The file is missing, too large, or holds something else.
    """
    try:
        if path.stat().st_size > _MOST_JSON_BYTES:
            raise ModelError(f"{path}: larger than {_MOST_JSON_BYTES // 2**20} MB", hint=INSTALL_HINT)
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: missing", hint=INSTALL_HINT) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read ({type(error).__name__})", hint=INSTALL_HINT) from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: is not a JSON object", hint=INSTALL_HINT)
    return data


@dataclass(frozen=True, slots=True)
class Tensors:
    """The weights of a folder by name, in one data type."""

    folder: Path
    named: dict[str, torch.Tensor]

    def below(self, prefix: str) -> Tensors:
        """The same without a prefix that all names of one file may have or lack."""
        return Tensors(self.folder, {name.removeprefix(prefix): tensor for name, tensor in self.named.items()})

    def replaced(self, others: Mapping[str, torch.Tensor]) -> Tensors:
        """The same with other weights for some names, which must be among these; a ``bert.`` in front is no difference.

        Raises:
            ModelError: There is no weight of that name.
        """
        if not others:
            return self
        named = dict(self.below("bert.").named)
        for name, tensor in others.items():
            if name not in named:
                raise ModelError(f"{self.folder}: has no weight {name} that could be replaced", hint=INSTALL_HINT)
            named[name] = tensor.to(named[name].dtype)
        return Tensors(self.folder, named)

    def take(self, name: str, *shape: int) -> torch.Tensor:
        """One weight.

        Raises:
            ModelError: It is missing, or of another shape.
        """
        tensor = self.named.get(name)
        if tensor is None:
            raise ModelError(f"{self.folder}: lacks the weight {name}", hint=INSTALL_HINT)
        if tuple(tensor.shape) != shape:
            raise ModelError(
                f"{self.folder}: {name} has shape {tuple(tensor.shape)} instead of {shape}", hint=INSTALL_HINT
            )
        return tensor


def load_tensors(folder: Path, dtype: torch.dtype) -> Tensors:
    """Read all safetensors of a folder.

    Args:
        folder: Model folder.
        dtype: Of the weights in memory.

    Raises:
        ModelError: The folder is missing or damaged.
    """
    check_folder(folder)
    prepare_environment()
    from safetensors.torch import load_file

    named: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            named.update({name: tensor.to(dtype) for name, tensor in load_file(path).items()})
        except Exception as error:  # safetensors has its own error, and files may vanish
            raise ModelError(f"{path}: cannot be loaded ({first_line(error)})", hint=INSTALL_HINT) from error
    return Tensors(folder, named)


def load_weights(kind: str, folder: Path, dtype: torch.dtype) -> Any:
    """Load a transformers model for inference, from safetensors on this disk alone.

    Args:
        kind: Name of the transformers class, such as ``AutoModel``.
        folder: Model folder.
        dtype: Of the weights in memory.

    Raises:
        ModelError: The folder is missing, damaged, of an unknown architecture, or lacks weights.
    """
    check_folder(folder)
    set_threads(0)
    import transformers

    with quiet_transformers():
        try:
            model, report = getattr(transformers, kind).from_pretrained(
                folder,
                dtype=dtype,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        except Exception as error:  # safetensors, transformers and torch each raise their own for damaged files
            raise ModelError(f"{folder}: cannot be loaded ({first_line(error)})", hint=INSTALL_HINT) from error
    # transformers fills what a file lacks with random numbers, which would be noise without an error.
    lacking = [name for name in report["missing_keys"] if not any(part in name for part in _OPTIONAL_WEIGHTS)]
    if lacking or report["mismatched_keys"]:
        raise ModelError(f"{folder}: weights do not fit the configuration ({len(lacking)} missing)", hint=INSTALL_HINT)
    return model.eval()


def first_line(error: Exception) -> str:
    """Kind and first line of a foreign error, short enough for a message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
