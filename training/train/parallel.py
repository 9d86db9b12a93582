"""Several processes that train one model, as ``torchrun`` starts them; a lone process is the simplest case."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.train.recipe import Recipe

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Team:
    """This process among its like: ``rank`` of ``size``; ``local_rank`` counts on this machine."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """True in the one process that writes files and shows progress."""
        return self.rank == 0

    def sum(self, tensor: torch.Tensor) -> torch.Tensor:
        """Sum a tensor over all processes, in place."""
        if self.size > 1:
            import torch.distributed as dist

            dist.all_reduce(tensor)
        return tensor

    def sum_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Sum gradients over all processes."""
        if self.size > 1:
            for parameter in parameters:
                if parameter.grad is not None:
                    self.sum(parameter.grad)

    def agree(self, flag: bool, device: torch.device) -> bool:
        """True everywhere when it is true anywhere."""
        if self.size == 1:
            return flag
        import torch

        return bool(self.sum(torch.tensor(float(flag), device=device)).item() > 0)

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.size > 1:
            import torch.distributed as dist

            dist.barrier()


@contextmanager
def team(recipe: Recipe) -> Iterator[Team]:
    """Join the processes that ``torchrun`` started, or work alone; gloo on CPUs, NCCL on GPUs."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Team()
        return
    import torch
    import torch.distributed as dist

    on_gpu = recipe.run.device != "cpu" and torch.cuda.is_available()
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    if on_gpu:
        torch.cuda.set_device(local_rank)
    dist.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Team(dist.get_rank(), dist.get_world_size(), local_rank)
    finally:
        dist.destroy_process_group()
