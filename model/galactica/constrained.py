"""Citations that can only be works that exist: a beam search inside the trie of their titles.

Titles differ after a few tokens. The beams go down until hardly any of the best nodes has two titles below it, and the
titles below these are then scored to their ends. Probabilities are those of the model over its whole vocabulary: what
the trie leaves out is not handed to what it leaves in, which would favour titles whose first words have no rival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, ModelError
from model.galactica.network import require_finite
from model.galactica.scoring import Place, continued, fill_rows, read_place, require_alpha

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica
    from model.galactica.network import Cache
    from model.galactica.rows import TitleRows
    from model.galactica.titles import TitleTrie

BEAMS = 128
BATCH = 64
"""So many titles are scored to their ends, or as many as are wanted."""
_TITLES_PER_NODE = 1.5
"""Going down further parts titles better than scoring them while the best nodes have more than this, on average."""


@dataclass(frozen=True, slots=True)
class RankedTitle:
    """A title by the caller's number: what it is ranked by, and its log-probability at this place (nats)."""

    id: int
    score: float
    log_probability: float


def rank_titles(
    galactica: Galactica,
    context: str,
    trie: TitleTrie,
    *,
    top: int = 10,
    beams: int = BEAMS,
    batch: int | None = None,
    alpha: float = 0.0,
    also: Sequence[int] = (),
    specials: bool = True,
) -> list[RankedTitle]:
    """The titles that the model would cite at a place, best first, at most ``top``.

    Args:
        galactica: The model.
        context: What stands before the place; ``[START_REF]`` is added where missing.
        trie: The titles there are. Titles that are spelled alike get the same score, in the order of their numbers.
        top: At least 1.
        beams: Beginnings of titles kept at each step.
        batch: How many titles are scored to their ends; ``BATCH``, or ``top`` when that is more, unless given. With
            both as many as there are titles the ranking is exact.
        alpha: How much of the log-probability without context is taken off: ``score`` is
            log p(title | context) − alpha · log p(title). Call ``fill_priors`` before, or each ranking computes it for
            its own candidates and keeps it in the trie.
        also: Numbers of titles that are scored in any case, such as those that a search found.
        specials: Whether ``[START_REF]`` and the like in the context are markers, or plain characters.

    Raises:
        InputError: A number is out of range.
        ModelError: The model is damaged, or the trie is of another tokenizer.
    """
    require_alpha(alpha)
    batch = max(BATCH, top) if batch is None else batch
    if min(top, beams, batch) < 1:
        raise InputError("A ranking of nothing", hint="Give at least 1 for top, beams and batch.")
    if (trie.end, trie.vocabulary) != (galactica.tokenizer.end_ref, galactica.tokenizer.vocabulary):
        raise ModelError("The titles were cut by another tokenizer", hint="Build the trie with this model's tokenizer.")
    rows = trie.rows
    if not len(rows):
        return []
    place = read_place(galactica, context, specials=specials)
    found = _descend(place, rows, alpha=alpha, beams=beams, batch=batch)
    asked = np.unique([rows.first_equal(row) for row in rows.rows_of(also).tolist()])
    found.update(_scored(place, rows, [row for row in asked.tolist() if row not in found]))
    chosen = np.fromiter(found, np.int64, len(found))
    totals = np.fromiter(found.values(), np.float64, len(found))
    scores = totals - alpha * _priors(galactica, rows, chosen) if alpha else totals
    ranked: list[RankedTitle] = []
    for spot in np.argsort(-scores, kind="stable")[:top].tolist():
        row = int(chosen[spot])
        numbers = np.sort(rows.ids_between(row, rows.equal_until(row))).tolist()
        ranked.extend(RankedTitle(number, float(scores[spot]), float(totals[spot])) for number in numbers)
    return ranked[:top]


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Nodes of one depth, each a run of rows [start, stop) that begin alike; arrays of shape (N,).

    ``tokens`` led to them from ``parents``, which are rows of what has been read; ``totals`` are the log-probabilities
    of all tokens so far.
    """

    depth: int
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    tokens: NDArray[np.int64]
    parents: NDArray[np.int64]
    totals: NDArray[np.float64]

    def only(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> _Nodes:
        return _Nodes(
            self.depth, self.starts[which], self.stops[which], self.tokens[which], self.parents[which],
            self.totals[which],
        )  # fmt: skip


def _descend(place: Place, rows: TitleRows, *, alpha: float, beams: int, batch: int) -> dict[int, float]:
    """Log-probabilities of the titles that the beams come to, by row; of titles that are equal, the first."""
    import torch

    network, cache = place.network, place.cache
    device, end = network.device, int(rows.sequence(0)[-1])
    found: dict[int, float] = {}
    nodes = _root(rows)
    gains = place.following[None]
    while True:
        nodes = _children(rows, nodes, gains)
        nodes = nodes.only(_order(rows, nodes, alpha=alpha, most=beams))
        ended = nodes.tokens == end
        found.update(zip(nodes.starts[ended].tolist(), nodes.totals[ended].tolist(), strict=True))
        nodes = nodes.only(~ended)
        titles = np.cumsum(nodes.stops - nodes.starts)
        fit = titles <= batch
        if fit.all() or fit.sum() * _TITLES_PER_NODE >= batch:
            found.update(_finished(place, rows, nodes.only(fit), cache))
            return found
        cache = cache.select(torch.from_numpy(nodes.parents).to(device))
        states, cache = network.read(torch.from_numpy(nodes.tokens).to(device)[:, None], cache)
        gains = require_finite(network.scores(states[:, -1])).log_softmax(dim=-1).cpu().numpy()


def _root(rows: TitleRows) -> _Nodes:
    none = np.zeros(1, np.int64)
    return _Nodes(0, none, np.asarray([len(rows)]), none, none, np.zeros(1))


def _children(rows: TitleRows, nodes: _Nodes, gains: NDArray[np.float32]) -> _Nodes:
    """All that follow these nodes; gains of shape (N, V)."""
    branches = [
        rows.branches(start, stop, nodes.depth)
        for start, stop in zip(nodes.starts.tolist(), nodes.stops.tolist(), strict=True)
    ]
    tokens = np.concatenate([found for found, _ in branches])
    starts = np.concatenate([begins for _, begins in branches])
    stops = [np.append(begins[1:], stop) for (_, begins), stop in zip(branches, nodes.stops, strict=True)]
    parents = np.repeat(np.arange(len(branches)), [len(found) for found, _ in branches])
    totals = nodes.totals[parents] + gains[parents, tokens]
    return _Nodes(nodes.depth + 1, starts, np.concatenate(stops), tokens, parents, totals)


def _order(rows: TitleRows, nodes: _Nodes, *, alpha: float, most: int) -> NDArray[np.int64]:
    """The most promising nodes, best first.

    The correction that ranks whole titles ranks their beginnings too, or those that it would lift are lost on the way.
    Where it is not known, the share of titles that begin like this stands for it.
    """
    scores = nodes.totals
    if alpha:
        prior = rows.prior(nodes.starts, nodes.depth).astype(np.float64)
        share = np.log((nodes.stops - nodes.starts) / len(rows))
        scores = scores - alpha * np.where(np.isnan(prior), share, prior)
    return np.argsort(-scores, kind="stable")[:most]


def _finished(place: Place, rows: TitleRows, nodes: _Nodes, cache: Cache) -> dict[int, float]:
    """Score all titles below some nodes, from the token that led there to their ends."""
    below = [
        rows.distinct(start, stop) for start, stop in zip(nodes.starts.tolist(), nodes.stops.tolist(), strict=True)
    ]
    if not below:
        return {}
    chosen = np.concatenate(below)
    node_of = np.repeat(np.arange(len(below)), [len(each) for each in below])
    later = continued(
        place.network,
        cache,
        [rows.sequence(row)[nodes.depth - 1 :] for row in chosen.tolist()],
        nodes.parents[node_of],
    )
    totals = nodes.totals[node_of] + np.asarray([gains.sum() for gains in later])
    return dict(zip(chosen.tolist(), totals.tolist(), strict=True))


def _scored(place: Place, rows: TitleRows, chosen: Sequence[int]) -> dict[int, float]:
    gains = place.log_probabilities([rows.sequence(row) for row in chosen])
    return {row: float(each.sum()) for row, each in zip(chosen, gains, strict=True)}


def _priors(galactica: Galactica, rows: TitleRows, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log-probabilities without context of these rows; those that are missing are computed and kept."""
    lengths = rows.lengths(chosen)
    missing = chosen[np.isnan(rows.prior(chosen, lengths))]
    fill_rows(galactica, rows, missing)
    return rows.prior(chosen, lengths).astype(np.float64)
