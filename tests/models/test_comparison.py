import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.comparison import COLUMNS, HELD_OUT, compare
from models.risk import RiskModel
from tests.models.test_risk import checkerboard

SIDE = 4
SEEING = RiskModel(["cases"], effort=["effort"], draws=100)
BLIND = RiskModel(["cases"], draws=100)


def panel(months=36, seed=0, level=12.0):
    """Months in which effort comes and goes, and with it what is noticed of a risk that is the same throughout."""
    rng = np.random.default_rng(seed)
    n = SIDE * SIDE
    index = pd.MultiIndex.from_product(
        [[f"{i:05d}" for i in range(n)], pd.period_range("2015-01", periods=months, freq="M")],
        names=["commune_code", "month"],
    )
    effort = np.where(rng.random((n, months)) < 0.5, 0.05, 2.0)
    risk = np.linspace(0.2, 2.0, n)[:, None]
    cases = rng.poisson(level * risk * (1 - np.exp(-0.3 * (0.1 + effort))))
    return pd.DataFrame({"cases": cases.ravel(), "effort": effort.ravel(), "population": 1000}, index=index)


@pytest.fixture(scope="module")
def compared():
    return compare(BLIND, SEEING, panel(), checkerboard(SIDE)).set_index("metric")


def test_a_model_that_does_not_know_effort_is_shown_to_be_worse(compared):
    row = compared.loc["log_score"]
    assert row["verdict"] == "worse"
    assert row["lower"] < row["difference"] < row["upper"] < 0
    assert row["difference"] == pytest.approx(row["challenger"] - row["incumbent"])


def test_the_numbers_are_those_of_a_fit_to_the_months_before(compared):
    table = panel()
    months = table.index.get_level_values("month")
    past, future = table[months < "2017-01"], table[months >= "2017-01"]
    assert future.index.unique("month").size == HELD_OUT
    fitted = RiskModel(["cases"], draws=100).fit(past, checkerboard(SIDE))
    assert compared.loc["log_score", "challenger"] == pytest.approx(fitted.log_score(future).mean())
    first = fitted.predict()["expected"].nlargest(2).index  # a tenth of 16 units, rounded up
    hits = future["cases"][future.index.get_level_values("commune_code").isin(first)].sum()
    assert compared.loc["hit_rate", "challenger"] == pytest.approx(hits / future["cases"].sum())


def test_the_other_way_round_the_signs_change(compared):
    turned = compare(SEEING, BLIND, panel(), checkerboard(SIDE)).set_index("metric")
    assert list(turned.reset_index()) == list(COLUMNS)
    assert turned.loc["log_score", "verdict"] == "better"
    np.testing.assert_allclose(turned["difference"], -compared["difference"])
    np.testing.assert_allclose(turned["lower"], -compared["upper"])


def test_a_model_cannot_be_told_apart_from_itself():
    same = compare(BLIND, BLIND, panel(12), checkerboard(SIDE))
    assert same["verdict"].tolist() == ["not told apart"] * 2
    assert (same[["difference", "lower", "upper"]] == 0).all(axis=None)


def test_models_of_other_counts_are_compared_by_hits_alone():
    table = panel(12).assign(absences=1)
    both = RiskModel(["cases", "absences"], draws=50)
    assert compare(both, BLIND, table, checkerboard(SIDE))["metric"].tolist() == ["hit_rate"]


def test_what_cannot_be_compared_is_said():
    with pytest.raises(ModelError, match="cover 5 months; comparing two models takes at least 6"):
        compare(BLIND, SEEING, panel(5), checkerboard(SIDE))
    silent = panel(12)
    silent.loc[silent.index.get_level_values("month") >= "2015-09", "cases"] = 0
    with pytest.raises(ModelError, match="Nothing is recorded in the last 4 months"):
        compare(BLIND, SEEING, silent, checkerboard(SIDE))
