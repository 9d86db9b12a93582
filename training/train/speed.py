"""How much arithmetic training takes, and how much the machine can do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from model.galactica.config import GalacticaSize

if TYPE_CHECKING:
    import torch

_PEAK_SIDES = {"cpu": 2_048, "cuda": 8_192}
_PEAK_RUNS = 4


def flops_per_token(size: GalacticaSize, *, vocabulary: int, row_tokens: int) -> float:
    """Floating-point operations of a training step per token: forward and, twice as much, backward.

    Counted are the matrix products of the layers and of the output, and the half of attention that is not masked;
    recomputation under gradient checkpointing is not.

    Source: PaLM, arXiv:2204.02311, appendix B, with causal attention counted once.
    """
    layer = 4 * size.width**2 + 2 * size.width * size.feed_width
    products = 2 * (size.layers * layer + vocabulary * size.width)
    attention = size.layers * 2 * row_tokens * size.width
    return 3.0 * (products + attention)


def matmul_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of the best of a few large matrix products: what utilisation is measured against."""
    import torch

    side = _PEAK_SIDES.get(device.type, 2_048)
    one = torch.randn(side, side, device=device).to(dtype)
    best = float("inf")
    for _ in range(_PEAK_RUNS + 1):
        _synchronize(device)
        started = time.perf_counter()
        one @ one
        _synchronize(device)
        best = min(best, time.perf_counter() - started)
    return 2.0 * side**3 / best


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)
