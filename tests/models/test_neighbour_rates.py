import numpy as np
import pytest

from models.baselines import GammaPoisson
from models.neighbour_rates import PSEUDO_EVENTS, fit_around_neighbours

YEARS = 5.0
EAST, NORTH = 500_000.0, 2_400_000.0
X, Y = EAST + np.array([0.0, 10_000, 0, 10_000]), NORTH + np.array([0.0, 0, 10_000, 10_000])


def rate_around_by_hand(events, people, reach_m):
    """Written out for four squares whose centres are 10 km apart along the sides and 14.1 km across."""
    kernel = {d: max(0.0, 1 - (d / reach_m) ** 2) ** 2 for d in (10_000.0, 10_000.0 * 2**0.5)}
    beside, across = kernel[10_000.0], kernel[10_000.0 * 2**0.5]
    neighbours = {0: {1: beside, 2: beside, 3: across}, 1: {0: beside, 3: beside, 2: across}}
    neighbours |= {2: {0: beside, 3: beside, 1: across}, 3: {1: beside, 2: beside, 0: across}}
    exposure = np.array(people) * YEARS
    province = sum(events) / exposure.sum()
    known_from = np.array([sum(w * events[j] for j, w in near.items()) + 1 for near in neighbours.values()])
    people_years = [sum(w * exposure[j] for j, w in near.items()) + 1 / province for near in neighbours.values()]
    return known_from / people_years, known_from


@pytest.mark.parametrize("reach_m", [12_000.0, 25_000.0])
def test_the_rate_is_the_gamma_poisson_posterior_around_the_neighbours_rate(reach_m):
    events, people = np.array([3.0, 0, 5, 1]), np.array([1000.0, 2000, 3000, 4000])
    result = fit_around_neighbours(X, Y, events, people * YEARS, reach_m)
    around, known_from = rate_around_by_hand(events, people, reach_m)
    np.testing.assert_allclose(result.prior_rate_, around, rtol=1e-6)
    np.testing.assert_allclose(result.rate_, GammaPoisson().fit(events, people * YEARS, around, known_from).rate_)


def test_a_neighbour_of_many_events_has_a_higher_rate_than_a_lonely_commune_of_as_many():
    x, y = EAST + np.array([0.0, 10_000, 60_000, 90_000]), NORTH + np.array([0.0, 0, 0, 90_000])
    rate = fit_around_neighbours(x, y, np.array([4.0, 1, 1, 1]), np.full(4, 10_000.0), 15_000.0).rate_
    assert rate[1] > 1.05 * rate[2]
    assert rate[2] == pytest.approx(rate[3])


def test_without_any_event_all_have_the_rate_of_one_pseudo_event():
    people = np.array([1000.0, 2000, 3000, 4000])
    assert fit_around_neighbours(X, Y, np.zeros(4), people).prior_rate_ == pytest.approx(PSEUDO_EVENTS / people.sum())
