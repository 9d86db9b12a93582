"""Joins what several rankers say of a place into one ranking with probabilities, and one that nothing fits.

A linear model over features that can be read: where a work stands in each list, how far behind the first, how many
lists name it, how often it is cited, and whether its author or its name stands beside the place. Each set of rankers
that may take part has weights of its own, so that a ranking without the language model is calibrated too.

Source: softmax over the candidates of a list, Cao et al. 2007, Learning to Rank: From Pairwise to Listwise.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.records import Scored
from core.text import end_of, start_of, title_words
from model.runtime import read_json

SHIPPED = Path(__file__).parent / "weights" / "suggestion-ranker"
WEIGHTS_NAME = "weights.json"
DEPTH = 100
"""Of each ranker's list so many are read; a work that stands in none of them is no candidate."""
MODEL = "model"
"""The language model's list among the ``RANKERS``, whatever the model is called."""
REREAD = 40
"""So many of the works that retrieval likes best the language model weighs beside those that it names itself."""
RANKERS: Mapping[str, float] = {"bm25": 1.0, "near": 1.0, "dense": 0.1, MODEL: 5.0}
"""The lists that weights may know, with what a difference of scores is divided by: it then lies about between -1 and 0.
Scores of words are divided by the best one besides, since longer texts have higher ones."""
_BY_WORDS = frozenset({"bm25", "near"})
_LEAST_GAP = -4.0
_CONFIRMED = 10
_BEFORE_CHARS, _AFTER_CHARS = 80, 40
_LEAST_NAME = 3
_SHARED = ("cited", "surname", "name", "covered", "lists")
_NAME = re.compile(r"[^\s:–—]+(?: [^\s:–—]+)?(?=\s*[:–—]\s)")
"""What a title gives its subject before a colon: of one or two words."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is known of a work whatever the place: ``cited_by`` papers of the library list it."""

    title: str
    surname: str = ""
    cited_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFeatures:
    """A place in numbers: ``ids`` of K works, their features (K, F) and those of the place as such (G,)."""

    ids: tuple[int, ...]
    works: Floats
    place: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Works in order with the probability that each is what is wanted, and that none of them is: all sum to 1."""

    works: tuple[Scored, ...]
    none: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Of one set of rankers: by feature, those of works and those that tell that none fits."""

    rankers: tuple[str, ...]
    works: Mapping[str, float]
    none: Mapping[str, float]


def wide_words(title: str, before: str, after: str) -> str:
    """What BM25 is asked under the name ``bm25``: what the paper and the lines around the place are about."""
    return " ".join([title, title, end_of(before, 300), start_of(after, 120), end_of(before, 100)])


def near_words(title: str, before: str, after: str) -> str:
    """What BM25 is asked under the name ``near``: the nearer a word stands to the place, the more often it is said."""
    around = (end_of(before, 150), start_of(after, 60), end_of(before, 60), end_of(before, 30))
    return " ".join([title, *around])


def work_features(rankers: Sequence[str]) -> tuple[str, ...]:
    """Names of a work's features when these rankers take part, in order."""
    own = [f"{ranker}.{each}" for ranker in rankers for each in ("rank", "first", "gap", "absent")]
    return (*own, *_SHARED)


def place_features(rankers: Sequence[str]) -> tuple[str, ...]:
    """Names of a place's features when these rankers take part, in order."""
    best = (f"{ranker}.best" for ranker in rankers if ranker not in _BY_WORDS)
    return ("always", "size", *best, *(f"{ranker}.lead" for ranker in rankers), "agreed")


def describe(
    lists: Mapping[str, Sequence[Scored]], known: Mapping[int, Candidate], *, before: str, after: str, size: int
) -> PlaceFeatures:
    """Turn rankings of one place into features.

    Args:
        lists: Best first, by ranker; names as in ``RANKERS``.
        known: What is known of the works; those it lacks are no candidates.
        before: The text before the place, without markers.
        after: The text behind it.
        size: How many works there are in all: among more of them some look fitting by chance.
    """
    cut = {name: [each for each in ranking if each.id in known][:DEPTH] for name, ranking in lists.items()}
    ids = tuple(dict.fromkeys(each.id for ranking in cut.values() for each in ranking))
    position = {id_: row for row, id_ in enumerate(ids)}
    columns: list[Floats] = []
    best: list[float] = []
    lead: list[float] = []
    listed = np.zeros(len(ids))
    for name, ranking in cut.items():
        rows = np.array([position[each.id] for each in ranking], dtype=np.int64)
        gaps = _gaps(name, ranking)
        rank = np.full(len(ids), 2.0 * DEPTH)
        rank[rows] = np.arange(1, len(rows) + 1)
        gap = np.full(len(ids), gaps[-1] if len(gaps) else 0.0)
        gap[rows] = gaps
        columns += [-np.log(rank), (rank == 1).astype(np.float64), gap, (rank > DEPTH).astype(np.float64)]
        listed += rank <= _CONFIRMED
        if name not in _BY_WORDS:  # theirs compare within one place only
            best.append(ranking[0].score / RANKERS[name] / 10 if ranking else 0.0)
        lead.append(-float(gaps[1]) if len(gaps) > 1 else 0.0)
    firsts = [ranking[0].id for ranking in cut.values() if ranking]
    agreed = max((firsts.count(id_) for id_ in firsts), default=0) / max(1, len(cut))
    works = np.column_stack([*columns, _told(ids, known, before, after), listed])
    return PlaceFeatures(ids=ids, works=works, place=np.array([1.0, math.log(max(1, size)) / 10, *best, *lead, agreed]))


