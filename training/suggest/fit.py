"""Weights of the suggestion ranker, learnt from places whose citations are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from model.suggestion_ranker import Candidate, PlaceFeatures, Weights, describe, place_features, work_features
from training.contexts import CitedPlace
from training.suggest.lists import Lists, only

PENALTY = 1e-3
"""Of the squared weights, beside the mean loss of a place."""
_MOST_STEPS = 300
_LEAST = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A place in numbers, and which of its works are cited there, shape (K,); none of them where it is all False."""

    features: PlaceFeatures
    right: NDArray[np.bool_]


def examples(
    rankers: Sequence[str],
    lists: Sequence[Lists],
    places: Sequence[CitedPlace],
    right: Sequence[frozenset[int]],
    known: Mapping[int, Candidate],
) -> list[Example]:
    """Each place twice: as it is, and with the works that it cites taken away, as in a library that lacks them."""
    found = []
    for one, place, cited in zip(lists, places, right, strict=True):
        mine = only(one, rankers)
        for hidden in (frozenset[int](), cited):
            features = describe(
                mine, _without(mine, known, hidden), before=place.before, after=place.after, size=len(known)
            )
            found.append(Example(features=features, right=np.isin(features.ids, list(cited - hidden))))
    return found


def fit(
    rankers: Sequence[str],
    data: Sequence[Example],
    *,
    penalty: float = PENALTY,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Weights:
    """The weights under which the right works, or none, are most probable; the same data give the same weights.

    Raises:
        InputError: There is nothing to learn from.
    """
    if not any(each.right.any() for each in data):
        raise InputError("no place whose citation any ranker finds", hint="Name more papers: --dev FILE")
    names = work_features(rankers)
    kept = np.ones(len(names), dtype=bool)
    of_works, of_place = _fitted(data, kept, penalty, on_progress)
    while (wrong := _against_sense(names, of_works)).any():
        kept &= ~wrong
        of_works, of_place = _fitted(data, kept, penalty, on_progress)
    return Weights(
        rankers=tuple(rankers),
        works=dict(zip(names, of_works, strict=True)),
        none=dict(zip(place_features(rankers), of_place, strict=True)),
    )


def _against_sense(names: Sequence[str], of_works: Sequence[float]) -> NDArray[np.bool_]:
    """Which features speak against a work that they should speak for; shape (F,).

    To stand high in a list, or to be cited often, is never a fault. Where it seems one, several features say nearly the
    same and share out what they say, or the candidates were gathered so: in another library that would mislead.
    """
    signs = np.array([-1.0 if name.endswith(".absent") else 1.0 for name in names])
    wrong: NDArray[np.bool_] = signs * np.array(of_works) < 0
    return wrong


def _fitted(
    data: Sequence[Example], kept: NDArray[np.bool_], penalty: float, on_progress: Callable[[int, int], None]
) -> tuple[list[float], list[float]]:
    """Weights of works, 0 for features that are not kept, and of places."""
    import torch

    works = torch.from_numpy(np.concatenate([each.features.works for each in data]) * kept)
    place = torch.from_numpy(np.stack([each.features.place for each in data]))
    right = torch.from_numpy(np.concatenate([each.right for each in data]))
    owner = torch.repeat_interleave(torch.tensor([len(each.right) for each in data]))
    has_right = torch.zeros(len(data), dtype=torch.bool).index_fill(0, owner[right], True)
    of_works = torch.zeros(works.shape[1], dtype=torch.float64, requires_grad=True)
    of_place = torch.zeros(place.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([of_works, of_place], max_iter=_MOST_STEPS, line_search_fn="strong_wolfe")
    steps = 0

    def loss() -> torch.Tensor:
        nonlocal steps
        optimizer.zero_grad()
        values, none = works @ of_works, place @ of_place
        highest = none.detach().scatter_reduce(0, owner, values.detach(), "amax")
        shares = torch.exp(values - highest[owner])
        nothing = torch.exp(none - highest)
        total = nothing.index_add(0, owner, shares)
        correct = torch.zeros_like(none).index_add(0, owner[right], shares[right])
        wanted = torch.where(has_right, correct, nothing)
        value = -torch.log(wanted.clamp_min(_LEAST) / total).mean()
        value = value + penalty * (of_works.square().sum() + of_place.square().sum())
        value.backward()  # type: ignore[no-untyped-call]
        steps += 1
        on_progress(min(steps, _MOST_STEPS), _MOST_STEPS)
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return of_works.tolist(), of_place.tolist()


def _without(lists: Lists, known: Mapping[int, Candidate], hidden: frozenset[int]) -> dict[int, Candidate]:
    return {each.id: known[each.id] for ranking in lists.values() for each in ranking if each.id not in hidden}
