"""The learning rate as a function of the tokens read."""

from __future__ import annotations

from training.train.recipe import OptimizerPart


def learning_rate(tokens: int, part: OptimizerPart) -> float:
    """Rate for the step that begins after ``tokens``: linear warm-up, then linear decay, then constant.

    The warm-up ends at ``warmup_tokens`` with the full rate, the decay at ``total_tokens`` with ``final_share`` of it.

    Source: Galactica, arXiv:2211.09085, section 3.2 (linear decay to 10%).
    """
    reached = tokens + part.batch_tokens  # a step is judged by where it ends: the first one must not have rate 0
    if reached < part.warmup_tokens:
        return part.learning_rate * reached / part.warmup_tokens
    span = max(1, part.total_tokens - part.warmup_tokens)
    left = min(1.0, max(0.0, (part.total_tokens - reached) / span))
    return part.learning_rate * (part.final_share + (1.0 - part.final_share) * left)
