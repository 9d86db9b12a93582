"""How good the suggestions of a library are: places of other papers, asked without their citations.

The library is the one of the settings; the papers are of a corpus that it does not hold. A place counts when it cites a
work that the library knows: what is measured is the ranking, and not what the library lacks. The language model's
ranking is joined with every weight that is asked for, so one run tells which serves best.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.places import Place
from app.wiring import Galacite
from core.errors import InputError
from core.records import Scored
from core.text import title_key
from indexer.search.fusion import fuse
from indexer.store import works as work_store

if TYPE_CHECKING:
    from training.contexts import CitedPlace
    from training.corpus.records import SourcePaper

WEIGHTS = (0.25, 0.5, 1.0, 2.0, 4.0)
_EVERY = 7
"""Places of a paper that are passed over between two that are asked: neighbours cite alike."""
_DEPTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingScores:
    """How well one ranking does: shares of places whose first cited work stands first, among ten, among a hundred."""

    name: str
    hit_1: float
    recall_10: float
    recall_100: float
    mrr: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestBench:
    """What was measured: each ranker alone, all but the language model joined, and all joined by weight."""

    works: int
    places: int
    rankings: tuple[RankingScores, ...]


def bench_suggestions(
    galacite: Galacite,
    papers: Iterable[SourcePaper],
    *,
    places: int = 300,
    weights: Sequence[float] = WEIGHTS,
    on_progress: Callable[[int, int], None] | None = None,
) -> SuggestBench:
    """Ask the suggestions of a library for the places of papers.

    Args:
        galacite: The library.
        papers: Papers with their references and mentions; parts that were trained on tell nothing.
        places: At most so many are asked.
        weights: Of the language model's ranking, beside 1 for each other.
        on_progress: Told (places asked, places in all).

    Raises:
        InputError: None of the papers cites a work of the library.
        ModelError: The language model cannot take part.
    """
    known = _works_by_key(galacite)
    asked = list(itertools.islice(_questions(papers, known), places))
    if not asked:
        raise InputError("these papers cite nothing that the library knows", hint="Add papers that cite alike.")
    constant = galacite.settings.search_config.fusion_constant
    best: dict[str, list[int]] = {}
    for done, (place, targets) in enumerate(asked, start=1):
        found = galacite.suggestions.rankings(place)
        for name, ranking in _joined(found, galacite, weights, constant):
            best.setdefault(name, []).append(_best_rank(ranking, targets))
        if on_progress is not None:
            on_progress(done, len(asked))
    scores = tuple(_scores(name, ranks) for name, ranks in best.items())
    return SuggestBench(works=sum(map(len, known.values())), places=len(asked), rankings=scores)


def _works_by_key(galacite: Galacite) -> dict[str, set[int]]:
    known: dict[str, set[int]] = {}
    with galacite.database.session() as session:
        for work in work_store.titled_works(session, work_store.titled_ids(session)):
            known.setdefault(title_key(work.title), set()).add(work.id)
    return known


def _questions(papers: Iterable[SourcePaper], known: dict[str, set[int]]) -> Iterator[tuple[Place, set[int]]]:
    from training.contexts import cited_places

    for paper in papers:
        for cited in cited_places(paper)[::_EVERY]:
            targets = set().union(*(known.get(key, set()) for key in cited.targets))
            if targets:
                yield _place(cited), targets


def _place(cited: CitedPlace) -> Place:
    return Place(
        start=0, end=0, line=1, context=f"{cited.before[-200:]} {cited.after}", before=cited.before,
        after=cited.after, title=cited.title, section=cited.section,
    )  # fmt: skip


def _joined(
    found: dict[str, list[Scored]], galacite: Galacite, weights: Sequence[float], constant: float
) -> Iterator[tuple[str, list[Scored]]]:
    yield from found.items()
    model = galacite.citation_model()
    others = [ranking for name, ranking in found.items() if model is None or name != model.name]
    yield "joined", fuse(others, top=_DEPTH, constant=constant)
    if model is not None:
        for weight in weights:
            each = [1.0] * len(others) + [weight]
            all_of_them = [*others, found[model.name]]
            yield f"joined, {model.name} x {weight:g}", fuse(all_of_them, top=_DEPTH, constant=constant, weights=each)


def _best_rank(ranking: Sequence[Scored], targets: set[int]) -> int:
    """The rank of the first target, 0 when none is there."""
    return next((rank for rank, scored in enumerate(ranking[:_DEPTH], start=1) if scored.id in targets), 0)


def _scores(name: str, ranks: Sequence[int]) -> RankingScores:
    def within(limit: int) -> float:
        return sum(0 < rank <= limit for rank in ranks) / len(ranks)

    return RankingScores(
        name=name,
        hit_1=within(1),
        recall_10=within(10),
        recall_100=within(100),
        mrr=sum(1 / rank for rank in ranks if rank) / len(ranks),
    )
