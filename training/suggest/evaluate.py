"""Suggestions measured: every ranker of the product alone, all of them joined, and joined without each in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.interfaces import Encoder
from core.records import Scored
from indexer.search.fusion import fuse
from model.suggestion_ranker import RANKERS, Joined, SuggestionRanker, describe, joined
from training.evaluate.calibration import Calibration, binned
from training.evaluate.citations import Names, evaluate_citations
from training.evaluate.lineup import Stage, Tell
from training.evaluate.questions import Exam
from training.evaluate.ranking import DEPTH, Floats, Ranking, stacked
from training.evaluate.report import CitationReport
from training.evaluate.rows import About, Answers, Kind
from training.suggest.lists import Lists, index_candidates, known_works, only, rankings, with_model

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica

_TITLES = {
    "bm25": "BM25, wide",
    "near": "BM25, near words",
    "dense": "FAISS fine-tuned",
    "model": "language model",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneReport:
    """Whether the joined ranking knows that nothing fits: each place as it is, and with what it cites taken away.

    ``calibration`` is that of the first suggestion's probability over both, ``auc`` the probability that a place
    without its works is given more for "none" than one with them.
    """

    places: int
    calibration: Calibration
    auc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestReport:
    """Rankings compared, and the confidence of the joined one."""

    rankings: CitationReport
    none: NoneReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What suggests: the tuned encoder, the language model if it takes part, and the weights that join.

    ``kept`` is a folder where the model's priors of titles are kept for the next time.
    """

    encoder: Encoder
    model: Galactica | None
    ranker: SuggestionRanker
    kept: Path | None = None


def evaluate_suggestions(
    exam: Exam,
    setup: Setup,
    baselines: Sequence[Stage],
    *,
    names: Names,
    seed: int,
    folder: Path,
    out: Path | None,
    on_progress: Tell,
) -> SuggestReport:
    """Measure suggestions against baselines on the same places and candidates.

    Args:
        exam: Places and candidates.
        setup: What suggests.
        baselines: Rows that come first, and that differences are taken to.
        names: For the report.
        seed: Of the resampling.
        folder: Where the indexes go; empty.
        out: Folder for the report; None writes nothing.
        on_progress: Told (what, done, total).

    Raises:
        ModelError: A model or the weights are damaged.
        StorageError: A folder cannot be written.
    """
    parts = _Lists(exam, setup, folder, on_progress)
    own = _rows(exam, setup.ranker, parts)
    stages = [*baselines, lambda _exam, _tell: own]
    report = evaluate_citations(exam, stages, names=names, seed=seed, out=out, on_progress=on_progress)
    return SuggestReport(rankings=report, none=_none(exam, setup.ranker, parts.all))


class _Lists:
    """The lists of an exam in the forms that are compared, made when first asked for."""

    def __init__(self, exam: Exam, setup: Setup, folder: Path, tell: Tell) -> None:
        self._exam, self._setup, self._folder, self._tell = exam, setup, folder, tell
        retrieval = index_candidates(exam, setup.encoder, folder / "works", tell)
        self.all = self._complete(rankings(retrieval, exam.test.places, tell, what="suggestions"))
        self._retrieval = retrieval

    @property
    def rankers(self) -> tuple[str, ...]:
        return tuple(name for name in RANKERS if name in self.all[0])

    def without_title(self) -> list[Lists]:
        """The citing paper's title is not told to retrieval."""
        places = self._exam.test.places
        return self._read(rankings(self._retrieval, places, self._tell, what="without title", title=False))

    def without_profiles(self) -> list[Lists]:
        """Works are known by title and authors alone."""
        folder = self._folder / "titles"
        retrieval = index_candidates(self._exam, self._setup.encoder, folder, self._tell, profiles=False)
        return self._read(rankings(retrieval, self._exam.test.places, self._tell, what="without profiles"))

    def _complete(self, lists: list[Lists]) -> list[Lists]:
        model = self._setup.model
        if model is None:
            return lists
        return with_model(model, self._exam, lists, self._tell, what="suggestions", kept=self._setup.kept)

    def _read(self, lists: list[Lists]) -> list[Lists]:
        """The same with the language model's lists as they were: it is told the same, and asked once."""
        if self._setup.model is None:
            return lists
        return [one | {"model": before["model"]} for one, before in zip(lists, self.all, strict=True)]


