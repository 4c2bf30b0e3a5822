from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import SchemaError
from geo.intake.evidence import PRIOR_ROWS
from geo.intake.spans import PRECISIONS, PRIOR_DAYS, STEPS, WINDOW_DAYS, Spans, spans


def days(*text):
    return np.array(text, dtype="datetime64[D]").astype(np.int64)


@pytest.mark.parametrize(
    ("precision", "first", "last"),
    [
        ("day", "2016-02-10", "2016-02-10"),
        (None, "2016-02-10", "2016-02-10"),
        ("month", "2016-02-01", "2016-02-29"),
        ("quarter", "2016-01-01", "2016-03-31"),
        ("half_year", "2016-01-01", "2016-06-30"),
        ("year", "2016-01-01", "2016-12-31"),
    ],
)
def test_a_date_stands_for_the_days_of_its_period(precision, first, last):
    found = spans(pd.Series(pd.to_datetime(["2016-02-10"])), pd.Series([precision], dtype="str"))
    assert [list(side) for side in found] == [list(days(first)), list(days(last))]


def test_a_missing_date_stands_for_none():
    found = spans(pd.Series(pd.to_datetime([None, "2016-02-10"])), pd.Series(["month", "month"]))
    assert found[0].tolist() == [-1, days("2016-02-01")[0]]
    assert found[1].tolist() == [-1, days("2016-02-29")[0]]


def test_an_unknown_precision_is_refused_by_name():
    with pytest.raises(SchemaError, match="date_precision is not one of: day, month, quarter, half_year, year"):
        spans(pd.Series(pd.to_datetime(["2016-02-10"])), pd.Series(["week"], name="date_precision"))


def likelihood_by_days(one, other):
    """Mean over all pairs of days of how often two reports of one case differ by so many days."""
    inner, widths = 0, []
    for reach, share in STEPS:
        widths.append((reach, share / (2 * reach + 1 - inner)))
        inner = 2 * reach + 1
    beyond = (1 - sum(share for _, share in STEPS)) / PRIOR_DAYS

    def f(apart):
        return beyond + next((each for reach, each in widths if abs(apart) <= reach), 0.0)

    pairs = product(range(one[0], one[1] + 1), range(other[0], other[1] + 1))
    return np.mean([f(a - b) for a, b in pairs])


day = st.integers(10_000, 10_200)
span = st.tuples(day, st.integers(0, 120)).map(lambda pair: (pair[0], sum(pair)))


@given(st.lists(span, min_size=2, max_size=6))
def test_the_weight_is_the_mean_over_all_pairs_of_days_by_the_density_of_rows(rows):
    first, last = np.array(rows).T
    n = len(rows)
    density = []
    for begin, end in rows:
        near = sum(begin - WINDOW_DAYS <= (a + b) // 2 <= end + WINDOW_DAYS for a, b in rows)
        length = end - begin + 1 + 2 * WINDOW_DAYS
        density.append((max(near - 2, 0) + PRIOR_ROWS * length / PRIOR_DAYS) / ((n - 2 + PRIOR_ROWS) * length))
    a, b = np.triu_indices(n, 1)
    expected = [
        np.log2(likelihood_by_days(rows[i], rows[j]) / max(density[i], density[j])) for i, j in zip(a, b, strict=True)
    ]
    np.testing.assert_allclose(Spans(first, last).weigh(a, b), expected, rtol=1e-9, atol=1e-9)


def test_the_coarser_a_date_the_less_it_says():
    dates = pd.Series(pd.to_datetime(["2016-02-10"] * 6))
    weights = Spans(*spans(dates, pd.Series(["day", *PRECISIONS]))).weigh(np.zeros(5, dtype=int), np.arange(1, 6))
    assert (np.diff(weights) < 0).all()
    assert weights[-1] > 0


def test_what_is_said_of_two_dates():
    dates = pd.Series(pd.to_datetime(["2016-02-10", "2016-02-10", "2016-02-12", "2016-02-01", "2016-03-04", None]))
    precision = pd.Series(["day", "day", "day", "month", "day", "day"])
    said = Spans(*spans(dates, precision)).explain(np.array([0, 0, 0, 3, 0]), np.array([1, 2, 3, 4, 5]))
    assert [str(message) for message in said] == [
        "same day",
        "2 days apart",
        "may be the same day, one date is not known to the day",
        "at least 4 days apart, one date is not known to the day",
        "None",
    ]
