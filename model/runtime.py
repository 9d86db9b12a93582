"""How PyTorch and transformers are set up in this process: in one place, and only once a model is loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_LOCK = threading.RLock()


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers from writing progress bars and advice to stderr; its settings come back afterwards."""
    from transformers.utils import logging as chatter

    with _LOCK:  # the settings are global: two loads at once would restore each other's
        level, bars = chatter.get_verbosity(), chatter.is_progress_bar_enabled()
        chatter.set_verbosity_error()
        chatter.disable_progress_bar()
        try:
            yield
        finally:
            chatter.set_verbosity(level)
            if bars:
                chatter.enable_progress_bar()


def set_threads(count: int) -> None:
    """Let PyTorch compute with ``count`` threads; 0 leaves its own choice, which is one per core."""
    if count <= 0:
        return
    import torch

    with _LOCK:
        if torch.get_num_threads() != count:
            torch.set_num_threads(count)


def fast_dtype() -> torch.dtype:
    """bf16 where this processor multiplies it in hardware, else fp32."""
    import torch

    return torch.bfloat16 if has_bf16_hardware() else torch.float32


def has_bf16_hardware() -> bool:
    """Whether bf16 products are an instruction here (AVX512-BF16, AMX, BF16 of Arm) and not an emulation."""
    import torch

    describe: Callable[[], dict[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    return any(bool(present) for name, present in describe().items() if "bf16" in name)
