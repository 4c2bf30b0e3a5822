import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.risk_rows import Names, learn_scales, read_rows

NAMES = Names(("cases",), "people", ("visits",), ("slope",), "unit", "month")


def panel(**changed):
    months = pd.period_range("2020-11", periods=3, freq="M")
    index = pd.MultiIndex.from_product([["b", "a"], months], names=["unit", "month"])
    columns = {
        "cases": pd.array([1, None, 0, 2, 0, 0], dtype="Int64"),
        "people": [1200, 1200, 1200, 0, 0, 600],
        "visits": [0, 1, 2, 3, 4, 8.0],
        "slope": [1.0] * 3 + [3.0] * 3,
    }
    return pd.DataFrame(columns | changed, index=index)


def rows(table, names=NAMES):
    return read_rows(table, names, learn_scales(table, names))


def test_rows_become_arrays_by_unit_and_period():
    data = rows(panel())
    assert data.units.tolist() == ["b", "a"]
    assert data.periods.astype(str).tolist() == ["2020-11", "2020-12", "2021-01"]
    assert data.years == 1 / 12
    np.testing.assert_array_equal(data.rows.counts, [[[1, -1, 0], [2, 0, 0]]])
    np.testing.assert_allclose(data.exposure, [[100, 100, 100], [0, 0, 50]])
    np.testing.assert_allclose(data.rows.effort, [[[0, 1 / 3, 2 / 3], [1, 4 / 3, 8 / 3]]])
    np.testing.assert_allclose(data.rows.covariates, [[-1], [1]])
    np.testing.assert_allclose(data.rows.time[:, 0], [0, 1 / 12, 2 / 12])
    np.testing.assert_allclose(data.rows.time[2, 1:], [1, 0])  # January


def test_rows_in_any_order_and_months_that_are_lacking():
    table = panel().reset_index().iloc[[4, 0, 5, 2]]  # unit a comes first here
    data = rows(table)
    assert data.units.tolist() == ["a", "b"]
    np.testing.assert_array_equal(data.rows.counts, [[[-1, 0, 0], [1, -1, 0]]])
    assert np.isneginf(data.rows.log_exposure[0, 0])  # nothing is known of it


def test_quarters_years_and_numbers_have_their_length():
    for periods, years, functions in (
        (pd.period_range("2020Q1", periods=3, freq="Q"), 0.25, 3),
        (pd.period_range("2020", periods=3, freq="Y"), 1.0, 1),
        ([1.0, 2.0, 4.0], 1.0, 1),
    ):
        table = panel()
        table.index = pd.MultiIndex.from_product([["b", "a"], periods], names=["unit", "month"])
        data = rows(table)
        assert (data.years, data.rows.time.shape[1]) == (years, functions)


def test_a_missing_covariate_is_the_mean_and_is_told():
    data = rows(
        panel(slope=[np.nan] * 3 + [3.0] * 3, other=[1.0] * 3 + [2.0] * 3),
        NAMES._replace(covariates=("other", "slope")),
    )
    assert data.rows.covariates.tolist() == [[-1.0], [1.0]]  # slope is the same wherever it is known: it says nothing
    three = pd.concat([panel(), panel(slope=[np.nan] * 6).rename(index={"b": "c", "a": "d"})])
    data = rows(three)
    assert data.missing.tolist() == ["c", "d"]
    np.testing.assert_allclose(data.rows.covariates[:, 0], [-1, 1, 0, 0])


def test_columns_that_are_the_same_everywhere_are_dropped_and_named():
    table = panel(visits=[2.0] * 6, slope=[1.0] * 6)
    scales = learn_scales(table, NAMES)
    assert scales.dropped == ("visits", "slope")
    assert read_rows(table, NAMES, scales).rows.effort.shape == (0, 2, 3)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cases": [1, 2, -1, 0, 0, 0]}, "cases must hold finite numbers of at least 0"),
        ({"cases": [1, 2, 0.5, 0, 0, 0]}, "cases must hold whole numbers"),
        ({"people": [1, np.nan, 1, 1, 1, 1]}, "people has missing values; only counts may be missing"),
        ({"visits": [0, 0, np.inf, 0, 0, 0]}, "visits must hold finite numbers"),
        ({"slope": [0, 1, 0, 0, 0, 0]}, "slope changes within a unit"),
        ({"slope": [np.inf] * 3 + [0] * 3}, "slope must be finite, or missing"),
    ],
)
def test_what_columns_must_not_hold_is_said(changed, message):
    with pytest.raises(ModelError, match=message):
        learn_scales(panel(**changed), NAMES)


def test_missing_columns_doubled_rows_and_strange_units_are_said():
    with pytest.raises(ModelError, match="lacks the columns slope"):
        learn_scales(panel().drop(columns="slope"), NAMES)
    with pytest.raises(ModelError, match="no row"):
        learn_scales(panel().iloc[:0], NAMES)
    with pytest.raises(ModelError, match="more than one row of some unit and month"):
        learn_scales(pd.concat([panel(), panel()]), NAMES)
    with pytest.raises(ModelError, match="3 rows are of units that the model was not fitted on"):
        read_rows(panel(), NAMES, learn_scales(panel(), NAMES), ["a"])
    daily, days = panel(), pd.period_range("2020-01-01", periods=3, freq="D")
    daily.index = pd.MultiIndex.from_product([["b", "a"], days], names=["unit", "month"])
    with pytest.raises(ModelError, match="must be months, quarters or years"):
        rows(daily)


@pytest.mark.parametrize("periods", [["2020-01", "2020-02", "2020-03"], pd.date_range("2020-01-01", periods=3)])
def test_periods_that_are_texts_or_days_are_refused(periods):
    table = panel()
    table.index = pd.MultiIndex.from_product([["b", "a"], periods], names=["unit", "month"])
    with pytest.raises(ModelError, match="Periods must be pandas Periods, or numbers of years; got"):
        rows(table)


def test_rows_of_no_unit_are_refused():
    table = panel().reset_index()
    table.loc[2, "unit"] = None
    with pytest.raises(ModelError, match="1 rows have no unit or no month"):
        learn_scales(table, NAMES)


def test_people_are_as_usual_where_a_row_is_missing_or_says_nobody():
    np.testing.assert_allclose(rows(panel()).usual_exposure, [[100, 100, 100], [50, 50, 50]])
