"""How well a model predicts text: citations, formulas and all else apart; per byte too, so that tokenizers compare.

A long text is read in windows that overlap by half, so that each token is predicted from at least half a window.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.errors import InputError, ModelError
from model.galactica.markers import END_REF, START_REF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.galactica.galactica import Galactica

Kind = Literal["text", "citation", "latex"]
KINDS: tuple[Kind, ...] = ("text", "citation", "latex")
_CITATION = rf"(?<={re.escape(START_REF)})(?:(?!{re.escape(START_REF)}).)*?{re.escape(END_REF)}"
_NAMES = "(?:equation|align|gather|multline|eqnarray)"
_DISPLAYED = rf" ?\\\[.+?\\\]| ?\$\$.+?\$\$| ?\\begin\{{(?P<name>{_NAMES}\*?)\}}.+?\\end\{{(?P=name)\}}"
_INLINE = r" ?\\\(.{1,400}?\\\)| ?\$(?=[^\s$])[^$\n]{0,400}?[^\s$\\]\$(?!\d)"
_MARKED = re.compile(f"(?P<citation>{_CITATION})|(?P<latex>{_DISPLAYED}|{_INLINE})", re.DOTALL)
_SCORED_TOKENS = 128
"""Tokens whose scores over the vocabulary are in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindScores:
    """Tokens of one kind. ``perplexity`` is per token; ``bits_per_byte`` is comparable between tokenizers."""

    kind: str
    tokens: int
    bytes: int
    perplexity: float
    bits_per_byte: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PerplexityReport:
    """What one model made of the texts; ``kinds`` begins with all of them together."""

    model: str
    texts: int
    kinds: tuple[KindScores, ...]
    seconds: float


def segments(text: str) -> Iterator[tuple[Kind, str]]:
    """The text in pieces of one kind, which give the text again when joined.

    A citation is what a model has to find: all between the markers, the closing one included.
    """
    position = 0
    for found in _MARKED.finditer(text):
        if found.start() > position:
            yield "text", text[position : found.start()]
        yield ("citation" if found["citation"] is not None else "latex"), found[0]
        position = found.end()
    if position < len(text):
        yield "text", text[position:]


@dataclass(slots=True)
class _Sums:
    tokens: int = 0
    bytes: int = 0
    nats: float = 0.0

    def scores(self, kind: str) -> KindScores:
        return KindScores(
            kind=kind,
            tokens=self.tokens,
            bytes=self.bytes,
            perplexity=math.exp(min(700.0, self.nats / self.tokens)) if self.tokens else math.nan,
            bits_per_byte=self.nats / math.log(2) / self.bytes if self.bytes else math.nan,
        )


@dataclass(slots=True)
class _Tally:
    sums: dict[str, _Sums] = field(default_factory=lambda: {kind: _Sums() for kind in ("all", *KINDS)})

    def add(self, kind: Kind, size: int, nats: NDArray[np.float64]) -> None:
        for name in ("all", kind):
            self.sums[name].tokens += len(nats)
            self.sums[name].bytes += size
            self.sums[name].nats += float(nats.sum())


def measure_perplexity(
    model: Galactica, texts: Iterable[str], *, on_progress: Callable[[int, int], None], total: int = 0
) -> PerplexityReport:
    """Score texts, each as a document of its own.

    Args:
        model: The checkpoint.
        texts: In the form that the model was trained on.
        on_progress: Told (texts done, ``total``).
        total: How many texts there are, if known.

    Raises:
        InputError: There is no text.
        ModelError: The model's scores are not finite.
    """
    import time

    started = time.perf_counter()
    tally = _Tally()
    done = 0
    for text in texts:
        _score(model, text, tally)
        done += 1
        on_progress(done, total)
    if not tally.sums["all"].tokens:
        raise InputError("no text to measure on", hint="Name corpus files with papers, or a folder of shards.")
    kinds = tuple(sums.scores(kind) for kind, sums in tally.sums.items() if sums.tokens)
    return PerplexityReport(model=model.name, texts=done, kinds=kinds, seconds=time.perf_counter() - started)


def _score(model: Galactica, text: str, tally: _Tally) -> None:
    pieces = list(segments(text))
    encoded = model.tokenizer.encode_batch([piece for _, piece in pieces])
    ids = np.array([model.tokenizer.eos, *(number for piece in encoded for number in piece)], dtype=np.int64)
    nats = -token_log_probabilities(model, ids)
    position = 0
    for (kind, piece), tokens in zip(pieces, encoded, strict=True):
        tally.add(kind, len(piece.encode("utf-8", "replace")), nats[position : position + len(tokens)])
        position += len(tokens)


def token_log_probabilities(model: Galactica, ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """The log-probability of each token but the first, shape (T - 1,), each given at least half a window before it.

    Raises:
        ModelError: The model's scores are not finite.
    """
    window = model.context_tokens
    step = max(1, window // 2)
    found = [np.empty(0)]
    scored = 1
    start = 0
    while scored < len(ids):
        stop = min(len(ids), start + window)
        found.append(_window(model, ids[start:stop], scored - start))
        scored = stop
        start = max(0, min(stop - window + step, stop - 1))
    return np.concatenate(found)


def _window(model: Galactica, ids: NDArray[np.int64], first: int) -> NDArray[np.float64]:
    """Log-probabilities of the tokens from ``first`` on, given all before them in the window."""
    import torch

    network = model.network
    row = torch.from_numpy(ids)[None].to(network.device)
    states, _ = network.read(row[:, :-1])
    wanted, targets = states[0, first - 1 :], row[0, first:]
    parts = []
    for start in range(0, len(targets), _SCORED_TOKENS):
        block = slice(start, start + _SCORED_TOKENS)
        scores = network.scores(wanted[block])
        parts.append(scores.gather(1, targets[block, None])[:, 0] - scores.logsumexp(dim=-1))
    gains: NDArray[np.float64] = torch.cat(parts).double().cpu().numpy()
    if not np.isfinite(gains).all():
        raise ModelError(f"{model.name}: gives scores that are not finite", hint="The checkpoint is damaged.")
    return gains
