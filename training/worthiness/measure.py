"""How well sentences that need a citation are told from others: precision and recall at the natural rate of sentences.

Intervals come from resampling papers, as sentences of one paper resemble each other.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from model.worthiness import Worthiness
from training.evaluate.bootstrap import Estimate, PairedBootstrap, interval
from training.worthiness.examples import Example
from training.worthiness.train import Progress, read_examples

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_RESAMPLES = 2_000
_AP_RESAMPLES = 300
_BINS = 10
_CURVE = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_AUTHORS = re.compile(r"\bet al\b")
"""Names that a number in brackets followed: so sure a sign that figures are told without such sentences as well."""
_KEYWORDS = re.compile(
    r"\bet al\b|\b(?:previous(?:ly)?|prior|recent(?:ly)?|earlier|existing|literature|well[- ]known|widely|"
    r"studies|(?:has|have) been|(?:was|were) (?:introduced|proposed|reported|described)|known to|shown to|"
    r"introduced by|proposed by|described by|as described|according to)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """Precision and recall when all from a probability on are told; ``told`` is their share of all sentences."""

    name: str
    threshold: float
    told: float
    precision: Estimate
    recall: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """Figures on one corpus file; ``rate`` is the share of its sentences that cite: the precision of *always*."""

    part: str
    papers: int
    left_out: int
    sentences: int
    rate: float
    average_precision: Estimate
    ece: float
    operating: tuple[Operating, ...]
    curve: tuple[tuple[float, float, float], ...]
    """Recall, precision and threshold."""
    sentences_per_s: float


def evaluate(
    model: Worthiness, paths: Sequence[Path], *, every: int = 1, seed: int = 1,
    on_progress: Progress = lambda what, done, total: None,
) -> list[PartReport]:  # fmt: skip
    """Measure a model on corpus files, each apart, beside *always* and a list of keywords.

    Raises:
        InputError: A file cannot be read, or holds no sentences of both kinds.
        ModelError: The weights are missing or damaged.
    """
    return [_evaluate(model, path, every, seed, on_progress) for path in paths]


def _evaluate(model: Worthiness, path: Path, every: int, seed: int, on_progress: Progress) -> PartReport:
    examples: list[Example] = []
    papers = left_out = 0
    for _, _, found in read_examples([path], every, on_progress):
        papers += bool(found)
        left_out += not found
        examples += found
    cites = np.array([example.cites for example in examples], dtype=np.bool_)
    if not cites.any() or cites.all():
        raise InputError(f"{path}: no sentences of both kinds", hint="Name corpus files whose papers have mentions.")
    started = time.process_time()
    probabilities = model.probabilities([example.sentence for example in examples])
    seconds = time.process_time() - started
    keywords = np.array([float(bool(_KEYWORDS.search(example.sentence.text))) for example in examples])
    names = {name: number for number, name in enumerate(dict.fromkeys(example.paper for example in examples))}
    numbers = np.array([names[example.paper] for example in examples], dtype=np.int64)
    bootstrap = PairedBootstrap(numbers, seed=seed, resamples=_RESAMPLES)
    every_one = np.ones(len(cites), dtype=np.bool_)
    unnamed = np.array([not _AUTHORS.search(example.sentence.text) for example in examples])
    rows: tuple[tuple[str, Floats, float, Bools], ...] = (
        ("always", np.zeros(len(cites)), 0.0, every_one),
        ("keywords", keywords, 0.5, every_one),
        ("model", probabilities, model.threshold, every_one),
        ("model, no et al.", probabilities, model.threshold, unnamed),
    )
    return PartReport(
        part=path.name.split(".jsonl")[0], papers=papers, left_out=left_out, sentences=len(examples),
        rate=float(cites.mean()), average_precision=_average_precision(cites, probabilities, numbers, seed),
        ece=calibration_error(cites, probabilities),
        operating=tuple(operating(name, cites, scores, at, asked, bootstrap) for name, scores, at, asked in rows),
        curve=curve(cites, probabilities), sentences_per_s=len(examples) / max(seconds, 1e-9),
    )  # fmt: skip


def operating(
    name: str, cites: Bools, scores: Floats, threshold: float, asked: Bools, bootstrap: PairedBootstrap
) -> Operating:
    """Precision and recall at a threshold over the sentences asked, with intervals by paper; 0 when nothing is told."""
    told = (scores >= threshold) & asked
    hits = float((told & cites).sum())
    estimates = {}
    for measure, values, chosen in (("precision", cites, told), ("recall", told, cites & asked)):
        count = int(chosen.sum())
        draws = bootstrap.means(values.astype(np.float64)[:, None], chosen)[:, 0]
        estimates[measure] = interval(hits / count, draws) if count else Estimate(value=0.0, low=0.0, high=0.0)
    share = float(told.sum() / max(1, asked.sum()))
    return Operating(name=name, threshold=threshold, told=share, **estimates)


def curve(cites: Bools, scores: Floats) -> tuple[tuple[float, float, float], ...]:
    """Points of the precision-recall curve: recall, precision, threshold."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(cites[order])
    points = []
    for recall in _CURVE:
        place = int(np.searchsorted(hits, recall * hits[-1]))
        points.append((recall, float(hits[place] / (place + 1)), float(scores[order[place]])))
    return tuple(points)


def calibration_error(cites: Bools, probabilities: Floats) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.clip((probabilities * _BINS).astype(np.int64), 0, _BINS - 1)
    gaps = np.bincount(bins, weights=probabilities - cites, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(cites))


def threshold_for(precision: float, cites: Bools, scores: Floats) -> float:
    """The lowest score from which on the sentences told are right often enough; inf when there is none."""
    order = np.argsort(-scores, kind="stable")
    reached = np.cumsum(cites[order]) / np.arange(1, len(order) + 1)
    places = np.flatnonzero(reached >= precision)
    return float(scores[order[places[-1]]]) if len(places) else float("inf")


def _average_precision(cites: Bools, scores: Floats, papers: NDArray[np.int64], seed: int) -> Estimate:
    order = np.argsort(-scores, kind="stable")
    right, paper = cites[order].astype(np.float64), papers[order]
    count = int(papers.max()) + 1

    def mean(weights: Floats) -> float:
        hits = np.cumsum(weights * right)
        precision = hits / np.maximum(np.cumsum(weights), 1e-9)
        return float((precision * weights * right).sum() / hits[-1]) if hits[-1] else float("nan")

    draw = np.random.default_rng(seed)
    weights = draw.multinomial(count, np.full(count, 1.0 / count), size=_AP_RESAMPLES).astype(np.float64)
    return interval(mean(np.ones(len(order))), np.array([mean(each[paper]) for each in weights]))
