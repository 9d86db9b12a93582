"""Whether a model's confidence in its first candidate says how often it is right.

Source: Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599 (calibration error, temperature).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evaluate.ranking import Floats

BINS = 10
TEMPERATURES: tuple[float, ...] = tuple(round(float(each), 3) for each in np.geomspace(0.25, 8.0, 41))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Questions whose confidence lies in (low, high]: their mean confidence and the share that is right."""

    low: float
    high: float
    questions: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Expected calibration error: the mean distance of confidence and accuracy over the bins, weighted by questions."""

    temperature: float
    ece: float
    bins: tuple[ReliabilityBin, ...]


def confidence(scores: Floats, temperature: float = 1.0) -> Floats:
    """The softmax of log-probabilities over the candidates of a list, taken for the first.

    Args:
        scores: Shape (Q, K), best first; -inf where a list is shorter.

    Returns:
        Shape (Q,) in [0, 1]; 0 for an empty list.
    """
    filled = np.isfinite(scores[:, 0])
    relative = np.where(np.isfinite(scores), scores - np.where(filled, scores[:, 0], 0.0)[:, None], -np.inf)
    return np.where(filled, 1.0 / np.maximum(np.exp(relative / temperature).sum(axis=1), 1.0), 0.0)


def calibrate(scores: Floats, right: Floats, temperature: float = 1.0) -> Calibration:
    """Measure calibration over bins of equal width.

    Args:
        scores: Log-probabilities of each question's candidates, shape (Q, K), best first.
        right: 1 where the first candidate is right, else 0; shape (Q,).

    Raises:
        ValueError: There are no questions.
    """
    return binned(confidence(scores, temperature), right, temperature=temperature)


def binned(sure: Floats, right: Floats, *, temperature: float = 1.0) -> Calibration:
    """The same for confidences in [0, 1] as they are, shape (Q,).

    Raises:
        ValueError: There are no questions.
    """
    if not len(right):
        raise ValueError("no questions to be calibrated on")
    where = np.clip(np.ceil(sure * BINS).astype(np.int64) - 1, 0, BINS - 1)
    bins = []
    for number in range(BINS):
        inside = where == number
        count = int(inside.sum())
        bins.append(
            ReliabilityBin(
                low=number / BINS,
                high=(number + 1) / BINS,
                questions=count,
                confidence=float(sure[inside].mean()) if count else 0.0,
                accuracy=float(right[inside].mean()) if count else 0.0,
            )
        )
    ece = sum(each.questions * abs(each.confidence - each.accuracy) for each in bins) / len(right)
    return Calibration(temperature=temperature, ece=float(ece), bins=tuple(bins))


def fit_temperature(scores: Floats, right: Floats) -> float:
    """The temperature at which the confidence tells right from wrong best (least log loss), of ``TEMPERATURES``."""

    def loss(temperature: float) -> float:
        sure = np.clip(confidence(scores, temperature), 1e-6, 1 - 1e-6)
        return float(-(right * np.log(sure) + (1 - right) * np.log(1 - sure)).mean())

    return min(TEMPERATURES, key=loss) if len(right) else 1.0
