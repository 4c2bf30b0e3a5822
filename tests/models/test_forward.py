import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.forward import Reading, forward_windows, outcomes
from tests.models.areal_panel import yearly

CASES = Reading(("cases",), ("effort",))


def monthly(years=3):
    months = pd.period_range("2015-01", periods=12 * years, freq="M")
    index = pd.MultiIndex.from_product([["a", "b"], months], names=["commune_code", "month"])
    cases = np.arange(len(index))
    return pd.DataFrame({"cases": cases, "population": 10, "effort": np.repeat([1.0, 3.0], 12 * years)}, index=index)


def spans(windows):
    return [(str(w.past["month"].max()), str(w.first), str(w.last)) for w in windows]


def test_windows_are_years_up_to_the_last_period_after_two_years():
    assert spans(forward_windows(monthly(4), CASES)) == [
        ("2016-12", "2017-01", "2017-12"),
        ("2017-12", "2018-01", "2018-12"),
    ]


def test_where_there_are_not_two_years_one_horizon_is_left_to_forecast():
    assert spans(forward_windows(monthly(2), CASES)) == [("2015-12", "2016-01", "2016-12")]
    assert spans(forward_windows(monthly(2)[lambda t: t.index.get_level_values(1) < "2016-02"], CASES)) == [
        ("2015-01", "2015-02", "2016-01")
    ]


def test_horizon_and_most_are_kept():
    windows = forward_windows(monthly(2), CASES, horizon=3, least=12, most=2)
    assert spans(windows) == [("2016-06", "2016-07", "2016-09"), ("2016-09", "2016-10", "2016-12")]


def test_the_future_has_no_counts_and_efforts_go_on_as_in_the_last_year():
    panel = monthly(3)
    panel.loc[("a", "2017-05"), "effort"] = 99.0
    panel.loc[("a", "2016-05"), "effort"] = 13.0
    window = next(forward_windows(panel, CASES))
    assert window.future["cases"].isna().all()
    by_unit = window.future.groupby("commune_code")["effort"].unique()
    assert by_unit["a"].tolist() == [2.0]  # (11 · 1 + 13) / 12
    assert by_unit["b"].tolist() == [3.0]
    assert window.outcome["cases"].tolist() == [*range(24, 36), *range(60, 72)]


def test_years_are_numbers_too():
    panel = yearly([[1, 2, 3], [4, 5, 6]], [10, 10]).reset_index()
    panel["month"] = panel["month"].dt.year
    window = list(forward_windows(panel, Reading(("cases",))))[-1]
    assert (window.first, window.last) == (2017, 2017)


def test_outcomes_are_known_where_all_streams_are():
    panel = yearly([[1, 2, 3], [4, 5, 6]], [10, 10]).assign(absences=pd.array([0, 0, 1, 1, 1, None], dtype="Int64"))
    reading = Reading(("cases", "absences"))
    window = list(forward_windows(panel, reading))[-1]
    counts, known = outcomes(window, reading, pd.Index(["u1", "u0"]))
    assert known.tolist() == [[False], [True]]
    assert counts.tolist() == [[0], [4]]


def test_a_panel_too_short_says_how_long_it_must_be():
    with pytest.raises(ModelError, match="needs 2; the panel has 1"):
        list(forward_windows(yearly([[1]], [10]), Reading(("cases",))))
    with pytest.raises(ModelError, match="lacks the columns effort"):
        list(forward_windows(yearly([[1]], [10]), CASES))


def test_a_unit_without_a_past_is_an_error():
    panel = yearly([[1, 2, 3], [4, 5, 6]], [10, 10])
    with pytest.raises(ModelError, match="1 units have no row before 2017"):
        list(forward_windows(panel.drop(("u1", "2015")).drop(("u1", "2016")), Reading(("cases",))))
