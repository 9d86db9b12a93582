"""The encoder as it is trained: a BERT in bf16 over masters in fp32, its embeddings frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ModelError
from model.citation_encoder import QUERY_TOKENS
from model.manifest import INSTALL_HINT
from model.runtime import fast_dtype, load_weights, read_json, set_threads
from model.tokens import load_tokenizer, safe_text

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Embedded:
    """Unit vectors, shape (N, D) in fp32, in the order of the rows; ``parts`` are those of each group of rows."""

    vectors: Tensor
    groups: list[list[int]]
    parts: list[Tensor]


class TrainedEncoder:
    """Text to unit vectors, with gradients in the transformer's layers alone.

    Args:
        folder: The base, a sentence-transformers folder of the BERT kind with mean pooling.
        dtype: Of the arithmetic; the processor's best when not given. Masters and their gradients are fp32.
        frozen_layers: The first layers that stay as they are, beside the embeddings.
        lanes: Groups of rows computed at a time, by one thread each: on a busy machine threads that share one product
            wait for each other a hundred times a step, and lanes only twice. One lane uses PyTorch's own threads.
    """

    def __init__(
        self, folder: Path, *, dtype: torch.dtype | None = None, frozen_layers: int = 0, lanes: int = 1
    ) -> None:
        import torch

        self._lanes = lanes
        if lanes > 1:
            set_threads(1)
        threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(lanes, initializer=torch.set_num_threads, initargs=(threads,))

        if read_json(folder / "config.json").get("model_type") != "bert":
            raise ModelError(f"{folder}: is no BERT", hint=INSTALL_HINT)
        self.tokenizer = load_tokenizer(folder)
        self._dtype = fast_dtype() if dtype is None else dtype
        loaded: Any = load_weights("AutoModel", folder, torch.float32)
        for module in loaded.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        # At these lengths attention written out takes a quarter less time, forward and backward, than the fused one.
        loaded.set_attn_implementation("eager")
        self.masters: dict[str, Tensor] = {
            f"encoder.{name}": parameter.detach().clone().requires_grad_(True)
            for name, parameter in loaded.encoder.named_parameters()
            if int(name.split(".")[1]) >= frozen_layers
        }
        if not self.masters:
            raise ModelError(f"{folder}: has only the layers that stay frozen", hint="Take a base of more layers.")
        self._model = loaded.to(self._dtype).eval()  # no dropout: not even one pass over the data is made
        self._model.requires_grad_(False)
        self._working: dict[str, Tensor] = dict(self._model.named_parameters())
        for name in self.masters:
            self._working[name].requires_grad_(True)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.config.hidden_size)

    def load(self, masters: Mapping[str, Tensor]) -> None:
        """Take over the weights of a former run.

        Raises:
            ModelError: They are of another network.
        """
        import torch

        if {name: each.shape for name, each in masters.items()} != {n: each.shape for n, each in self.masters.items()}:
            raise ModelError("the checkpoint is of another network", hint="Name another --run folder.")
        with torch.no_grad():
            for name, master in self.masters.items():
                master.copy_(masters[name])
        self.refresh()

    def tokens(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """Token ids of texts, at most ``limit`` of each or as many as the base has places for, its last one kept."""
        limit = min(limit, int(self._model.config.max_position_embeddings))
        rows = [each.ids for each in self.tokenizer.encode_batch([safe_text(text) for text in texts])]
        return [row if len(row) <= limit else [*row[: limit - 1], row[-1]] for row in rows]

    def embed(self, rows: Sequence[list[int]], *, micro_batch: int) -> Embedded:
        """Embed rows of token ids, those of like length together and each group by one thread."""
        import torch

        order = sorted(range(len(rows)), key=lambda row: (-len(rows[row]), row))
        groups = [order[start : start + micro_batch] for start in range(0, len(order), micro_batch)]
        learning = torch.is_grad_enabled()
        parts = list(self._pool.map(lambda group: self._embed([rows[row] for row in group], learning), groups))
        vectors = torch.empty((len(rows), self.dimension))
        for group, part in zip(groups, parts, strict=True):
            vectors[torch.tensor(group)] = part.detach()
        return Embedded(vectors.requires_grad_(learning), groups, parts)

    def encode(self, texts: Sequence[str], *, limit: int = QUERY_TOKENS, micro_batch: int = 32) -> NDArray[np.float32]:
        """Unit vectors of texts, shape (N, D), as the shipped encoder will give them."""
        import torch

        with torch.no_grad():
            embedded = self.embed(self.tokens(texts, limit), micro_batch=micro_batch)
        vectors: NDArray[np.float32] = embedded.vectors.numpy()
        return vectors

    def _embed(self, rows: Sequence[list[int]], learning: bool) -> Tensor:
        import torch

        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        with torch.set_grad_enabled(learning):  # a setting of each thread
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            weights = mask.unsqueeze(-1).float()
            return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)

    def backward(self, embedded: Embedded) -> None:
        """Give each master the gradient that the loss has left on embedded vectors, summed in fp32."""
        import torch

        slope = embedded.vectors.grad
        if slope is None:
            raise ValueError("the loss has no gradient yet: call its backward first")
        working = [self._working[name] for name in self.masters]

        def sums_of(lane: int) -> list[Tensor]:
            sums = [torch.zeros(weight.shape) for weight in working]
            for index in range(lane, len(embedded.groups), self._lanes):
                group, part = torch.tensor(embedded.groups[index]), embedded.parts[index]
                for total, found in zip(sums, torch.autograd.grad(part, working, slope[group]), strict=True):
                    total += found
            return sums

        # Which lane adds up what is fixed, and so are its rounding errors.
        lanes = list(self._pool.map(sums_of, range(self._lanes)))
        for master, *sums in zip(self.masters.values(), *lanes, strict=True):
            master.grad = torch.stack(sums).sum(0)

    def refresh(self) -> None:
        """Round the masters into the working weights."""
        import torch

        with torch.no_grad():
            for name, master in self.masters.items():
                self._working[name].copy_(master)
