"""How probable the model finds given citations at a place: the context is read once, and candidates in batches.

What is ranked by default is the exact log-probability of the whole citation, its closing marker included. That is a
distribution over texts, so among works that exist it is right as it stands: dividing it by the length would favour
long titles, whose later tokens follow from the first. What it does inherit from training is a liking for works that
are cited often and for short titles; ``alpha`` times the log-probability without any context takes that off.

Source: arXiv:2402.05099 (one prompt for all rows); arXiv:1510.03055 (log p(t|context) − α·log p(t)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from model.galactica.network import require_finite
from model.galactica.references import reference_prompt
from model.galactica.rows import MOST_TITLE_TOKENS
from model.galactica.sampling import GenerationOptions
from model.galactica.titles import Title, title_sequences

if TYPE_CHECKING:
    import torch

    from model.galactica.galactica import Galactica
    from model.galactica.network import Cache, OptNetwork
    from model.galactica.rows import TitleRows
    from model.galactica.titles import TitleTrie

_BATCH_TOKENS = 1_024
_PRIOR_ROWS = 512

Sequences = Sequence[NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """A context that has been read: what is needed to score whatever may follow it.

    Args:
        network: The model.
        cache: The context, ``[START_REF]`` included, as one row.
        following: Shape (V,), log-probabilities of the next token.
    """

    network: OptNetwork
    cache: Cache
    following: NDArray[np.float32]

    def first(self, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        """Log-probabilities of tokens to come next, shape (N,)."""
        return self.following[tokens].astype(np.float64)

    def log_probabilities(self, sequences: Sequences) -> list[NDArray[np.float64]]:
        """Log-probability of each token of sequences that follow the context."""
        if not sequences:
            return []
        firsts = self.first(np.asarray([sequence[0] for sequence in sequences], np.int64))
        later = continued(self.network, self.cache, sequences)
        return [np.concatenate(([first], rest)) for first, rest in zip(firsts, later, strict=True)]


def read_place(galactica: Galactica, context: str, *, specials: bool = True) -> Place:
    """Read the text before a citation; a long one loses its beginning.

    Args:
        galactica: The model.
        context: What stands before the place; ``[START_REF]`` is added where missing. Empty: the start of a document.
        specials: Whether ``[START_REF]`` and the like in the context are markers, or plain characters.

    Raises:
        InputError: The model's context is too short for any title.
        ModelError: The model is damaged.
    """
    import torch

    network = galactica.network
    options = GenerationOptions(max_new_tokens=MOST_TITLE_TOKENS, specials=specials)
    prompt = reference_prompt(galactica.tokenizer, context, options, network.context_tokens)
    states, cache = network.read(torch.tensor([prompt], device=network.device))
    following = require_finite(network.scores(states[0, -1])).log_softmax(dim=-1).cpu().numpy()
    return Place(network, cache, following)


def score_titles(
    galactica: Galactica,
    context: str,
    candidates: Sequence[Title],
    *,
    alpha: float = 0.0,
    priors: NDArray[np.float64] | None = None,
    specials: bool = True,
) -> NDArray[np.float64]:
    """Score any titles as the citation at a place; in their order, shape (N,), higher is better.

    Args:
        galactica: The model.
        context: What stands before the place.
        candidates: What may be cited. Beyond ``MOST_TITLE_TOKENS`` a title's end is not looked at.
        alpha: How much of the log-probability without context is taken off; 0 gives log-probabilities (nats).
        priors: Shape (N,), what ``title_priors`` gave for these; computed when needed and not given.
        specials: See ``read_place``.

    Raises:
        InputError: ``alpha`` is negative, or the priors are not as many as the candidates.
        ModelError: The model is damaged.
    """
    require_alpha(alpha)
    if priors is not None and len(priors) != len(candidates):
        raise InputError(f"{len(priors)} priors for {len(candidates)} titles", hint="Give one for each.")
    if not candidates:
        return np.empty(0)
    scores = _totals(galactica, context, candidates, specials)
    if alpha:
        scores = scores - alpha * (title_priors(galactica, candidates) if priors is None else priors)
    return scores


def title_priors(galactica: Galactica, candidates: Sequence[Title]) -> NDArray[np.float64]:
    """Log-probability of each title where nothing is known of the context; shape (N,)."""
    return _totals(galactica, "", candidates, True) if candidates else np.empty(0)


def fill_priors(galactica: Galactica, trie: TitleTrie, *, on_progress: Callable[[int, int], None] | None = None) -> int:
    """Compute the log-probability without context of all titles of a trie that lack it, so that rankings are quick.

    It may be stopped at any time: what has been computed stays. Some hundred titles a second on two cores.

    Returns:
        How many were computed.

    Raises:
        ModelError: The model is damaged.
    """
    rows = trie.rows
    if not len(rows):
        return 0
    missing = rows.distinct(0, len(rows))
    missing = missing[np.isnan(rows.prior(missing, rows.lengths(missing)))]
    fill_rows(galactica, rows, missing, on_progress=on_progress)
    return len(missing)


def fill_rows(
    galactica: Galactica,
    rows: TitleRows,
    missing: NDArray[np.int64],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Compute the log-probability without context of these rows, and keep it with them."""
    if not len(missing):
        return
    place = read_place(galactica, "")
    # Titles of like length together, so that little of a batch is padding.
    missing = missing[np.argsort(rows.lengths(missing), kind="stable")]
    for start in range(0, len(missing), _PRIOR_ROWS):
        some = missing[start : start + _PRIOR_ROWS].tolist()
        for row, gains in zip(some, place.log_probabilities([rows.sequence(row) for row in some]), strict=True):
            rows.remember_prior(row, np.cumsum(gains).astype(np.float32))
        if on_progress is not None:
            on_progress(start + len(some), len(missing))


