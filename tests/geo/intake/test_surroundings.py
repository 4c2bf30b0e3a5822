from dataclasses import replace

import numpy as np
import pandas as pd

from geo.intake.surroundings import Places, Surroundings
from tests.conftest import commune_layer, square

BESIDE = pd.DataFrame({"unit_a": ["00001", "00002"], "unit_b": ["00002", "00001"]})
AROUND = pd.DataFrame({"unit_code": ["00001", "00002", "00002"], "district": ["song a", "song a", "song b"]})


def said(rows, a, b, surroundings):
    table = pd.DataFrame(rows)
    places = Places(table, table["unit"].astype("str"), surroundings)
    return [message and str(message) for message in places.explain(np.array(a), np.array(b))]


def test_neighbours_are_the_units_that_touch(gazetteer):
    found = Surroundings.of(gazetteer).neighbours
    pairs = set(zip(found["unit_a"], found["unit_b"], strict=True))
    codes = ["00001", "00002", "00003", "00004"]
    assert pairs == {(a, b) for a in codes for b in codes if a != b}, "four squares meet in one corner"


def test_approximate_polygons_touch_across_a_gap(gazetteer):
    apart = [square(0, 0), square(1.2, 0), square(0, 5), square(1.5, 5)]
    layer = commune_layer(apart, quality="approximate")
    found = Surroundings.of(replace(gazetteer, communes=layer)).neighbours
    assert found.to_numpy().tolist() == [["00001", "00002"], ["00002", "00001"]]


def test_districts_of_former_units_are_carried_to_the_units_that_hold_them(gazetteer):
    found = Surroundings.of(gazetteer).districts
    assert set(map(tuple, found.to_numpy())) == {
        ("00001", "song a"), ("00002", "song a"), ("00003", "song b"), ("00004", "song b"),
    }  # fmt: skip


def test_what_is_said_of_two_places():
    unit = ["00001", "00001", "00002", "00003", None, None, None, None]
    district = [None, None, None, None, "Huyện Sông A", "SONG A", "Sông B", None]
    found = said(
        {"unit": unit, "district": district},
        [0, 0, 0, 0, 2, 4, 0, 4, 0],
        [1, 2, 3, 4, 6, 5, 6, 6, 7],
        Surroundings(BESIDE, AROUND),
    )
    vague = "same district, one commune is not known"
    assert found == [
        "same commune", "neighbouring communes", "different places", vague, vague, vague,
        "different places", "different places", None,
    ]  # fmt: skip


def test_near_points_are_one_place_across_the_edge_of_communes(lonlat):
    (lon, lat), (near, _), (far, _) = lonlat(9_000, 5_000), lonlat(10_900, 5_000), lonlat(11_200, 5_000)
    rows = {"unit": ["00001", "00002", "00002"], "lon": [lon, near, far], "lat": [lat] * 3}
    assert said(rows, [0, 0], [1, 2], Surroundings(BESIDE)) == ["same commune", "neighbouring communes"]


def test_a_point_without_a_commune_says_nothing():
    rows = {"unit": ["00001", None], "lon": [103.0, 103.0], "lat": [21.4, 21.4]}
    assert said(rows, [0], [1], Surroundings()) == [None]


def test_a_district_says_less_the_more_rows_lie_in_it():
    def weight(inside):
        unit = ["00001", None, *["00001", "00002"] * inside, *["00003"] * (40 - 2 * inside)]
        table = pd.DataFrame({"unit": pd.Series(unit, dtype="str"), "district": ["", "Sông A", *[""] * 40]})
        table["district"] = table["district"].replace("", None)
        return Places(table, table["unit"], Surroundings(BESIDE, AROUND)).weigh(np.array([0]), np.array([1]))[0]

    # 0.9 by the share in the district of the 40 other rows and ten stated ones of which one is in it.
    np.testing.assert_allclose([weight(2), weight(10)], np.log2(0.9 * 50 / np.array([4 + 1, 20 + 1])), rtol=1e-12)
