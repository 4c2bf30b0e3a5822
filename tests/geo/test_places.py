import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places import place

PLACE_COLUMNS = ["lon", "lat", "commune_code", "vintage", "commune", "district"]


def placed(gazetteer, *rows, **options):
    return place(pd.DataFrame(list(rows), columns=PLACE_COLUMNS), gazetteer, **options)


def one(gazetteer, row, **options):
    found = placed(gazetteer, row, **options).iloc[0]
    unit = None if pd.isna(found["unit_code"]) else found["unit_code"]
    return unit, found["placement"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"commune_code": "00001"}, ("00001", "code")),
        ({"commune_code": "00001", "vintage": "2025-07-01"}, ("00001", "code")),
        ({"commune_code": "00012", "vintage": "2020-01-01"}, ("00001", "code")),
        # The same five digits are another unit in another vintage.
        ({"commune_code": "00002"}, ("00002", "code")),
        ({"commune_code": "00002", "vintage": "2020-01-01"}, ("00003", "code")),
        ({"commune": "Xa Dung"}, ("00004", "name")),
        ({"commune": "xã mường xa"}, ("00003", "name")),
        ({"commune": "MUONG XA"}, ("00003", "name")),
        ({"commune": "Nà Tòng"}, ("00001", "name")),
        ({"commune": "Na Tông"}, ("00002", "name")),
        ({"commune": "Na Tong"}, (None, "refused")),
        ({"commune": "Nowhere"}, (None, "refused")),
        ({"commune": "Bản Hai", "vintage": "2020-01-01"}, ("00001", "name")),
        ({"commune": "Bản Một", "vintage": "2020-01-01"}, (None, "refused")),
        ({"commune": "Bản Một", "district": "Huyện Sông B", "vintage": "2020-01-01"}, ("00004", "name")),
        ({"commune": "ban mot", "district": "huyen song b", "vintage": "2020-01-01"}, ("00004", "name")),
        ({"district": "Huyện Sông A"}, (None, "unplaced")),
        ({"district": "Huyện Sông Z"}, (None, "refused")),
        ({}, (None, "unplaced")),
    ],
)
def test_codes_and_names(gazetteer, row, expected):
    assert one(gazetteer, row) == expected


def test_a_code_of_the_other_vintage_is_refused_with_the_mend(gazetteer):
    found = placed(gazetteer, {"commune_code": "00012"}).iloc[0]
    assert found["placement"] == "refused"
    assert str(found["reason"]) == "is not a code of 2025-07-01; it is one of 2020-01-01: give the vintage"
    assert one(gazetteer, {"commune_code": "00012"}, default_vintage="2020-01-01") == ("00001", "code")


def test_a_code_of_no_vintage_is_refused(gazetteer):
    found = placed(gazetteer, {"commune_code": "99999"}).iloc[0]
    assert (found["placement"], str(found["reason"])) == ("refused", "is not the code of any commune")


def test_a_unit_that_was_made_of_several_cannot_be_carried_back(gazetteer):
    old_layer = gazetteer.communes.assign(vintage="2020-01-01", commune_code=["00011", "00012", "00013", "00002"])
    back = type(gazetteer)(old_layer, gazetteer.facts, gazetteer.crosswalk, gazetteer.crs)
    assert one(back, {"commune_code": "00001", "vintage": "2025-07-01"}) == (None, "unplaced")
    assert one(back, {"commune_code": "00003", "vintage": "2025-07-01"}) == ("00002", "code")


@pytest.mark.parametrize(
    ("east", "north", "expected"),
    [
        (1, 1, ("00001", "point")),
        (9_999, 9_999, ("00001", "point")),
        (10_001, 9_999, ("00002", "point")),
        (9_999, 10_001, ("00003", "point")),
        (15_000, 15_000, ("00004", "point")),
        (10_000, 5_000, ("00001", "point")),  # on the edge between two: the smaller code
        (-90, 5_000, ("00001", "near")),
        (-110, 5_000, (None, "refused")),
    ],
)
def test_points(gazetteer, lonlat, east, north, expected):
    lon, lat = lonlat(east, north)
    assert one(gazetteer, {"lon": lon, "lat": lat}) == expected


def test_approximate_polygons_forgive_more(gazetteer, lonlat):
    lon, lat = lonlat(-2_900, 5_000)
    rough = type(gazetteer)(
        gazetteer.communes.assign(geometry_quality="approximate"), gazetteer.facts, gazetteer.crosswalk, gazetteer.crs
    )
    assert one(gazetteer, {"lon": lon, "lat": lat}) == (None, "refused")
    assert one(rough, {"lon": lon, "lat": lat}) == ("00001", "near")


def test_the_far_side_of_the_earth_is_refused_like_any_other_place(gazetteer):
    assert one(gazetteer, {"lon": -77.0, "lat": -89.9}) == (None, "refused")


some_row = st.fixed_dictionaries(
    {},
    optional={
        "commune_code": st.sampled_from(["00001", "00002", "00011", "99999"]),
        "vintage": st.sampled_from(["2020-01-01", "2025-07-01"]),
        "commune": st.sampled_from(["Xa Dung", "Na Tong", "Bản Một"]),
        "district": st.sampled_from(["Huyện Sông A", "Huyện Sông Z"]),
        "lon": st.floats(-180, 180),
        "lat": st.floats(-90, 90),
    },
)


@settings(max_examples=50)
@given(st.lists(some_row, min_size=1, max_size=8), st.randoms())
def test_each_row_is_placed_by_itself(gazetteer, rows, random):
    """No row is lost, and neither the order nor the company of rows matters."""
    found = placed(gazetteer, *rows)
    assert list(found.index) == list(range(len(rows)))
    assert set(found["placement"]) <= {"code", "point", "near", "name", "unplaced", "refused"}
    assert found["unit_code"].notna().equals(~found["placement"].isin(["unplaced", "refused"]))
    assert found.loc[found["unit_code"].isna(), "reason"].notna().all()
    order = random.sample(range(len(rows)), len(rows))
    again = placed(gazetteer, *[rows[i] for i in order])
    assert list(again["placement"]) == [found["placement"][i] for i in order]
    assert list(again["unit_code"].fillna("")) == [found["unit_code"].fillna("")[i] for i in order]
