import pytest

from geo.intake.mends import likely
from geo.schema import ABSENCES, CASES


@pytest.mark.parametrize(
    ("cell", "bands"),
    [
        ("12-17", "12-15 / 16-17"),
        ("12 đến 15 tuổi", "12-15"),
        ("14", "12-15"),
        ("41 tuổi", "40+"),
        ("39 - 41", "25-39 / 40+"),
        ("2017-12-15", "12-15"),
        ("2017-11-06", "6-11"),
        ("2017-03-31", None),
        ("trẻ em", None),
        (None, None),
    ],
)
def test_ages_are_told_the_bands_that_they_lie_in(cell, bands):
    assert likely(cell, ABSENCES.columns["age_band"]) == bands


@pytest.mark.parametrize(
    ("cell", "vintage"),
    [("1/7/2025", "2025-07-01"), ("2021", "2020-01-01"), ("2024-12-31", "2025-07-01"), ("cũ", None)],
)
def test_a_day_is_told_the_nearest_vintage(cell, vintage):
    assert likely(cell, CASES.columns["vintage"]) == vintage


def test_a_column_of_free_text_proposes_nothing():
    assert likely("cửa khẩu", CASES.columns["crossing_id"]) is None
