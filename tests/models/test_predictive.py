import numpy as np
import pytest
from scipy import stats

from models.predictive import covered, log_probability, pit_bounds

COUNTS = np.array([0.0, 1.0, 4.0])
MEANS = np.array([[0.2, 0.4], [1.0, 1.0], [2.0, 9.0]])


def test_the_log_probability_is_that_of_a_mixture():
    expected = np.log(stats.poisson.pmf(COUNTS[:, None], MEANS).mean(axis=1))
    np.testing.assert_allclose(log_probability(COUNTS, MEANS), expected)


def test_an_impossible_event_is_a_great_but_finite_surprise():
    assert -40 < log_probability(np.array([1.0]), np.array([[0.0]]))[0] < -20
    assert log_probability(np.array([0.0]), np.array([[0.0]]))[0] == pytest.approx(0)


def test_the_bounds_of_the_transform_are_the_distribution_before_and_at_the_count():
    lower, upper = pit_bounds(COUNTS, MEANS)
    np.testing.assert_allclose(lower, stats.poisson.cdf(COUNTS[:, None] - 1, MEANS).mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(upper, stats.poisson.cdf(COUNTS[:, None], MEANS).mean(axis=1))


def test_coverage_is_the_level_exactly_where_the_forecast_is_true():
    for mean in (0.05, 0.7, 6.0):
        y = np.arange(80.0)
        chance = stats.poisson.pmf(y, mean)
        for level in (0.5, 0.9):
            assert chance @ covered(y, np.full((80, 1), mean), level) == pytest.approx(level)


def test_coverage_is_less_where_the_forecast_is_too_sure_of_too_few():
    y = np.arange(80.0)
    chance = stats.poisson.pmf(y, 4.0)
    assert chance @ covered(y, np.full((80, 1), 1.0), 0.9) < 0.5
