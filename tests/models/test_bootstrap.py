import numpy as np
import pytest

from models.bootstrap import estimate, ratios, resampling


def test_the_interval_of_a_mean_is_that_of_the_normal_approximation():
    rng = np.random.default_rng(0)
    x = rng.normal(5.0, 2.0, 400)
    value, resampled = ratios(x, np.ones(400), resampling(400, 5000, rng))
    found = estimate(value, resampled, 0.9)
    half = 1.645 * x.std() / 20
    assert found.value == x.mean()
    assert found.lower == pytest.approx(x.mean() - half, abs=0.03)
    assert found.upper == pytest.approx(x.mean() + half, abs=0.03)


def test_two_blocks_have_the_distribution_that_can_be_counted():
    # Of two blocks 0/1 and 1/1 a resample is 0, ½, 1 with probabilities ¼, ½, ¼.
    _, resampled = ratios(np.array([0.0, 1.0]), np.ones(2), resampling(2, 20_000, np.random.default_rng(1)))
    values, times = np.unique(resampled, return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(times / 20_000, [0.25, 0.5, 0.25], atol=0.015)


def test_a_resample_without_an_event_is_no_division_by_zero():
    value, resampled = ratios(np.array([1.0, 0]), np.array([2.0, 0]), np.array([[0.0, 2.0], [2.0, 0.0]]))
    assert value == 0.5
    assert resampled.tolist() == [0.5, 0.5]
    assert ratios(np.zeros(2), np.zeros(2), np.ones((1, 2)))[0] == 0
