import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.intake.sums import covering, repeated_on_sheets

COLUMNS = ["date", "date_precision", "commune", "district", "victims", "source"]


def cases(*rows):
    """Return typed rows of date, precision, commune, district, victims; all of one office."""
    table = pd.DataFrame([[*row, "police"] for row in rows], columns=COLUMNS)
    texts = dict.fromkeys(["date_precision", "commune", "district", "source"], "str")
    return table.astype({"date": "datetime64[ns]", "victims": "Int64"} | texts)


def sums_of(*rows):
    """Return the rows that may be sums, each with the number of its parts, and those that count beside others."""
    found = covering(cases(*rows), "cases")
    return found.parts.to_dict(), found.besides.tolist()


def test_a_year_and_a_half_are_covered_by_the_quarters_once():
    rows = [
        ("2017-01-01", "quarter", "Sín Thầu", None, 1),
        ("2017-04-01", "quarter", "Xã Sín Thầu", None, 2),
        ("2017-01-01", "half_year", "Sín Thầu", None, 3),
        ("2017-01-01", "year", "Sín Thầu", None, 3),
        ("2017-01-01", "year", "Nậm Kè", None, 3),
        ("2018-01-01", "year", "Sín Thầu", None, 3),
    ]
    assert sums_of(*rows) == ({2: 2, 3: 2}, [])


@pytest.mark.parametrize(("victims", "found"), [(2, ({2: 2}, [])), (3, ({}, [2])), (1, ({}, [2]))])
def test_a_month_may_be_the_sum_of_its_days_only_if_it_counts_as_much(victims, found):
    days = ("2017-03-04", None, "Sín Thầu", None, 1), ("2017-03-31", None, "Sín Thầu", None, 1)
    assert sums_of(*days, ("2017-03-01", "month", "Sín Thầu", None, victims)) == found
    assert sums_of(*days, ("2017-04-01", "month", "Sín Thầu", None, victims)) == ({}, [])


def test_a_district_may_be_the_sum_of_its_communes_in_its_time():
    communes = (
        ("2017-07-01", "quarter", "Sín Thầu", "Mường Nhé", 3),
        ("2017-10-01", "quarter", "Nậm Kè", "Huyện Mường Nhé", 2),
    )
    assert sums_of(*communes, ("2017-07-01", "quarter", None, "Mường Nhé", 4)) == ({2: 1}, [])
    assert sums_of(*communes, ("2017-01-01", "year", None, "Mường Nhé", 5)) == ({2: 2}, [])
    assert sums_of(*communes, ("2017-01-01", "year", None, "Nậm Pồ", 5)) == ({}, [])
    assert sums_of(*communes, ("2017-01-01", "year", None, None, 5)) == ({}, [])


def test_rows_of_other_offices_are_no_parts():
    rows = cases(("2017-01-01", "quarter", "Sín Thầu", None, 1), ("2017-01-01", "year", "Sín Thầu", None, 1))
    assert covering(rows, "cases").parts.to_dict() == {1: 1}
    rows["source"] = ["police", "hotline"]
    assert covering(rows, "cases").parts.empty


@settings(max_examples=25)
@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order):
    rows = cases(
        ("2017-01-01", "quarter", "Sín Thầu", "Mường Nhé", 1),
        ("2017-02-03", None, "Sín Thầu", "Mường Nhé", 1),
        ("2017-02-05", None, "Sín Thầu", "Mường Nhé", 2),
        ("2017-02-01", "month", "Sín Thầu", "Mường Nhé", 3),
        ("2017-01-01", "year", None, "Mường Nhé", 4),
        ("2017-01-01", "year", "Sín Thầu", "Mường Nhé", 4),
    )
    one, other = covering(rows, "cases"), covering(rows.iloc[order], "cases")
    assert one.parts.to_dict() == other.parts.to_dict() == {3: 2, 4: 3, 5: 3}
    assert one.besides.tolist() == other.besides.tolist() == [0]


def test_a_row_of_a_later_sheet_repeats_that_of_an_earlier_one():
    rows = cases(*[("2017-03-04", None, name, None, 1) for name in ("Sín Thầu", "Sín Thầu", "xã Sín Thầu", "Nậm Kè")])
    assert repeated_on_sheets(rows, pd.Series([0, 0, 1, 1])).to_dict() == {2: 0}
    assert repeated_on_sheets(rows, pd.Series([0, 0, 0, 1])).empty
