from __future__ import annotations

import numpy as np
import pytest

from training.evaluate.calibration import calibrate, confidence, fit_temperature

INF = float("inf")


def test_confidence_is_a_softmax_over_the_list() -> None:
    scores = np.log(np.array([[0.6, 0.3, 0.1], [0.5, 0.5, 1.0]]))
    scores[1, 2] = -INF
    assert confidence(scores) == pytest.approx([0.6, 0.5])
    assert confidence(scores - 50, 1.0) == pytest.approx([0.6, 0.5])
    assert confidence(np.array([[-INF, -INF]])).tolist() == [0]


def test_a_higher_temperature_is_less_sure() -> None:
    scores = np.log(np.array([[0.9, 0.1]]))
    assert confidence(scores, 2.0)[0] == pytest.approx(0.75)


def test_calibration_error_by_hand() -> None:
    scores = np.log(np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.55, 0.45]]))
    found = calibrate(scores, np.array([1.0, 1.0, 1.0, 0.0]))
    # Half the questions are 0.05 too modest, the others 0.05 too sure.
    assert found.ece == pytest.approx(0.05)
    assert sum(each.questions for each in found.bins) == 4
    assert (found.bins[9].questions, found.bins[9].accuracy) == (2, 1)
    assert (found.bins[5].confidence, found.bins[5].accuracy) == (pytest.approx(0.55), 0.5)


def test_the_temperature_repairs_overconfidence() -> None:
    """Scores that are three times too far apart are put right by a temperature of three."""
    draw = np.random.default_rng(0)
    scores = -np.sort(-draw.normal(size=(4_000, 5)), axis=1)
    right = (draw.random(4_000) < confidence(scores)).astype(float)
    temperature = fit_temperature(3 * scores, right)
    assert temperature == pytest.approx(3.0, rel=0.15)
    assert calibrate(3 * scores, right, temperature).ece < calibrate(3 * scores, right).ece / 3


def test_no_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="no questions"):
        calibrate(np.empty((0, 3)), np.empty(0))
    assert fit_temperature(np.empty((0, 3)), np.empty(0)) == 1
