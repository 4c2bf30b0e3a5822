import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import logit, softmax

from models.flow_choice import (
    OUTSIDE,
    SECTORS,
    Chosen,
    Mixture,
    Normals,
    Region,
    choice_shares,
    find_posterior,
    log_likelihood,
)


def region(rng, seasons=2, origins=4, sectors=5, shut=0.2):
    reached = rng.random((seasons, origins, sectors)) > shut
    reached[:, -1] = False
    hours = np.where(reached, rng.uniform(0.5, 12, reached.shape), 0.0)
    weights = rng.dirichlet(np.ones(seasons))
    return Region(hours, reached, weights, rng.normal(0, 0.3, sectors), np.log1p(rng.integers(0, 3, sectors)))


def parameters(rng, sectors=5):
    return np.concatenate([[np.log(2.5), 1.2, -0.4], rng.normal(0, 0.5, sectors)])


def chosen(rng, where, count, outside_recorded, several=0.3):
    season, origin = rng.integers(0, len(where.weights), count), rng.integers(0, where.hours.shape[1] - 1, count)
    sets = (rng.random((count, where.hours.shape[2])) < several) & where.reached[season, origin]
    keep = np.full(count, True) if outside_recorded else sets.any(axis=1)
    return Chosen(season[keep], origin[keep], sets[keep], outside_recorded)


def test_shares_are_those_of_the_formula():
    rng = np.random.default_rng(0)
    where, at = region(rng, seasons=1, shut=0.0), parameters(rng)
    shares = choice_shares(where, at)
    utility = where.log_length + 1.2 * where.log_crossings + at[SECTORS:] - where.hours[0, :3] / 2.5
    outside = at[OUTSIDE] + np.log(np.exp(utility).sum(axis=1)).mean()
    expected = softmax(np.column_stack([utility, np.full(3, outside)]), axis=1)
    np.testing.assert_allclose(shares.sectors[0, :3], expected[:, :-1], rtol=1e-12)
    np.testing.assert_allclose(shares.outside[0, :3], expected[:, -1], rtol=1e-12)


def test_shares_add_up_to_one_and_are_exactly_zero_where_no_way_leads():
    rng = np.random.default_rng(1)
    where = region(rng)
    shares = choice_shares(where, parameters(rng))
    np.testing.assert_allclose(shares.sectors.sum(axis=2) + shares.outside, 1.0, rtol=1e-14)
    assert (shares.sectors[~where.reached] == 0).all()
    assert (shares.sectors[where.reached] > 0).all()
    assert (shares.outside[:, -1] == 1).all()


def test_where_all_origins_have_the_same_access_the_outside_share_is_its_parameter():
    where = Region(np.full((1, 3, 4), 2.0), np.full((1, 3, 4), True), np.ones(1), np.zeros(4), np.zeros(4))
    at = np.concatenate([[0.0, 1.0, logit(0.35)], np.zeros(4)])
    np.testing.assert_allclose(choice_shares(where, at).outside, 0.35, rtol=1e-12)


@pytest.mark.parametrize("outside_recorded", [False, True])
def test_the_gradient_is_that_of_the_likelihood(outside_recorded):
    rng = np.random.default_rng(2)
    where = region(rng)
    cases, at = chosen(rng, where, 30, outside_recorded), parameters(rng)
    _, gradient = log_likelihood(where, cases, at)
    numeric = approx_fprime(at, lambda eta: log_likelihood(where, cases, eta)[0], 1e-7)
    np.testing.assert_allclose(gradient, numeric, atol=2e-5)
    assert (gradient[OUTSIDE] == 0) != outside_recorded


def test_the_likelihood_is_the_product_of_the_shares():
    rng = np.random.default_rng(3)
    where, at = region(rng), parameters(rng)
    cases = chosen(rng, where, 40, True)
    shares = choice_shares(where, at)
    of_sectors = (shares.sectors[cases.season, cases.origin] * cases.sectors).sum(axis=1)
    by_hand = np.where(cases.sectors.any(axis=1), of_sectors, shares.outside[cases.season, cases.origin])
    assert log_likelihood(where, cases, at)[0] == pytest.approx(np.log(by_hand).sum(), rel=1e-12)


def test_without_cases_the_posterior_is_the_prior():
    rng = np.random.default_rng(4)
    where = region(rng)
    prior = Normals(parameters(rng), rng.uniform(0.5, 1, 8))
    posterior = find_posterior(where, chosen(rng, where, 0, False), prior)
    np.testing.assert_array_equal(posterior.mode, prior.mean)
    np.testing.assert_allclose(posterior.sd, prior.sd, rtol=1e-14)


def test_the_posterior_agrees_with_importance_sampling_from_the_prior():
    rng = np.random.default_rng(5)
    where = region(rng, sectors=2, shut=0.0)
    prior = Normals(np.array([np.log(3.0), 1.5, -0.8, 0.0, 0.0]), np.array([0.8, 0.75, 1.0, 0.5, 0.5]))
    cases = chosen(rng, where, 15, True, several=0.4)
    posterior = find_posterior(where, cases, prior)
    draws = prior.mean + prior.sd * rng.standard_normal((8_000, 5))
    logs = np.array([log_likelihood(where, cases, draw)[0] for draw in draws])
    weights = softmax(logs)
    mean = weights @ draws
    sd = np.sqrt(weights @ (draws - mean) ** 2)
    np.testing.assert_allclose(posterior.mode, mean, atol=0.25 * sd.max())
    np.testing.assert_allclose(posterior.sd, sd, rtol=0.15)


def test_draws_have_the_mean_and_the_covariance_of_the_posterior():
    rng = np.random.default_rng(6)
    where = region(rng)
    cases = chosen(rng, where, 50, True)
    parts = [find_posterior(where, cases, Normals(parameters(rng), np.full(8, sd))) for sd in (0.3, 0.9)]
    posterior = Mixture(parts, np.array([0.25, 0.75]))
    draws = posterior.draw(200_000, rng)
    mean = 0.25 * parts[0].mode + 0.75 * parts[1].mode
    within = [np.linalg.inv(part.factor @ part.factor.T) for part in parts]
    between = [np.outer(part.mode - mean, part.mode - mean) for part in parts]
    covariance = 0.25 * (within[0] + between[0]) + 0.75 * (within[1] + between[1])
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.015)
    np.testing.assert_allclose(posterior.moments(), [mean, np.sqrt(np.diag(covariance))], rtol=1e-10)


def test_the_evidence_is_the_mean_likelihood_under_the_prior():
    rng = np.random.default_rng(7)
    where = region(rng, sectors=2, shut=0.0)
    prior = Normals(np.array([np.log(3.0), 1.5, -0.8, 0.0, 0.0]), np.array([0.4, 0.4, 0.5, 0.3, 0.3]))
    cases = chosen(rng, where, 15, True, several=0.4)
    draws = prior.mean + prior.sd * rng.standard_normal((8_000, 5))
    likelihoods = np.exp([log_likelihood(where, cases, draw)[0] for draw in draws])
    assert find_posterior(where, cases, prior).log_evidence == pytest.approx(np.log(likelihoods.mean()), abs=0.15)
