import numpy as np
import pytest
from scipy import stats

from models._unit_effects import redraw, sweep

DRAWS = 20_000


@pytest.mark.parametrize(
    ("counts", "at_zero", "loadings", "mean", "tau"),
    [
        ([0], [0.02], [1.0], 0.0, 0.25),  # nothing recorded, and a wide prior
        ([0], [3.0], [1.0], 1.5, 0.5),
        ([7, 2], [2.0, 0.5], [1.0, 0.6], -0.3, 2.0),
        ([400], [100.0], [1.0], 0.0, 0.1),
        ([0], [0.0], [1.0], 0.4, 4.0),  # nobody at risk: the prior
    ],
)
def test_draws_have_the_quantiles_of_the_density(counts, at_zero, loadings, mean, tau):
    y, m, d = (np.array(values, dtype=float) for values in (counts, at_zero, loadings))
    grid = np.linspace(mean - 12 / np.sqrt(tau), mean + 12 / np.sqrt(tau), 400_001)
    log_density = (y * d)[:, None] * grid - m[:, None] * np.exp(np.minimum(d[:, None] * grid, 700))
    log_density = log_density.sum(axis=0) - 0.5 * tau * (grid - mean) ** 2
    cumulative = np.cumsum(np.exp(log_density - log_density.max()))
    cumulative /= cumulative[-1]
    levels = (np.arange(DRAWS) + 0.5) / DRAWS
    u = np.zeros(DRAWS)
    redraw(np.tile(y[:, None], DRAWS), np.tile(m[:, None], DRAWS), d, np.full(DRAWS, mean), tau, levels, u)
    some = np.array([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])
    exact = np.interp(some, cumulative, grid)
    density = np.gradient(cumulative)
    spread = np.sqrt(np.average((grid - np.average(grid, weights=density)) ** 2, weights=density))
    np.testing.assert_allclose(np.quantile(u, some), exact, atol=0.02 * spread)


def test_where_nothing_is_recorded_no_draw_expects_many_events():
    """With 5 persons' worth of events expected at u = 0 and none seen, the tail is that of the Poisson probability."""
    n = 50_000
    u = np.zeros(n)
    redraw(np.zeros((1, n)), np.full((1, n), 5.0), np.ones(1), np.zeros(n), 0.1, np.random.default_rng(0).random(n), u)
    assert (5 * np.exp(u)).max() < stats.expon.ppf(1 - 1e-7)


def test_levels_of_streams_without_counts_keep_the_correlation_of_their_prior():
    draws, precision = 8_000, np.array([[4.0, -3.0], [-3.0, 5.0]])
    mean, rng = np.tile([0.5, -1.0], (draws, 1)), np.random.default_rng(0)
    nothing, levels, effects = np.zeros((2, 1)), mean.copy(), np.zeros((draws, 1))
    for _ in range(20):
        sweep(
            nothing, np.zeros((draws, 2, 1)), np.ones((draws, 2)), np.zeros((draws, 1)), np.ones(draws),
            mean, precision, rng.random((draws, 3)), levels, effects,
        )  # fmt: skip
    np.testing.assert_allclose(levels.mean(axis=0), mean[0], atol=0.03)
    np.testing.assert_allclose(np.cov(levels.T), np.linalg.inv(precision), rtol=0.06)