class SuggestionRanker:
    """Weights for each set of rankers that may take part. May be shared by threads.

    Args:
        folder: Where the weights are; read at the first use.
    """

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._folder = folder

    def join(
        self,
        lists: Mapping[str, Sequence[Scored]],
        known: Mapping[int, Candidate],
        *,
        before: str,
        after: str,
        size: int,
        popularity: bool = True,
    ) -> Joined:
        """Join rankings of one place; see ``describe`` for the arguments.

        Args:
            popularity: Whether being cited often speaks for a work.

        Raises:
            ModelError: The weights are missing or damaged, or know no such set of rankers.
        """
        weights = self.weights_for(tuple(lists))
        ordered = {name: lists[name] for name in weights.rankers}
        return joined(weights, describe(ordered, known, before=before, after=after, size=size), popularity=popularity)

    def weights_for(self, rankers: Sequence[str]) -> Weights:
        """The weights of a set of rankers.

        Raises:
            ModelError: They are missing or damaged, or there are none for this set.
        """
        found = self._weights.get(frozenset(rankers))
        if found is None:
            raise ModelError(
                f"{self._folder / WEIGHTS_NAME}: has no weights for {' + '.join(sorted(rankers)) or 'no ranker'}",
                hint="Reinstall galacite, or train them: galacite train suggestions",
            )
        return found

    @cached_property
    def _weights(self) -> Mapping[frozenset[str], Weights]:
        path = self._folder / WEIGHTS_NAME
        told = read_json(path)
        try:
            sets = [_checked(each) for each in told["sets"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{path}: is damaged ({error})", hint="Reinstall galacite, or train them: galacite train suggestions"
            ) from error
        return {frozenset(each.rankers): each for each in sets}


def joined(weights: Weights, features: PlaceFeatures, *, popularity: bool = True) -> Joined:
    """The works of a place in order of probability; equal ones in order of id."""
    of_works = np.array([weights.works[name] for name in work_features(weights.rankers)])
    if not popularity:
        names = work_features(weights.rankers)
        of_works[names.index("cited")] = 0.0
    of_place = np.array([weights.none[name] for name in place_features(weights.rankers)])
    values = np.append(features.works @ of_works, features.place @ of_place)
    shares: Floats = np.exp(values - values.max())
    shares /= shares.sum()
    order = sorted(range(len(features.ids)), key=lambda row: (-shares[row], features.ids[row]))
    return Joined(
        works=tuple(Scored(id=features.ids[row], score=float(shares[row])) for row in order), none=float(shares[-1])
    )


def write_weights(folder: Path, sets: Sequence[Weights]) -> None:
    """Write weights as the ranker reads them."""
    told = {"sets": [{"rankers": list(w.rankers), "works": dict(w.works), "none": dict(w.none)} for w in sets]}
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{WEIGHTS_NAME}.part"
    aside.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    aside.replace(folder / WEIGHTS_NAME)


def _checked(told: Mapping[str, Mapping[str, float] | Sequence[str]]) -> Weights:
    """Weights of one set, all there and numbers."""
    rankers = tuple(str(name) for name in told["rankers"])
    if not rankers or not set(rankers) <= RANKERS.keys():
        raise ValueError(f"rankers {', '.join(rankers)[:80]}")
    of_works = _numbers(told["works"], work_features(rankers))
    return Weights(rankers=rankers, works=of_works, none=_numbers(told["none"], place_features(rankers)))


def _numbers(told: object, names: Sequence[str]) -> dict[str, float]:
    if not isinstance(told, Mapping):
        raise TypeError("weights are not a table")
    found = {name: float(told[name]) for name in names}
    for name, value in found.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} is {value}")
    return found


def _gaps(name: str, ranking: Sequence[Scored]) -> Floats:
    """How far each of a list is behind its first: 0 and below."""
    scores = np.array([each.score for each in ranking], dtype=np.float64)
    if not len(scores):
        return scores
    scale = RANKERS[name] * (max(scores[0], 1e-9) if name in _BY_WORDS else 1.0)
    gaps: Floats = np.maximum((scores - scores[0]) / scale, _LEAST_GAP)
    return gaps


def _told(ids: Sequence[int], known: Mapping[int, Candidate], before: str, after: str) -> Floats:
    """What the works themselves and the words beside the place say, shape (K, 4)."""
    near = f"{end_of(before, _BEFORE_CHARS)} {start_of(after, _AFTER_CHARS)}"
    beside = set(title_words(near))
    around = set(title_words(f"{end_of(before, 2 * _BEFORE_CHARS)} {start_of(after, 2 * _AFTER_CHARS)}"))
    rows = np.zeros((len(ids), 4))
    for row, id_ in enumerate(ids):
        work = known[id_]
        words = _telling_words(work.title)
        rows[row] = (
            math.log(max(1, work.cited_by)),
            len(work.surname) >= _LEAST_NAME and beside.issuperset(title_words(work.surname)),
            _is_named(work.title, near),
            len(words & around) / len(words) if words else 0.0,
        )
    return rows


@lru_cache(maxsize=50_000)
def _telling_words(title: str) -> frozenset[str]:
    return frozenset(word for word in title_words(title) if len(word) > _LEAST_NAME)


def _is_named(title: str, near: str) -> bool:
    """Whether what the title calls its subject stands beside the place, in the same letters."""
    found = _NAME.match(title)
    return found is not None and len(found[0]) >= _LEAST_NAME and found[0] in near
