import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import kstest

from models.score_test import p_values, reassigned, score


def by_likelihood(counts, treated):
    """The score statistic from numerical derivatives of the whole model's log likelihood at the fit without effect."""
    units, periods = counts.shape

    def mean(parameters):
        rows, columns = parameters[:units], np.append(0.0, parameters[units : units + periods - 1])
        return np.exp(rows[:, None] + columns + parameters[-1] * treated)

    def loss(parameters):
        return (mean(parameters) - counts * np.log(mean(parameters))).sum()

    null = minimize(
        lambda p: loss(np.append(p, 0.0)), np.zeros(units + periods - 1), method="BFGS", options={"gtol": 1e-9}
    )
    fitted = mean(np.append(null.x, 0.0)).ravel()
    columns = [np.kron(np.eye(units), np.ones((periods, 1))), np.tile(np.eye(periods)[:, 1:], (units, 1))]
    design = np.hstack([*columns, treated.reshape(-1, 1)])
    information = design.T @ (fitted[:, None] * design)
    difference = design.T @ (counts.ravel() - fitted)
    return difference[-1] * np.sqrt(np.linalg.inv(information)[-1, -1])


def test_the_closed_form_is_the_score_of_the_whole_model():
    rng = np.random.default_rng(3)
    counts = rng.poisson(3.0, (6, 5)).astype(float) + 1
    treated = np.arange(5) >= np.array([1, 1, 2, 3, 4, 5])[:, None]
    assert score(counts[None], treated[None])[0, 0] == pytest.approx(by_likelihood(counts, treated), rel=1e-4)


def test_many_tables_and_assignments_are_as_one_at_a_time(monkeypatch):
    rng = np.random.default_rng(4)
    counts = rng.poisson(0.4, (7, 8, 3)).astype(float)
    treated = reassigned(np.arange(3) >= np.array([1, 1, 1, 2, 2, 2, 3, 3])[:, None], 20, rng)
    together = score(counts, treated)
    singly = [[score(table[None], one[None])[0, 0] for one in treated] for table in counts]
    np.testing.assert_allclose(together, singly, atol=1e-12)
    monkeypatch.setattr("models.score_test.CELLS", 1)
    np.testing.assert_allclose(score(counts, treated), together, atol=1e-12)


def test_p_values_are_uniform_where_nothing_happens():
    # Uneven, overdispersed counts with a trend: exact all the same, since communes are exchanged whole.
    rng = np.random.default_rng(5)
    level = rng.gamma(1.0, 1.0, (2000, 16, 1))
    counts = rng.poisson(20 * level * np.array([1.0, 2.0, 0.5, 1.5])).astype(float)
    treated = reassigned(np.arange(4) >= np.repeat([1, 2, 3, 4], 4)[:, None], 199, rng)
    for two_sided in (False, True):
        p = p_values(score(counts, treated), two_sided=two_sided)
        # p is one of 1/200, 2/200, …: half a step less makes it uniform on the line.
        assert kstest(p - 0.5 / 200, "uniform").pvalue > 0.01
        assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_few_assignments_are_taken_whole():
    treated = np.zeros((5, 3), dtype=bool)
    treated[[1, 3], 1:] = True
    every = reassigned(treated, 99, np.random.default_rng(0))
    np.testing.assert_array_equal(every[0], treated)
    assert len(every) == len(np.unique(every, axis=0)) == 10
    assert (every.sum(axis=(1, 2)) == 4).all()


def test_tables_without_events_say_nothing():
    treated = reassigned(np.eye(3, dtype=bool), 9, np.random.default_rng(0))
    scores = score(np.zeros((2, 3, 3)), treated)
    assert not scores.any()
    assert p_values(scores).tolist() == [1.0, 1.0]


def test_a_fall_where_treated_is_below_zero():
    treated = np.zeros((1, 4, 2), dtype=bool)
    treated[0, :2, 1] = True
    assert score(np.array([[[9.0, 1.0], [9.0, 1.0], [9.0, 9.0], [9.0, 9.0]]]), treated)[0, 0] < -2
