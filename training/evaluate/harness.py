"""Galactica as lm-eval asks for it. Imported only where a task is run: lm-eval is heavy, and may not be installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from lm_eval.api.model import TemplateLM

from core.errors import ModelError
from training.evaluate.perplexity import token_log_probabilities

if TYPE_CHECKING:
    import torch

    from model.galactica.galactica import Galactica
    from model.galactica.network import Cache

_MOST_NEW_TOKENS = 256


class GalacticaHarness(TemplateLM):  # type: ignore[misc]
    """Scores and generates for lm-eval with a checkpoint.

    Args:
        model: The checkpoint.
        on_progress: Told (requests done, requests at hand).
    """

    def __init__(self, model: Galactica, on_progress: Callable[[int, int], None]) -> None:
        super().__init__()
        self._galactica = model
        self._tell = on_progress
        self._read: tuple[list[int], torch.Tensor, Cache] | None = None

    @property
    def eot_token_id(self) -> int:
        """What ends a document, and stands before one."""
        return self._galactica.tokenizer.eos

    def tok_encode(self, string: str, add_special_tokens: bool | None = None) -> list[int]:
        """Ids of a text; nothing is ever added."""
        return self._galactica.tokenizer.encode(string)

    def loglikelihood(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """The log-probability of continuations; without the harness's own bar, since progress is told."""
        found: list[tuple[float, bool]] = super().loglikelihood(requests, disable_tqdm=True)
        return found

    def loglikelihood_rolling(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[float]:
        """The log-probability of whole texts."""
        found = []
        for number, request in enumerate(requests, start=1):
            ids = np.array([self.eot_token_id, *self.tok_encode(request.args[0])], dtype=np.int64)
            found.append(float(token_log_probabilities(self._galactica, ids).sum()))
            self._tell(number, len(requests))
        return found

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """Continue texts greedily up to a stop string."""
        from model.galactica.sampling import GenerationOptions

        found = []
        for number, request in enumerate(requests, start=1):
            text, settings = request.args
            until = settings.get("until") or ()
            longest = min(settings.get("max_gen_toks") or _MOST_NEW_TOKENS, self._galactica.context_tokens // 2)
            options = GenerationOptions(
                max_new_tokens=longest,
                stop=tuple(each for each in ([until] if isinstance(until, str) else until) if each),
                return_full_text=False,
            )
            found.append(self._galactica.generate_all([text], options)[0][0].text)
            self._tell(number, len(requests))
        return found

    def _loglikelihood_tokens(
        self, requests: Sequence[tuple[Any, list[int], list[int]]], disable_tqdm: bool = False
    ) -> list[tuple[float, bool]]:
        """The log-probability of each continuation, and whether it is what greedy decoding gives."""
        found = []
        for number, (_, context, continuation) in enumerate(requests, start=1):
            found.append(self._continued(context, continuation))
            self._tell(number, len(requests))
        return found

    def _continued(self, context: list[int], continuation: list[int]) -> tuple[float, bool]:
        import torch

        network = self._galactica.network
        room = self._galactica.context_tokens - len(continuation)
        if room < 1:
            raise ModelError(
                f"{self._galactica.name}: an answer of {len(continuation)} tokens exceeds its context",
                hint="Choose a checkpoint with a longer context.",
            )
        kept = context[-room:] or [self.eot_token_id]
        if self._read is None or self._read[0] != kept:  # the choices of a question come one after the other
            states, cache = network.read(torch.tensor([kept], device=network.device))
            self._read = kept, states[0, -1:], cache
        _, states, cache = self._read
        if len(continuation) > 1:
            later, _ = network.read(torch.tensor([continuation[:-1]], device=network.device), cache)
            states = torch.cat([states, later[0]])
        scores = network.scores(states).log_softmax(dim=-1)
        targets = torch.tensor(continuation, device=scores.device)
        total = float(scores.gather(1, targets[:, None]).double().sum())
        if not np.isfinite(total):
            raise ModelError(f"{self._galactica.name}: gives scores that are not finite", hint="It is damaged.")
        return total, bool((scores.argmax(dim=-1) == targets).all())
