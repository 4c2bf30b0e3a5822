import numpy as np
import pytest
from scipy import optimize, stats

from geo.errors import ModelError
from models.challengers import Past
from models.gaussian_process import MOST_UNITS, GaussianProcess
from models.regressions import BoostedTrees, RidgeRegression, features
from tests.models.areal_panel import world, yearly


def test_features_are_standardised_and_of_the_past_alone():
    panel, _, _ = world(freq="Y")
    events = panel["cases"].to_numpy(dtype=float).reshape(25, 4)
    people = panel["population"].to_numpy(dtype=float).reshape(25, 4)
    past = Past(events, people, 1.0)
    table = features(past.between(None, 2), None, np.empty((25, 0)))
    np.testing.assert_allclose(table.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(table.std(axis=0), 1)
    later = Past(np.column_stack([events[:, :2], 9 + events[:, 2:]]), people, 1.0)
    np.testing.assert_array_equal(table, features(later.between(None, 2), None, np.empty((25, 0))))


def test_ridge_minimises_the_penalised_poisson_deviance():
    panel, _, _ = world(freq="Y", years=2)
    model = RidgeRegression(["cases"], covariates=["east"])
    model.choices = (0.1,)
    model.fit(panel)
    events = panel["cases"].to_numpy(dtype=float).reshape(25, 2)
    people = panel["population"].to_numpy(dtype=float).reshape(25, 2)
    past, common = Past(events, people, 1.0), events.sum() / people.sum()
    east = panel["east"].to_numpy().reshape(25, 2)[:, :1]
    before, after = features(past.between(None, 1), None, east), features(past, None, east)
    usual = common * people[:, 1]

    def loss(b):
        eta = b[0] + before @ b[1:]
        return (usual * np.exp(eta) - events[:, 1] * eta).sum() / usual.sum() + 0.05 * (b[1:] ** 2).sum()

    best = optimize.minimize(loss, np.zeros(4), tol=1e-10).x
    np.testing.assert_allclose(model.rate_, common * np.exp(best[0] + after @ best[1:]), rtol=1e-3)


def test_ridge_finds_what_a_covariate_tells():
    panel, neighbours, truth = world(level=1.0)
    model = RidgeRegression(["cases"], covariates=["east"]).fit(panel, neighbours)
    assert stats.spearmanr(model.predict()["expected"], truth)[0] > 0.85


def test_a_regression_of_years_needs_two():
    panel, neighbours, _ = world(years=1)
    with pytest.raises(ModelError, match="needs 2 years; got 1"):
        RidgeRegression(["cases"]).fit(panel, neighbours)


def test_trees_say_how_many_events_they_need():
    panel, neighbours, _ = world(level=0.5)
    with pytest.raises(ModelError, match="at least 500 events"):
        BoostedTrees(["cases"]).fit(panel, neighbours)


def test_trees_of_many_events_find_the_risk():
    panel, neighbours, truth = world(level=20.0)
    model = BoostedTrees(["cases"], covariates=["east"]).fit(panel, neighbours)
    assert stats.spearmanr(model.predict()["expected"], truth)[0] > 0.9


def test_without_any_event_a_regression_says_the_common_rate():
    panel, neighbours, _ = world(freq="Y")
    model = RidgeRegression(["cases"]).fit(panel.assign(cases=0), neighbours)
    assert np.ptp(model.rate_) == 0
    assert model.rate_[0] > 0


def test_the_process_shrinks_to_a_flat_rate_where_counts_are_even():
    people = np.full(16, 1000)
    x, y = np.meshgrid(np.arange(4) * 5000.0, np.arange(4) * 5000.0)
    panel = yearly(np.full((16, 2), 3), people, x=x.ravel(), y=y.ravel())
    model = GaussianProcess(["cases"]).fit(panel)
    np.testing.assert_allclose(model.predict()["expected"], 3, rtol=0.02)


def test_the_process_follows_a_smooth_risk_and_its_interval_holds_it():
    panel, _, truth = world(level=10.0)
    table = GaussianProcess(["cases"]).fit(panel).predict()
    assert stats.spearmanr(table["expected"], truth)[0] > 0.95
    inside = (table["lower"] <= truth) & (truth <= table["upper"])
    assert inside.mean() > 0.75


def test_the_process_refuses_more_units_than_it_can_take():
    n = MOST_UNITS + 1
    panel = yearly(np.ones((n, 1), dtype=int), np.full(n, 10), x=np.arange(n), y=np.arange(n))
    with pytest.raises(ModelError, match="at most 2000 units; got 2001"):
        GaussianProcess(["cases"]).fit(panel)
