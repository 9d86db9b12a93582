"""The learning rate over the tokens read."""

from __future__ import annotations

import pytest

from training.train.recipe import OptimizerPart
from training.train.schedule import learning_rate

PART = OptimizerPart(learning_rate=1.0, batch_tokens=10, warmup_tokens=100, total_tokens=1_100, final_share=0.1)


@pytest.mark.parametrize(("tokens", "rate"), [(0, 0.1), (40, 0.5), (90, 1.0), (590, 0.55), (1_090, 0.1), (5_000, 0.1)])
def test_rises_and_falls_in_straight_lines(tokens: int, rate: float) -> None:
    assert learning_rate(tokens, PART) == pytest.approx(rate)
