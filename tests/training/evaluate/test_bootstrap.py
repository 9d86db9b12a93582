from __future__ import annotations

import numpy as np
import pytest

from training.evaluate.bootstrap import PairedBootstrap, interval, p_value


def test_a_mean_without_spread_has_no_interval() -> None:
    draws = PairedBootstrap(np.array([0, 0, 1, 2]), seed=1, resamples=200).means(np.ones((4, 2)))
    assert draws.shape == (200, 2)
    found = interval(1.0, draws[:, 0])
    assert (found.value, found.low, found.high) == (1, pytest.approx(1), pytest.approx(1))


def test_one_paper_cannot_vary() -> None:
    bootstrap = PairedBootstrap(np.zeros(10, dtype=np.int64), seed=1, resamples=50)
    assert bootstrap.papers == 1
    assert np.allclose(bootstrap.means(np.arange(10.0)[:, None]), 4.5)


def test_intervals_of_independent_pairs_are_those_of_the_normal_law() -> None:
    """Each pair its own paper: the standard error of a share p of n is sqrt(p(1-p)/n)."""
    values = np.repeat([0.0, 1.0], [300, 100])
    draws = PairedBootstrap(np.arange(400), seed=3).means(values[:, None])[:, 0]
    error = np.sqrt(0.25 * 0.75 / 400)
    found = interval(float(values.mean()), draws)
    assert draws.std() == pytest.approx(error, rel=0.05)
    assert found.low == pytest.approx(0.25 - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(0.25 + 1.96 * error, abs=0.006)


def test_papers_are_drawn_whole() -> None:
    """Forty papers of ten equal pairs vary like forty values, not like four hundred."""
    by_paper = np.repeat([0.0, 1.0], [30, 10])
    draws = PairedBootstrap(np.repeat(np.arange(40), 10), seed=3).means(np.repeat(by_paper, 10)[:, None])[:, 0]
    assert draws.std() == pytest.approx(np.sqrt(0.25 * 0.75 / 40), rel=0.05)


def test_papers_of_unequal_size_weigh_by_their_pairs() -> None:
    papers, values = np.array([0, 1, 1, 1]), np.array([1.0, 0.0, 0.0, 0.0])
    draws = PairedBootstrap(papers, seed=5, resamples=4_000).means(values[:, None])[:, 0]
    # Draws: the first twice (1), each once (1/4), the second twice (0); with 1/4, 1/2, 1/4 of the chances.
    shares = [np.isclose(draws, value).mean() for value in (1.0, 0.25, 0.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_a_part_of_the_pairs_is_resampled_by_the_same_papers() -> None:
    papers = np.array([0, 0, 1, 1])
    values = np.array([[1.0], [9.0], [1.0], [9.0]])
    draws = PairedBootstrap(papers, seed=1, resamples=100).means(values, np.array([True, False, True, False]))
    assert np.allclose(draws, 1.0)


def test_draws_without_a_pair_of_the_part_do_not_count() -> None:
    draws = PairedBootstrap(np.array([0, 1]), seed=1, resamples=400).means(np.ones((2, 1)), np.array([True, False]))
    assert 0.15 < np.isnan(draws).mean() < 0.35
    assert interval(1.0, draws[:, 0]).low == 1


def test_the_seed_decides() -> None:
    papers, values = np.arange(50), np.arange(50.0)[:, None]
    first = PairedBootstrap(papers, seed=1, resamples=700).means(values)
    assert (first == PairedBootstrap(papers, seed=1, resamples=700).means(values)).all()
    assert (first != PairedBootstrap(papers, seed=2, resamples=700).means(values)).any()


def test_differences_are_paired() -> None:
    """A ranker that is better at every pair differs for certain, however much the pairs vary."""
    draw = np.random.default_rng(0)
    values = draw.random((200, 1))
    bootstrap = PairedBootstrap(np.arange(200), seed=1, resamples=2_000)
    assert p_value((bootstrap.means(values + 0.001) - bootstrap.means(values))[:, 0]) == pytest.approx(2 / 2_001)
    assert p_value(np.zeros(100)) == 1
    assert p_value(np.array([-1.0, 1.0, 2.0, 3.0, np.nan])) == pytest.approx(2 * 2 / 5)


def test_no_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        PairedBootstrap(np.array([], dtype=np.int64), seed=1)
