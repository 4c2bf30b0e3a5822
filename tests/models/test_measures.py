import numpy as np
import pytest
from scipy import stats

from models.hit_rates import hit_rate, pei
from models.measures import BUDGETS, Outcome, calibration_gaps, measure, per_cost

RNG = np.random.default_rng(0)
COUNTS = np.array([[3.0, 1.0], [0, 0], [2, 0], [0, 1], [0, 0]])
AREA = np.array([5.0, 1, 1, 2, 1])


def outcome(counts=COUNTS, single=False, **costs):
    costs = costs or {"units": np.ones(len(counts)), "area": AREA}
    return Outcome(counts, np.ones(counts.shape, dtype=bool), costs, single)


def means():
    return np.repeat(COUNTS.mean(axis=1)[:, None, None] + 0.1, 2, axis=1)


def measured(expected, single=False, counts=COUNTS):
    return measure(np.asarray(expected, dtype=float), means(), outcome(counts, single), 0.9, np.random.default_rng(0))


def test_hits_of_the_periods_add_up_to_those_of_the_window_by_hand():
    # 20 % of five units is one unit: the first has 3 events of the first period, 1 of the second.
    found = measured([9, 0, 5, 1, 0])
    np.testing.assert_allclose(found.hits["units"][BUDGETS.index(0.2)], [3, 1])
    np.testing.assert_allclose(found.hits["units"][BUDGETS.index(0.1)], [1.5, 0.5])
    assert found.events.tolist() == [5, 2]


def test_a_budget_of_area_is_spent_by_events_for_each_square_kilometre():
    # Expected per km²: 1.8, 0, 5, 0.5, 0. 20 % of 10 km² is all of the third unit and a fifth of the first.
    found = measured([9, 0, 5, 1, 0])
    np.testing.assert_allclose(found.hits["area"][BUDGETS.index(0.2)], [2 + 3 / 5, 1 / 5])


@pytest.mark.parametrize("single", [False, True])
def test_all_sums_agree_with_the_hit_rates_of_the_window(single):
    expected = np.array([1.0, 1.0, 4.0, 1.0, 2.0])
    found = measured(expected, single)
    total = COUNTS.sum(axis=1)
    score = per_cost(expected, AREA)
    np.testing.assert_allclose(found.hits["area"].sum(axis=1) / 7, hit_rate(score, total, AREA, BUDGETS))
    np.testing.assert_allclose(
        found.hits["area"].sum(axis=1) / found.best["area"].sum(axis=1), pei(score, total, AREA, BUDGETS)
    )
    assert found.events.sum() == 7
    assert found.events.size == (7 if single else 2)


def test_a_perfect_ranking_reaches_what_hindsight_would():
    found = measured(COUNTS.sum(axis=1))
    np.testing.assert_allclose(found.hits["units"].sum(axis=1), found.best["units"].sum(axis=1))


def test_a_ranking_of_ties_hits_as_much_as_its_budget():
    found = measured(np.ones(5))
    np.testing.assert_allclose(found.hits["units"].sum(axis=1), 7 * np.array(BUDGETS))
    np.testing.assert_allclose(found.area["units"].sum(), 3.5)


def test_the_log_score_is_the_poisson_probability_of_each_known_count():
    known = np.ones(COUNTS.shape, dtype=bool)
    known[0, 0] = False
    out = outcome()._replace(known=known, counts=np.where(known, COUNTS, 0))
    found = measure(np.ones(5), means(), out, 0.9, RNG)
    logs = np.where(known, stats.poisson.logpmf(COUNTS, means()[:, :, 0]), 0)
    np.testing.assert_allclose(found.logs, logs.sum(axis=0))
    assert found.counted.tolist() == [4, 5]


def test_what_differs_by_rounding_is_tied_and_what_costs_nothing_comes_first():
    assert per_cost(np.array([0.1 + 0.2, 0.3, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0])).tolist() == [1, 1, 0, 2]


def test_the_chance_to_be_in_the_top_is_that_of_counts_to_come():
    counts = np.array([[2.0], [0], [0], [0], [0]])
    sure = np.array([50.0, 0, 0, 0, 0])[:, None, None]
    found = measure(np.ones(5), sure, outcome(counts, units=np.ones(5)), 0.9, RNG)
    forecast, came = found.tops[20]
    np.testing.assert_allclose(forecast, [1, 0, 0, 0, 0])
    np.testing.assert_allclose(came, [1, 0, 0, 0, 0])
    flat = measure(np.ones(5), np.ones((5, 1, 1)), outcome(counts, units=np.ones(5)), 0.9, RNG)
    np.testing.assert_allclose(flat.tops[20][0], 0.2, atol=0.08)


def test_gaps_of_calibration_lie_in_the_bin_of_what_was_forecast():
    gaps = calibration_gaps(np.array([[0.03, 0.03, 0.9], [0.0, 1.0, 1.0]]))
    assert gaps.shape == (3, 8)
    np.testing.assert_allclose(gaps.sum(axis=0)[[1, 7]], [0.03 - 0.97, -0.1])
    assert np.count_nonzero(gaps.sum(axis=0)) == 2