def require_alpha(alpha: float) -> None:
    """Raise InputError unless a strength of the prior makes sense."""
    if not 0 <= alpha <= 2:
        raise InputError(f"A prior of strength {alpha}", hint="Choose alpha from 0 to 2; 0 is none.")


def continued(
    network: OptNetwork, cache: Cache, sequences: Sequences, parents: NDArray[np.int64] | None = None
) -> list[NDArray[np.float64]]:
    """Log-probability of each token but the first of sequences that go on from what has been read.

    Args:
        network: The model.
        cache: What has been read.
        sequences: Tokens, at least one each. The first of each follows what has been read.
        parents: For each sequence the row of the cache that it follows; all follow the one prompt when not given.
    """
    import torch

    found: list[NDArray[np.float64]] = [np.empty(0)] * len(sequences)
    for batch in _batches([len(sequence) - 1 for sequence in sequences]):
        ids = _padded([sequences[index] for index in batch]).to(network.device)
        before = cache if parents is None else cache.select(torch.from_numpy(parents[batch]).to(network.device))
        states, _ = network.read(ids[:, :-1], before)
        lengths = np.asarray([len(sequences[index]) - 1 for index in batch])
        real = torch.from_numpy(np.arange(ids.shape[1] - 1)[None] < lengths[:, None]).to(network.device)
        gains = require_finite(network.log_probabilities(states[real], ids[:, 1:][real])).double().cpu().numpy()
        for index, part in zip(batch, np.split(gains, np.cumsum(lengths)[:-1]), strict=True):
            found[index] = part
    return found


def _totals(galactica: Galactica, context: str, titles: Sequence[Title], specials: bool) -> NDArray[np.float64]:
    sequences = [np.asarray(ids) for ids in title_sequences(galactica.tokenizer, titles)]
    place = read_place(galactica, context, specials=specials)
    return np.asarray([gains.sum() for gains in place.log_probabilities(sequences)])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sequences of like length together, those without length left out."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if lengths[index] == 0:
            continue
        if batch and (len(batch) + 1) * lengths[index] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _padded(sequences: Sequences) -> torch.Tensor:
    """Shape (B, T); what is behind the end of a sequence is never looked at."""
    import torch

    ids = np.zeros((len(sequences), max(map(len, sequences))), np.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
    return torch.from_numpy(ids)
