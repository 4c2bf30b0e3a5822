import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.laplace import Hyper, Normal, explore, find_mode
from models.likelihood import Rows, information, log_likelihood
from models.risk_priors import HyperPriors, coefficient_priors
from models.spatial import graph_of

UNITS, PERIODS = 6, 3


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    rows = Rows(
        rng.poisson(2.0, (2, UNITS, PERIODS)).astype(float),
        np.zeros((UNITS, PERIODS)),
        rng.gamma(2.0, 0.5, (1, UNITS, PERIODS)),
        rng.normal(size=(UNITS, 1)),
        np.arange(PERIODS)[:, None] / 12.0,
    )
    adjacency = np.eye(UNITS, k=1) + np.eye(UNITS, k=-1)
    return rows, graph_of(adjacency, pd.RangeIndex(UNITS)), coefficient_priors(rows)


def joint(rows, graph, prior, hyper, s, u, b):
    """Return the log density of counts, effects and coefficients, with the constants that depend on σ and φ."""
    value = log_likelihood(rows, b, u, hyper.loadings, hyper.size)
    value -= 0.5 * s @ graph.precision().toarray() @ s
    value += stats.norm.logpdf(u, np.sqrt(hyper.phi) * hyper.sigma * s, hyper.sigma * np.sqrt(1 - hyper.phi)).sum()
    return value + 0.5 * UNITS * np.log(2 * np.pi) - 0.5 * (b - prior.mean) @ prior.precision @ (b - prior.mean)


def precision_at(rows, graph, prior, hyper, mode):
    """Write the precision matrix of (s, u, b) down as a whole."""
    at = information(rows, mode.b, mode.u, hyper.loadings, hyper.size)
    n, q = UNITS, mode.b.size
    tau = 1 / (hyper.sigma**2 * (1 - hyper.phi))
    whole = np.zeros((2 * n + q, 2 * n + q))
    whole[:n, :n] = graph.precision().toarray() + hyper.phi / (1 - hyper.phi) * np.eye(n)
    whole[:n, n : 2 * n] = whole[n : 2 * n, :n] = -np.sqrt(hyper.phi) * hyper.sigma * tau * np.eye(n)
    whole[n : 2 * n, n : 2 * n] = np.diag(at.unit_fisher + tau)
    whole[n : 2 * n, 2 * n :], whole[2 * n :, n : 2 * n] = at.cross, at.cross.T
    whole[2 * n :, 2 * n :] = at.fisher + prior.precision
    return whole


@pytest.mark.parametrize("hyper", [Hyper(0.7, 0.4, np.array([1, 0.8]), 0.0), Hyper(1.5, 0.9, np.array([1, 1.3]), 2.0)])
def test_the_mode_is_where_no_step_helps_and_its_evidence_is_laplaces(case, hyper):
    rows, graph, prior = case
    mode = find_mode(rows, graph, prior, hyper)
    best = joint(rows, graph, prior, hyper, mode.s, mode.u, mode.b)
    rng = np.random.default_rng(1)
    for _ in range(200):
        step = [scale * rng.normal(size=part.size) for part in (mode.s, mode.u, mode.b) for scale in [0.02]]
        assert joint(rows, graph, prior, hyper, mode.s + step[0], mode.u + step[1], mode.b + step[2]) < best + 1e-5
    log_determinant = np.linalg.slogdet(precision_at(rows, graph, prior, hyper, mode))[1]
    assert mode.log_evidence == pytest.approx(best - 0.5 * log_determinant, abs=1e-9)


def test_draws_have_the_covariance_of_the_whole_system(case):
    rows, graph, prior = case
    hyper = Hyper(0.7, 0.4, np.array([1, 0.8]), 0.0)
    mode = find_mode(rows, graph, prior, hyper)
    draws = 20_000
    b, u, s = mode.draw(graph, prior, draws, np.random.default_rng(2))
    deviations = np.concatenate([s, u, b]) - np.concatenate([mode.s, mode.u, mode.b])[:, None]
    precision = precision_at(rows, graph, prior, hyper, mode)
    root = np.linalg.cholesky(precision)
    # In its own scale every deviation is standard normal and independent of the others.
    standard = root.T @ deviations
    np.testing.assert_allclose(standard @ standard.T / draws, np.eye(len(standard)), atol=6 / np.sqrt(draws) * 1.5)
    np.testing.assert_allclose(standard.mean(axis=1), 0, atol=5 / np.sqrt(draws))


