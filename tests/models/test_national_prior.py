import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.laplace import Hyper, Mode, Normal, Posterior, find_mode
from models.likelihood import Rows
from models.national_prior import Site, coefficient_site, combine, hyper_site
from models.risk_priors import HyperPriors
from models.spatial import graph_of

WIDE = Normal.independent(np.zeros(2), np.full(2, 100.0))


def sites_of(values, variances):
    return [Site(value / variance, np.diag(1 / variance)) for value, variance in zip(values, variances, strict=True)]


def worlds(provinces, between, seed=0):
    """Return estimates of two parameters by province with their variances, and the truth."""
    rng = np.random.default_rng(seed)
    truth = np.array([1.0, -2.0]) + between * rng.normal(size=(provinces, 2))
    variances = rng.uniform(0.01, 0.1, (provinces, 2))
    return truth + np.sqrt(variances) * rng.normal(size=truth.shape), variances, truth


def test_the_mean_of_provinces_is_the_random_effects_estimate_at_the_spread_that_was_found():
    values, variances, _ = worlds(40, np.array([0.5, 0.2]))
    national = combine(sites_of(values, variances), WIDE)
    weights = 1 / (variances + national.between**2)
    np.testing.assert_allclose(national.mean.mean, (weights * values).sum(axis=0) / weights.sum(axis=0), rtol=1e-3)
    np.testing.assert_allclose(national.mean.sd, weights.sum(axis=0) ** -0.5, rtol=1e-4)


def test_the_spread_between_many_provinces_is_that_which_made_them():
    values, variances, _ = worlds(400, np.array([0.5, 0.2]))
    plain = Normal.independent(np.zeros(2), np.full(2, 2.0))
    assert combine(sites_of(values, variances), plain).between == pytest.approx([0.5, 0.2], rel=0.1)


def test_no_province_hears_its_own_counts_again():
    values, variances, _ = worlds(6, np.array([0.5, 0.2]))
    sites = sites_of(values, variances)
    national = combine(sites, WIDE)
    cavity, between = national.cavities[2], national.between
    weights = np.delete(1 / (variances + between**2), 2, axis=0)
    others = (weights * np.delete(values, 2, axis=0)).sum(axis=0) / weights.sum(axis=0)
    np.testing.assert_allclose(cavity.mean, others, rtol=2e-3)
    np.testing.assert_allclose(cavity.sd, np.sqrt(between**2 + 1 / weights.sum(axis=0)), rtol=1e-4)


def test_nine_in_ten_provinces_lie_in_the_intervals_of_what_the_others_tell():
    inside = []
    for seed in range(30):
        values, variances, truth = worlds(12, np.array([0.5, 0.2]), seed)
        national = combine(sites_of(values, variances), Normal.independent(np.zeros(2), np.array([2.0, 1.0])))
        mean, sd = (np.array([getattr(one, name) for one in national.cavities]) for name in ("mean", "sd"))
        inside.append(np.abs(truth - mean) < stats.norm.ppf(0.95) * sd)
    assert 0.86 < np.mean(inside) < 0.96


def test_where_no_province_tells_anything_the_plain_prior_is_left_and_a_spread_of_half_of_it():
    plain = Normal.independent(np.array([0.3, 4.0]), np.array([1.0, 2.0]))
    nothing = Site(np.zeros(2), np.zeros((2, 2)))
    national = combine([nothing] * 5, plain)
    np.testing.assert_allclose(national.mean.mean, plain.mean)
    np.testing.assert_allclose(national.mean.sd, plain.sd)
    np.testing.assert_allclose(national.between, plain.sd / 2, rtol=1e-3)
    np.testing.assert_allclose(national.cavities[0].sd, plain.sd * np.sqrt(1.25), rtol=1e-3)


