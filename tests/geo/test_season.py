import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geo.panel import build_panel
from geo.season import MONTHS, season_of

START, END = pd.Period("2016-01"), pd.Period("2017-06")


def cases(*rows):
    """Rows of (date, commune, precision)."""
    dates, codes, precision = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "case_id": [str(i) for i in range(len(rows))],
            "date": pd.to_datetime(list(dates)),
            "date_precision": precision,
            "commune_code": codes,
            "vintage": "2025-07-01",
        }
    )


@pytest.fixture
def records():
    absences = pd.DataFrame(
        {
            "absence_id": list("ab"),
            "reported_on": pd.Timestamp("2017-02-10"),
            "commune_code": "00001",
            "status": ["open", "returned"],
        }
    )
    rows = [
        ("2016-02-01", "00001", "day"),
        ("2017-02-28", "00001", "month"),
        ("2016-12-24", "00004", None),
        ("2017-01-01", "00004", "quarter"),
        ("2015-02-01", "00001", "day"),
        ("2016-05-01", None, "day"),
    ]
    return {"cases": cases(*rows), "absences": absences}


@pytest.fixture
def season(communes, records, gazetteer):
    return season_of(build_panel(communes, records, gazetteer, START, END))


def test_years_come_together_and_what_does_not_count_is_left_out(season, communes):
    """Of February two cases and the open absence; neither the year before the period nor the returned one."""
    assert season.counts.columns.equals(MONTHS)
    assert season.counts.index.tolist() == communes["commune_code"].tolist()
    assert season.counts.loc["00001"].to_dict() == {month: 3 * (month == 2) for month in MONTHS}
    assert season.counts.loc["00004", 12] == 1
    assert season.counts.to_numpy().sum() == 4


def test_an_event_of_which_only_the_quarter_is_known_is_in_no_month_but_told(season):
    assert season.undated == 1


def test_months_of_a_broken_year_are_seen_less_often(season):
    assert season.years.to_dict() == {month: 2 if month <= 6 else 1 for month in MONTHS}


def test_chance_is_pearsons_test_weighted_by_how_often_a_month_was_seen(season):
    observed = np.zeros(12)
    observed[[1, 11]] = 3, 1
    expected = 4 * np.array([2] * 6 + [1] * 6) / 18
    statistic = ((observed - expected) ** 2 / expected).sum()
    assert season.chance() == pytest.approx(stats.chi2.sf(statistic, 11))


def test_even_months_are_chance(season):
    even = dataclasses.replace(season, counts=season.counts * 0 + season.years)
    assert even.chance() == pytest.approx(1)
    assert dataclasses.replace(season, counts=season.counts * 0).chance() == 1


def test_a_panel_without_records_of_a_table_counts_the_other(communes, records, gazetteer):
    only = build_panel(communes, {"absences": records["absences"]}, gazetteer, START, END)
    assert season_of(only).counts.to_numpy().sum() == 1
