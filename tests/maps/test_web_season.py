import json

import numpy as np
import pandas as pd
import pytest

from geo.season import MONTHS, Season
from maps.palette import MONTHS as TONES
from maps.web_season import season_data


def season(rows, years=5, undated=0):
    """Counts by month, a row for each commune."""
    codes = [f"{i:05}" for i in range(1, len(rows) + 1)]
    return Season(pd.DataFrame(rows, codes, MONTHS), pd.Series(years, MONTHS), undated)


def test_three_months_count_together_round_the_turn_of_the_year():
    data = season_data(season([[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]]), ["00001"])
    assert data["classes"] == ["320000000023"]
    assert data["legend"] == [
        {"colour": "#ffffff", "low": 0, "high": 0},
        {"colour": TONES[0], "low": 1, "high": 2},
        {"colour": TONES[2], "low": 4, "high": 5},
        {"colour": TONES[3], "low": 9, "high": 9},
    ]


def test_one_record_and_two_cannot_be_told_apart_anywhere():
    one, two = ([[n] + [0] * 11, [0] * 6 + [9] + [0] * 5] for n in (1, 2))
    assert json.dumps(season_data(season(one), ["00001", "00002"])["classes"]) == json.dumps(
        season_data(season(two), ["00001", "00002"])["classes"]
    )
    alone = [season_data(season([row]), ["00001"]) for row in ([1] + [0] * 11, [2] + [0] * 11)]
    assert alone[0] == alone[1]


def test_totals_are_told_where_each_month_has_more_than_a_few():
    """Two records in April could be found as the difference of totals."""
    enough = [[1, 2, 3] * 4, [2, 1, 0] * 4]
    data = season_data(season(enough), ["00001", "00002"])
    assert (data["totals"], data["all"]) == ([9] * 12, 36)
    enough[0][3] = 0
    data = season_data(season(enough), ["00001", "00002"])
    assert (data["totals"], data["all"]) == (None, None)


def test_the_communes_stand_in_the_pages_order_and_unknown_ones_had_none():
    data = season_data(season([[3] * 12, [0] * 12]), ["00002", "new", "00001"])
    assert data["classes"][:2] == ["0" * 12] * 2
    assert set(data["classes"][2]) == {"2"}


def test_nothing_recorded_has_no_season():
    assert season_data(season([[0] * 12]), ["00001"]) is None


@pytest.mark.parametrize(
    ("rows", "differ"),
    [
        ([[5] * 12], False),
        ([[40, *[5] * 11]], True),
        ([[40, *[0] * 11]], False),  # too few to tell
    ],
)
def test_it_says_whether_months_differ_more_than_by_chance(rows, differ):
    assert season_data(season(rows, undated=7), ["00001"])["differ"] is differ
    assert season_data(season(rows, undated=7), ["00001"])["undated"] == 7


def test_classes_hold_the_counts_that_their_legend_says():
    counts = np.random.default_rng(3).poisson(1.5, (40, 12))
    codes = [f"{i:05}" for i in range(1, 41)]
    data = season_data(season(counts), codes)
    together = counts + np.roll(counts, 1, axis=1) + np.roll(counts, -1, axis=1)
    for row, classes in zip(together, data["classes"], strict=True):
        for count, digit in zip(row, classes, strict=True):
            assert data["legend"][int(digit)]["low"] <= count <= data["legend"][int(digit)]["high"]