def test_the_evidence_is_the_integral_for_counts_that_are_many():
    """One unit, one stream: the integral over its level by quadrature, which Laplace's rule meets for large counts."""
    rows = Rows(np.array([[[400.0]]]), np.zeros((1, 1)), np.empty((0, 1, 1)), np.empty((1, 0)), np.empty((1, 0)))
    prior = Normal(np.array([np.log(380.0)]), np.array([[4.0]]))
    graph, evidence = graph_of(None, pd.RangeIndex(1)), []
    hypers = [Hyper(sigma, 0.5, np.ones(1), 0.0) for sigma in (0.05, 0.3)]
    grid = np.linspace(4, 8, 40_001)
    for hyper in hypers:
        # The level plus the unit's effect is normal, the variance of the effect being σ².
        density = stats.norm.pdf(grid, prior.mean[0], np.sqrt(0.25 + hyper.sigma**2)) * stats.poisson.pmf(
            400, np.exp(grid)
        )
        evidence.append(np.log(np.trapezoid(density, grid)))
    found = [find_mode(rows, graph, prior, hyper).log_evidence for hyper in hypers]
    assert found[1] - found[0] == pytest.approx(evidence[1] - evidence[0], abs=1e-3)


def test_hyperparameters_are_averaged_with_the_weights_of_a_normal():
    middle, spread = np.array([0.3, -0.2]), np.array([[0.2, 0.05], [0.05, 0.1]])
    inverse = np.linalg.inv(spread)

    def evaluate(theta, start):
        return float(-0.5 * (theta - middle) @ inverse @ (theta - middle)), theta

    found = explore(evaluate, np.zeros(2), np.full(2, -3.0), np.full(2, 3.0))
    nodes = np.array(found.modes)
    assert found.weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.weights @ nodes, middle, atol=0.02)
    np.testing.assert_allclose(np.cov(nodes.T, aweights=found.weights, bias=True), spread, rtol=0.07)


def test_the_vector_of_hyperparameters_is_read_back():
    priors = HyperPriors(streams=3, dispersed=True)
    hyper = priors.hyper(np.array([np.log(0.5), 0.0, np.log(2.0), np.log(3.0), np.log(7.0)]))
    assert (hyper.sigma, hyper.phi, hyper.size) == pytest.approx((0.5, 0.5, 7.0))
    np.testing.assert_allclose(hyper.loadings, [1, 2, 3])
    assert HyperPriors(1, dispersed=False).hyper(np.zeros(2)).size == 0


def test_the_log_prior_is_that_of_the_named_distributions():
    priors = HyperPriors(streams=2, dispersed=True)

    def by_name(theta):
        sigma, phi = np.exp(theta[0]), 1 / (1 + np.exp(-theta[1]))
        return (
            stats.halfnorm.logpdf(sigma) + theta[0]  # the logarithm's density
            + np.log(phi * (1 - phi))
            + stats.norm.logpdf(theta[2], scale=0.3) + stats.norm.logpdf(theta[3], scale=1.5)
        )  # fmt: skip

    one, other = np.array([0.2, 0.5, 0.1, 1.0]), np.array([-0.7, -1.0, -0.3, 2.0])
    found = priors.log_density(one) - priors.log_density(other)
    assert found == pytest.approx(by_name(one) - by_name(other))


def test_a_prior_of_some_given_the_others_is_the_conditional_normal():
    root = np.random.default_rng(3).normal(size=(4, 4))
    covariance, mean, at = root @ root.T, np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.0, 0.0, 2.0, -1.0])
    prior = Normal(mean, np.linalg.inv(covariance))
    some, others = slice(0, 2), slice(2, 4)
    regression = covariance[some, others] @ np.linalg.inv(covariance[others, others])
    found = prior.given(some, at)
    np.testing.assert_allclose(found.mean, mean[some] + regression @ (at - mean)[others])
    variance = covariance[some, some] - regression @ covariance[others, some]
    np.testing.assert_allclose(np.linalg.inv(found.precision), variance)
    np.testing.assert_allclose(prior.sd, np.sqrt(np.diag(covariance)))
    several = prior.given(some, np.column_stack([at, mean]))
    np.testing.assert_allclose(several.mean, np.column_stack([found.mean, mean[some]]))
