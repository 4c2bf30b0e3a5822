import numpy as np
import pandas as pd
import pytest

from models.errors_by_kind import by_kind, sums_by_unit, thirds
from models.forward import Reading, forward_windows
from models.risk import RiskModel


def rng():
    return np.random.default_rng(0)


def sums(**columns):
    n = 90
    given = {"recorded": 10.0, "forecast": 10.0, "expected": 12.0, "hits": 4.0, "sessions": 24.0}
    return pd.DataFrame({name: np.full(n, value) for name, value in (given | columns).items()})


def kinds():
    return {"population": pd.Series(np.repeat(["low", "middle", "high"], 30))}


def rows(table, measure):
    return table[table["measure"] == measure].set_index("group")


def test_groups_that_are_served_alike_have_ratios_of_one():
    table = by_kind(sums(), kinds(), rng())
    assert len(table) == 9
    assert table["ratio"].to_numpy() == pytest.approx(1.0)
    assert set(table["verdict"]) == {"alike"}
    assert rows(table, "effort")["value"].tolist() == pytest.approx([2.0] * 3)


def test_a_group_whose_forecasts_are_twice_what_came_is_named():
    recorded = np.repeat([5.0, 10.0, 10.0], 30)
    calibration = rows(by_kind(sums(recorded=recorded, hits=0.4 * recorded), kinds(), rng()), "calibration")
    assert calibration["ratio"].tolist() == pytest.approx([0.6, 1.2, 1.2])
    assert calibration["verdict"].tolist() == ["outside", "alike", "alike"]


def test_few_events_make_an_interval_that_reaches_into_the_band():
    recorded = rng().poisson(0.05, 90).astype(float)
    recorded[:30] = 0.0
    recorded[:2] = 1.0
    calibration = rows(by_kind(sums(recorded=recorded, forecast=0.05), kinds(), rng()), "calibration")
    assert (calibration["upper"] - calibration["lower"] > 0.5).all()


def test_no_hit_at_all_may_be_chance_where_events_are_few():
    hits = np.repeat([0.0, 4.0, 4.0], 30)
    few = by_kind(sums(recorded=0.1, hits=hits / 100), kinds(), rng())
    many = by_kind(sums(hits=hits), kinds(), rng())
    assert rows(few, "hit_rate").loc["low", ["ratio", "verdict"]].tolist() == [0.0, "perhaps chance"]
    assert rows(many, "hit_rate").loc["low", ["ratio", "verdict"]].tolist() == [0.0, "outside"]


def test_a_group_without_an_event_cannot_be_judged():
    recorded = np.repeat([0.0, 10.0, 10.0], 30)
    table = rows(by_kind(sums(recorded=recorded, hits=0.4 * recorded), kinds(), rng()), "hit_rate")
    assert table["verdict"].tolist() == ["cannot be told", "alike", "alike"]


def test_thirds_are_of_one_size_and_equal_values_stay_together():
    assert thirds(pd.Series(range(9))).value_counts().to_dict() == {"low": 3, "middle": 3, "high": 3}
    assert set(thirds(pd.Series([1.0] * 5))) == {"low"}


def test_sums_are_those_of_the_years_after_what_the_model_saw():
    units, months = [f"{i:05d}" for i in range(12)], pd.period_range("2014-01", periods=48, freq="M")
    index = pd.MultiIndex.from_product([units, months], names=["commune_code", "month"])
    draws = np.random.default_rng(4)
    counts = draws.poisson(np.repeat(np.linspace(0.05, 1.0, 12), 48))
    table = pd.DataFrame({"cases": counts, "population": 1000, "sessions": 2}, index=index)
    found = sums_by_unit(RiskModel(["cases"], draws=100), table, None, lambda *_: None)
    later = table[table.index.get_level_values("month") >= months[24]]
    assert found["recorded"].tolist() == later.groupby("commune_code")["cases"].sum().tolist()
    assert (found["sessions"] == 48).all()
    assert found["forecast"].sum() == pytest.approx(later["cases"].sum(), rel=0.15)
    # Two of twelve are the first tenth, rounded up, in each of two years.
    assert 1 <= (found["hits"] > 0).sum() <= 4
    assert (found["hits"] <= found["recorded"]).all()
    assert len(list(forward_windows(table, Reading(("cases",))))) == 2