def _rows(exam: Exam, ranker: SuggestionRanker, parts: _Lists) -> Iterator[tuple[About, Answers]]:
    join = _joiner(exam, ranker)
    everything = parts.rankers
    for name in everything:
        yield _about(name, _TITLES[name], "baseline"), Answers(ranking=_ranking([one[name] for one in parts.all]))
    fused = [fuse(list(one.values()), top=DEPTH) for one in parts.all]
    yield _about("rrf", "reciprocal rank fusion of these", "baseline"), Answers(ranking=_ranking(fused))
    for name in everything:
        kept = tuple(each for each in everything if each != name)
        if kept:
            yield _about(f"joined-no-{name}", f"joined without {_TITLES[name]}"), join(_only(parts.all, kept))
    yield _about("joined-no-title", "joined, citing title untold"), join(parts.without_title())
    yield _about("joined-no-profiles", "joined, citing sentences untold"), join(parts.without_profiles())
    yield _about("joined-no-popularity", "joined, popularity corrected"), join(parts.all, popularity=False)
    yield _about("joined", "joined"), join(parts.all)


def _about(name: str, title: str, kind: Kind = "retrieval") -> About:
    """A row; single rankers are baselines, which the joined ones are compared to."""
    return About(name=f"suggest-{name}", title=f"Suggestions: {title}", kind=kind)


def _only(lists: Sequence[Lists], rankers: Sequence[str]) -> list[Lists]:
    return [only(one, rankers) for one in lists]


def _joiner(exam: Exam, ranker: SuggestionRanker) -> Callable[..., Answers]:
    known = known_works(exam)

    def join(lists: Sequence[Lists], popularity: bool = True) -> Answers:
        found = [
            ranker.join(one, known, before=place.before, after=place.after, size=len(known), popularity=popularity)
            for one, place in zip(lists, exam.test.places, strict=True)
        ]
        return Answers(ranking=_ranking([each.works for each in found]), sure=_sure(found))

    return join


def _sure(found: Sequence[Joined]) -> Floats:
    return np.array([each.works[0].score if each.works else 0.0 for each in found])


def _ranking(lists: Sequence[Sequence[Scored]]) -> Ranking:
    return stacked(([each.id for each in one], [each.score for each in one]) for one in lists)


def _none(exam: Exam, ranker: SuggestionRanker, lists: Sequence[Lists]) -> NoneReport:
    known = known_works(exam)
    with_them: list[Joined] = []
    without: list[Joined] = []
    right: list[float] = []
    for one, place, cited in zip(lists, exam.test.places, exam.test.right, strict=True):
        weights = ranker.weights_for(tuple(one))
        for hidden, found in ((frozenset[int](), with_them), (cited, without)):
            there = {each.id: known[each.id] for each in _union(one) if each.id not in hidden}
            features = describe(
                only(one, weights.rankers), there, before=place.before, after=place.after, size=len(known)
            )
            found.append(joined(weights, features))
        first = with_them[-1].works
        right.append(float(bool(first) and first[0].id in cited))
    sure = np.concatenate([_sure(with_them), _sure(without)])
    truth = np.concatenate([np.array(right), np.zeros(len(without))])
    return NoneReport(
        places=len(with_them),
        calibration=binned(sure, truth),
        auc=_auc(np.array([each.none for each in without]), np.array([each.none for each in with_them])),
    )


def _union(lists: Lists) -> Iterator[Scored]:
    for ranking in lists.values():
        yield from ranking


def _auc(high: Floats, low: Floats) -> float:
    """The probability that a draw of the first is above a draw of the second; equal ones count half."""
    order = np.sort(low)
    below = np.searchsorted(order, high, side="left")
    upto = np.searchsorted(order, high, side="right")
    return float(((below + upto) / 2).mean() / len(low))
