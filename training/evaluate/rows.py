"""A ranker's answers turned into the figures of its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.evaluate.bootstrap import Estimate, PairedBootstrap, interval, p_value
from training.evaluate.calibration import Calibration, binned, calibrate
from training.evaluate.measures import BUCKETS, MEASURES, bucket_of, ks_distance, measured, outcomes, ranks
from training.evaluate.questions import Questions
from training.evaluate.ranking import DEPTH, NOBODY, Floats, Ints, Ranking

Kind = Literal["baseline", "retrieval", "model"]
CURVE = (1, 2, 3, 5, 10, 20, 30, 50, 100)
"""Ranks at which the share of targets found is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a row stands for: ``name`` is stable, ``title`` for reading, ``wording`` what of a place it was given."""

    name: str
    title: str
    kind: Kind
    wording: str = ""
    model: str = ""
    parameters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a ranker answered to Q questions.

    ``depth`` is the length that its lists may have: 1 when it gives a single answer. ``invented`` marks questions
    whose answer is the title of no candidate, shape (Q,). ``log_probabilities`` says that the scores of the lists are
    log-probabilities, so that they can be calibrated at ``temperature``; ``sure`` are probabilities that the first is
    right where a ranker gives them itself, shape (Q,). ``alpha`` is the strength of the prior they hold.
    """

    ranking: Ranking
    depth: int = DEPTH
    invented: NDArray[np.bool_] | None = None
    log_probabilities: bool = False
    temperature: float | None = None
    sure: Floats | None = None
    alpha: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Pairs whose target is cited by so many training papers; ``invented`` is the share answered by no candidate."""

    name: str
    pairs: int
    measures: dict[str, float]
    invented: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row's measure less that of the best baseline, with its interval and the probability of it by chance."""

    baseline: str
    estimate: Estimate
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one ranker; ``seconds`` is what preparing it and asking took together.

    ``ks`` is the Kolmogorov-Smirnov distance between how often its first answers and the true works are cited.
    """

    about: About
    seconds: float
    measures: dict[str, Estimate]
    seen: dict[str, Estimate]
    unseen: dict[str, Estimate]
    buckets: tuple[Bucket, ...]
    curve: tuple[float, ...]
    ks: float | None
    invented: Estimate | None = None
    calibration: tuple[Calibration, ...] = ()
    differences: dict[str, Difference] | None = None


class Marker:
    """Turns answers into rows; remembers them, since differences are between rows.

    Args:
        questions: The test.
        counts: How many training papers cite each candidate.
        seed: Of the resampling.
        resamples: How many draws.
    """

    def __init__(self, questions: Questions, counts: Ints, *, seed: int, resamples: int) -> None:
        self._questions = questions
        self._counts = counts
        self._bootstrap = PairedBootstrap(questions.paper, seed=seed, resamples=resamples)
        target = questions.target
        self.cited = np.where(target == NOBODY, 0, counts[np.maximum(target, 0)])
        self._draws: dict[str, Floats] = {}
        self.ranks: dict[str, Floats] = {}

    def row(self, about: About, answers: Answers, seconds: float) -> Row:
        """The figures of one ranker, without differences."""
        questions = self._questions
        rank = ranks(answers.ranking, questions.place, questions.target)
        values = outcomes(rank, first_is_right(answers.ranking, questions)[questions.place])
        draws = self._bootstrap.means(values)
        self.ranks[about.name] = rank
        self._draws[about.name] = draws
        names = measured(answers.depth)
        first = answers.ranking.first[questions.place]
        named = first[first != NOBODY]
        return Row(
            about=about,
            seconds=seconds,
            measures=_estimates(values.mean(axis=0), draws, names),
            seen=self._part(values, self.cited > 0, names),
            unseen=self._part(values, self.cited == 0, names),
            buckets=self._buckets(values, answers, names),
            curve=tuple(float((rank <= depth).mean()) for depth in CURVE if depth <= answers.depth),
            ks=ks_distance(self._counts[named], self.cited) if len(named) else None,
            invented=self._invented(answers),
            calibration=self._calibration(answers),
        )

    def difference(self, row: Row, baseline: Row, measure: str) -> Difference:
        """How far a row lies above another in a measure that both have."""
        column = MEASURES.index(measure)
        draws = self._draws[row.about.name][:, column] - self._draws[baseline.about.name][:, column]
        value = row.measures[measure].value - baseline.measures[measure].value
        return Difference(baseline=baseline.about.name, estimate=interval(value, draws), p=p_value(draws))

    def _part(self, values: Floats, chosen: NDArray[np.bool_], names: tuple[str, ...]) -> dict[str, Estimate]:
        if not chosen.any():
            return {}
        return _estimates(values[chosen].mean(axis=0), self._bootstrap.means(values, chosen), names)

    def _buckets(self, values: Floats, answers: Answers, names: tuple[str, ...]) -> tuple[Bucket, ...]:
        bucket = bucket_of(self.cited)
        invented = None if answers.invented is None else answers.invented[self._questions.place]
        return tuple(
            Bucket(
                name=name,
                pairs=int(inside.sum()),
                measures=dict(zip(names, map(float, values[inside].mean(axis=0)), strict=False)),
                invented=None if invented is None else float(invented[inside].mean()),
            )
            for number, (name, _, _) in enumerate(BUCKETS)
            if (inside := bucket == number).any()
        )

    def _invented(self, answers: Answers) -> Estimate | None:
        if answers.invented is None:
            return None
        values = answers.invented[self._questions.place].astype(np.float64)[:, None]
        return interval(float(values.mean()), self._bootstrap.means(values)[:, 0])

    def _calibration(self, answers: Answers) -> tuple[Calibration, ...]:
        """As the model is, and at the temperature that dev gave."""
        right = first_is_right(answers.ranking, self._questions)
        if answers.sure is not None:
            return (binned(answers.sure, right),)
        if not answers.log_probabilities:
            return ()
        temperatures = dict.fromkeys([1.0, answers.temperature or 1.0])
        return tuple(calibrate(answers.ranking.scores, right, temperature) for temperature in temperatures)


def first_is_right(ranking: Ranking, questions: Questions) -> Floats:
    """1 for each place whose first candidate is one of the works cited there, else 0; shape (Q,)."""
    return np.array([first in right for first, right in zip(ranking.first, questions.right, strict=True)], dtype=float)


def with_differences(rows: tuple[Row, ...], marker: Marker) -> dict[str, dict[str, Difference]]:
    """For each row that is no baseline, each measure's difference to the baseline that is best in it."""
    baselines = [row for row in rows if row.about.kind == "baseline"]
    found: dict[str, dict[str, Difference]] = {}
    for row in rows:
        if row.about.kind == "baseline" or not baselines:
            continue
        found[row.about.name] = {
            measure: marker.difference(row, _highest(baselines, measure), measure) for measure in row.measures
        }
    return found


def _highest(rows: list[Row], measure: str) -> Row:
    return max(rows, key=lambda row: row.measures[measure].value)


def _estimates(means: Floats, draws: Floats, names: tuple[str, ...]) -> dict[str, Estimate]:
    values: Mapping[str, int] = {name: MEASURES.index(name) for name in names}
    return {name: interval(means[column], draws[:, column]) for name, column in values.items()}
