import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.base import clone

from geo.errors import ModelError
from models.baselines import SHAPE_BOUNDS, GammaPoisson

Y = np.array([0, 1, 0, 3, 12, 2, 0, 5])
E = np.array([500.0, 800, 300, 1000, 900, 700, 100, 2000])


def log_likelihood(shape, y, mean):
    """The negative binomial of scipy, written down apart from the estimator."""
    return stats.nbinom.logpmf(y, shape, shape / (shape + mean)).sum()


def test_the_shape_maximises_the_negative_binomial_likelihood():
    mean = E * Y.sum() / E.sum()
    model = GammaPoisson().fit(Y, E, mean / E)
    grid = np.geomspace(*SHAPE_BOUNDS, 4001)
    best = grid[np.argmax([log_likelihood(a, Y, mean) for a in grid])]
    assert model.shape_ == pytest.approx(best, rel=0.01)
    assert log_likelihood(model.shape_, Y, mean) >= log_likelihood(best, Y, mean) - 1e-9


def test_the_posterior_is_a_weighted_mean_of_own_and_prior_rate():
    model = GammaPoisson().fit(Y, E)
    mixed = model.own_weight_ * Y / E + (1 - model.own_weight_) * model.prior_rate_
    np.testing.assert_allclose(model.rate_, mixed, rtol=1e-12)
    a, m = model.unit_shape_, model.prior_rate_
    np.testing.assert_allclose(model.rate_, (a + Y) / (a / m + E), rtol=1e-12)


def test_the_interval_is_that_of_the_gamma_posterior():
    model = GammaPoisson().fit(Y, E)
    lower, upper = model.interval(0.9)
    a = model.unit_shape_[4]
    posterior = stats.gamma(a + Y[4], scale=1 / (a / model.prior_rate_[4] + E[4]))
    assert (lower[4], upper[4]) == pytest.approx((posterior.ppf(0.05), posterior.ppf(0.95)))


def test_the_interval_covers_the_true_rates_of_a_simulated_world():
    rng = np.random.default_rng(5)
    exposure = rng.uniform(500, 5000, 4000)
    true = rng.gamma(2.0, 1e-3 / 2.0, exposure.size)
    lower, upper = GammaPoisson().fit(rng.poisson(true * exposure), exposure).interval(0.9)
    assert np.mean((lower <= true) & (true <= upper)) == pytest.approx(0.9, abs=0.015)


def test_equal_rates_are_shrunk_completely_and_wild_ones_hardly():
    rng = np.random.default_rng(1)
    exposure = np.full(500, 1000.0)
    same = GammaPoisson().fit(rng.poisson(5.0, 500), exposure)
    wild = GammaPoisson().fit(rng.poisson(rng.gamma(0.5, 100.0, 500)), exposure)
    assert same.own_weight_.mean() < 0.1
    assert wild.own_weight_.mean() > 0.95


def test_a_prior_known_from_few_events_is_trusted_less():
    """The relative variances of the units' differences and of the prior's own error add up."""
    few, many = (GammaPoisson().fit(Y, E, np.full(8, 4e-3), np.full(8, n)) for n in (2.0, 1e9))
    np.testing.assert_allclose(1 / few.unit_shape_, 1 / few.shape_ + 1 / 2)
    np.testing.assert_allclose(many.unit_shape_, many.shape_, rtol=1e-6)
    assert (few.own_weight_ > many.own_weight_).all()


def test_one_event_among_many_units_leaves_no_rate_certain():
    """With a single event the units cannot be told apart, but nothing is known well either."""
    y = np.zeros(45)
    y[7] = 1
    model = GammaPoisson().fit(y, np.full(45, 10_000.0))
    lower, upper = model.interval(0.9)
    assert (upper > 2 * model.rate_).all()
    assert (lower < 0.5 * model.rate_).all()


counts = arrays(np.int64, 6, elements=st.integers(0, 50))
exposures = arrays(np.float64, 6, elements=st.floats(1, 1e5))


@given(counts, exposures, st.permutations(range(6)), st.floats(0.01, 100))
def test_laws(y, e, order, scale):
    """Order of units does not matter; another unit of exposure only changes the unit of the rate."""
    prior = np.full(6, 1e-3)
    rate = GammaPoisson().fit(y, e, prior).rate_
    assert (rate > 0).all()
    np.testing.assert_allclose(GammaPoisson().fit(y[order], e[order], prior).rate_, rate[order], rtol=1e-6)
    np.testing.assert_allclose(GammaPoisson().fit(y, e * scale, prior / scale).rate_ * scale, rate, rtol=1e-3)


def test_it_follows_the_estimator_contract():
    model = GammaPoisson()
    assert clone(model).get_params() == {}
    assert model.fit(Y, E) is model


@pytest.mark.parametrize(
    ("y", "e", "prior", "said"),
    [
        ([0, 0], [1, 1], None, "no event"),
        ([1, 2], [1, 1, 1], None, "differ in length"),
        ([1, -2], [1, 1], [1, 1], "≥ 0"),
        ([1, 2], [1, 0], [1, 1], "> 0"),
        ([1, float("nan")], [1, 1], None, "finite"),
        ([], [], None, "at least one"),
    ],
)
def test_bad_input_is_explained(y, e, prior, said):
    with pytest.raises(ModelError, match=said):
        GammaPoisson().fit(y, e, prior)
