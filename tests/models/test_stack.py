import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.forward import Reading, forward_windows, outcomes
from models.predictive import log_probability
from models.regressions import BoostedTrees
from models.simple_rankings import CumulativeCount, EmpiricalBayes, Population
from models.stack import Stack
from tests.models.areal_panel import world, yearly

MEMBERS = [("population", Population(["cases"])), ("count", CumulativeCount(["cases"]))]


def test_weights_are_not_negative_sum_to_one_and_maximise_the_forward_log_score():
    panel, neighbours, _ = world(freq="Y", years=5)
    stack = Stack(MEMBERS, ["cases"], years=3).fit(panel, neighbours)
    assert (stack.weights_ >= 0).all()
    assert stack.weights_.sum() == pytest.approx(1)
    logs = []
    for window in forward_windows(panel, Reading(("cases",)), most=3):
        fitted = [model.fit(window.past) for _, model in MEMBERS]
        counts, known = outcomes(window, Reading(("cases",)), fitted[0].units_)
        logs.append(np.column_stack([log_probability(counts, m.forecast(window.future))[known] for m in fitted]))
    chances = np.exp(np.concatenate(logs))

    def log_posterior(w):
        return np.log(chances @ w).sum() + np.log(w).sum()

    share = np.linspace(0.01, 0.99, 99)
    best = max(share, key=lambda w: log_posterior(np.array([w, 1 - w])))
    assert stack.weights_["population"] == pytest.approx(best, abs=0.011)


def test_where_rates_differ_the_count_outweighs_the_people():
    panel, neighbours, _ = world(level=20.0)
    weights = Stack(MEMBERS, ["cases"]).fit(panel, neighbours).weights_
    assert weights["count"] > 0.9


def test_the_expected_events_are_the_weighted_means_of_the_members():
    panel, neighbours, _ = world()
    stack = Stack(MEMBERS, ["cases"]).fit(panel, neighbours)
    members = [model.fit(panel).predict()["expected"] for _, model in MEMBERS]
    expected = stack.weights_["population"] * members[0] + stack.weights_["count"] * members[1]
    pd.testing.assert_series_equal(stack.predict()["expected"], expected)


def test_the_draws_are_those_of_the_members_by_weight():
    panel, neighbours, _ = world()
    stack = Stack([*MEMBERS, ("bayes", EmpiricalBayes(["cases"]))], ["cases"]).fit(panel, neighbours)
    draws = stack.forecast(panel)
    of_people = Population(["cases"]).fit(panel).forecast(panel)
    share = (draws == of_people).all(axis=(0, 1)).mean()
    assert share == pytest.approx(stack.weights_["population"], abs=0.006)


def test_a_past_too_short_to_foretell_gives_equal_weights():
    stack = Stack(MEMBERS, ["cases"]).fit(yearly([[1], [4]], [10, 10]))
    assert stack.weights_.tolist() == [0.5, 0.5]


def test_a_member_that_cannot_be_fitted_is_left_out_and_said():
    panel, neighbours, _ = world(level=0.3)
    stack = Stack([*MEMBERS, ("trees", BoostedTrees(["cases"]))], ["cases"]).fit(panel, neighbours)
    assert stack.weights_.index.tolist() == ["population", "count"]
    assert "500 events" in str(stack.left_out_["trees"])
    with pytest.raises(ModelError, match="None of the models"):
        Stack([("trees", BoostedTrees(["cases"]))], ["cases"]).fit(panel, neighbours)
