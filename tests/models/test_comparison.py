import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.bootstrap import Estimate
from models.comparison import COLUMNS, HELD_OUT, NEGLIGIBLE, compare
from models.evaluate import as_recorded, evaluate
from models.pooled import Metric, verdict
from models.risk import RiskModel
from tests.models.test_risk import checkerboard

SIDE = 4
SEEING = RiskModel(["cases"], effort=["effort"], draws=100)
BLIND = RiskModel(["cases"], draws=100)


def panel(months=48, seed=0, level=6.0):
    """Months in which effort moves, half-way, from every other unit to the rest; the risk is the same everywhere."""
    rng = np.random.default_rng(seed)
    n = SIDE * SIDE
    index = pd.MultiIndex.from_product(
        [[f"{i:05d}" for i in range(n)], pd.period_range("2014-01", periods=months, freq="M")],
        names=["commune_code", "month"],
    )
    looked = (np.arange(n)[:, None] % 2 == 0) == (np.arange(months) < months // 2)
    effort = np.where(looked, 2.0, 0.05)
    cases = rng.poisson(level * (1 - np.exp(-0.3 * (0.1 + effort))))
    return pd.DataFrame({"cases": cases.ravel(), "effort": effort.ravel(), "population": 1000}, index=index)


@pytest.fixture(scope="module")
def compared():
    return compare(BLIND, SEEING, panel(), checkerboard(SIDE)).set_index("metric")


def test_a_model_that_does_not_know_effort_is_shown_to_be_worse_where_effort_moved(compared):
    assert list(compared.reset_index()) == list(COLUMNS)
    row = compared.loc["log_score"]
    assert row["verdict"] == "worse"
    assert row["lower"] < row["difference"] < row["upper"] < 0
    np.testing.assert_allclose(compared["difference"], compared["challenger"] - compared["incumbent"])


def test_the_numbers_are_those_of_an_evaluation_of_the_last_year(compared):
    found = evaluate({"a": BLIND, "b": SEEING}, panel(), checkerboard(SIDE), horizon=HELD_OUT, most=1)
    scores = found.scores[(found.scores["metric"] == "hit_rate") & (found.scores["budget"] == 0.1)]
    scores = scores[scores["of"] == "units"].set_index("model")["value"]
    assert compared.loc["hit_rate", "challenger"] == scores["a"]
    assert compared.loc["hit_rate", "incumbent"] == scores[as_recorded("b")] > scores["a"]


def test_the_other_way_round_the_signs_change(compared):
    turned = compare(SEEING, BLIND, panel(), checkerboard(SIDE)).set_index("metric")
    assert turned.loc["log_score", "verdict"] == "better"
    np.testing.assert_allclose(turned["difference"], -compared["difference"])
    np.testing.assert_allclose(turned["lower"], -compared["upper"])


def test_a_model_cannot_be_told_apart_from_itself():
    same = compare(BLIND, BLIND, panel(12), checkerboard(SIDE))
    assert same["verdict"].tolist() == ["not told apart"] * 2
    assert (same[["difference", "lower", "upper"]] == 0).all(axis=None)


def test_draws_of_another_number_are_no_difference():
    """The log scores of two sets of draws differ by chance, and in all months to the same side."""
    few, many = (RiskModel(["cases"], draws=draws) for draws in (40, 41))
    apart = compare(many, few, panel(level=0.1), checkerboard(SIDE)).set_index("metric").loc["log_score"]
    assert apart["difference"] != 0
    assert apart["verdict"] == "not told apart"


def test_the_smallest_difference_is_that_of_one_event(compared):
    recent = panel().loc[(slice(None), slice("2017-01", None)), "cases"]
    assert abs(compared.loc["log_score", "difference"]) > NEGLIGIBLE * recent.mean()
    assert verdict(Estimate(-0.3, -0.4, -0.2), Metric("log_score"), 0.19) == "worse"
    assert verdict(Estimate(-0.3, -0.4, -0.2), Metric("log_score"), 0.21) == "not told apart"


def test_what_cannot_be_compared_is_said():
    with pytest.raises(ModelError, match="cover 5 months; comparing two models takes at least 6"):
        compare(BLIND, SEEING, panel(5), checkerboard(SIDE))
    silent = panel(12)
    silent.loc[silent.index.get_level_values("month") >= "2014-09", "cases"] = 0
    with pytest.raises(ModelError, match="No event falls into the periods that are forecast"):
        compare(BLIND, SEEING, silent, checkerboard(SIDE))
    with pytest.raises(ModelError, match="read different counts"):
        compare(RiskModel(["cases", "absences"]), BLIND, panel().assign(absences=1), checkerboard(SIDE))