def test_what_provinces_tell_of_a_sum_alone_stays_a_correlation():
    """Level and noticing are told by their sum: each stays in doubt, and the sum does not."""
    plain = Normal.independent(np.zeros(2), np.ones(2))
    sites = [Site(value * 400 * np.ones(2), 400 * np.ones((2, 2))) for value in (0.9, 1.0, 1.1, 1.0)]
    cavity = combine(sites, plain).cavities[0]
    covariance = np.linalg.inv(cavity.precision)
    assert cavity.mean.sum() == pytest.approx(1.0, abs=0.1)
    assert covariance.sum() < 0.3 * np.trace(covariance)


def test_a_site_times_its_prior_is_the_posterior():
    rng = np.random.default_rng(0)
    rows = Rows(rng.poisson(6.0, (1, 9, 5)).astype(float), np.zeros((9, 5)), np.empty((0, 9, 5)),
                rng.normal(size=(9, 1)), np.empty((5, 0)))  # fmt: skip
    graph, prior = graph_of(None, pd.RangeIndex(9)), Normal.independent(np.array([1.0, 0.0]), np.array([0.7, 0.4]))
    mode = find_mode(rows, graph, prior, Hyper(0.3, 0.5, np.ones(1), 0.0))
    site = coefficient_site(Posterior([mode], np.ones(1)), graph, prior)
    precision = site.precision + prior.precision
    np.testing.assert_allclose(np.linalg.solve(precision, site.shift + prior.precision @ prior.mean), mode.b, rtol=1e-6)
    b, _, _ = mode.draw(graph, prior, 40_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(b), np.linalg.inv(precision), rtol=0.05, atol=2e-4)


def test_the_site_of_hyperparameters_is_read_off_an_evidence_that_is_a_quadratic():
    priors, middle = HyperPriors(2, dispersed=False), np.array([-0.5, 0.3, 0.1])
    precision = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, -0.5], [0.0, -0.5, 6.0]])
    nodes = middle + np.random.default_rng(0).normal(0, 0.5, (30, 3))
    nothing = np.empty(0)
    modes = [
        Mode(priors.hyper(node), nothing, nothing, nothing, float(-0.5 * (node - middle) @ precision @ (node - middle)),
             None)
        for node in nodes
    ]  # fmt: skip
    site = hyper_site(Posterior(modes, np.full(30, 1 / 30)), priors)
    np.testing.assert_allclose(site.precision, precision, atol=1e-8)
    np.testing.assert_allclose(np.linalg.solve(site.precision, site.shift), middle, atol=1e-8)


def test_the_moments_of_the_densities_of_hyperparameters_are_those_of_draws():
    rng, priors = np.random.default_rng(0), HyperPriors(2, dispersed=True)
    n = 200_000
    phi = rng.random(n)
    draws = [np.log(np.abs(rng.normal(size=n))), np.log(phi / (1 - phi)), rng.normal(0, 0.3, n), rng.normal(0, 1.5, n)]
    np.testing.assert_allclose(priors.moments.mean, np.mean(draws, axis=1), atol=0.02)
    np.testing.assert_allclose(priors.moments.sd, np.std(draws, axis=1), rtol=0.01)


def test_an_evidence_that_only_rises_puts_its_maximum_at_the_edge_of_the_grid():
    """However many provinces say so, the country stays among what was looked at."""
    priors, nothing = HyperPriors(1, dispersed=False), np.empty(0)
    nodes = np.stack(np.meshgrid([-1.5, -1.0, -0.5], [-1.0, 0.0, 1.0]), axis=-1).reshape(-1, 2)
    modes = [
        Mode(priors.hyper(node), nothing, nothing, nothing, 2.0 * node[0] - 0.5 * node[1] ** 2, None) for node in nodes
    ]
    site = hyper_site(Posterior(modes, np.full(9, 1 / 9)), priors)
    np.testing.assert_allclose(site.precision, np.diag([4.0, 1.0]), atol=1e-8)
    assert site.shift[0] / site.precision[0, 0] == pytest.approx(-0.5)
    assert combine([site] * 50, priors.moments).mean.mean[0] == pytest.approx(-0.5, abs=0.01)
