from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places import PLACEMENTS, place, restore_zeros, vintage_doubts
from geo.schema import PLACE

PLACE_COLUMNS = list(PLACE)


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
        ({"commune": "Muờng-Xạ"}, ("00003", "name")),
        ({"commune": "x.Mường Sa"}, ("00003", "name")),
        ({"commune": "Bản Hai"}, ("00001", "name")),  # only the old vintage has it
        ({"commune": "Bản Hai", "vintage": "2025-07-01"}, (None, "refused")),
        ({"commune": "Bản Một"}, (None, "refused")),  # twice in the old vintage
        ({"commune": "Bản Một", "district": "Sông B"}, ("00004", "name")),
        ({"commune": "Bản Một", "district": "Huyện Sông Z"}, (None, "refused")),
        ({"commune": "Mường Xxa"}, ("00003", "fuzzy")),
        ({"commune": "Mường Xxa", "district": "Sông B"}, ("00003", "fuzzy")),
        ({"commune": "Mường Xxa", "district": "Sông A"}, (None, "refused")),
        ({"commune": "Na Tôngg"}, (None, "refused")),  # like two that fold alike
        ({"commune": "Huyện Sông A"}, (None, "unplaced")),
        ({"commune": "Sông A"}, (None, "unplaced")),
        ({"commune": "Huyện Sông Z"}, (None, "refused")),
        ({"village": "Bản Trên"}, (None, "unplaced")),
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


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"commune_code": "00001", "commune": "Xã Nà Tòng"}, ("00001", "code")),
        ({"commune_code": "00001", "commune": "na tong"}, ("00001", "code")),
        ({"commune_code": "00001", "commune": "Bản Trên, gần chợ"}, ("00001", "code")),
        ({"commune_code": "00001", "commune": "Bản Hai"}, ("00001", "code")),  # lies in it
        ({"commune_code": "00001", "commune": "Xa Dung"}, (None, "refused")),
        # 00002 is Na Tông since 2025 and was Mường Xa before: the name says which is meant.
        ({"commune_code": "00002", "commune": "Na Tông"}, ("00002", "code")),
        ({"commune_code": "00002", "commune": "Mường Xa"}, ("00003", "code")),
        ({"commune_code": "00002", "commune": "Mường Xa", "vintage": "2025-07-01"}, (None, "refused")),
    ],
)
def test_a_code_and_a_name_must_agree_in_one_vintage(gazetteer, row, expected):
    assert one(gazetteer, row) == expected


def test_a_code_and_the_name_of_another_commune_are_both_named(gazetteer):
    found = placed(gazetteer, {"commune_code": "00001", "commune": "xa dung"}).iloc[0]
    assert found["column"] == "commune"
    assert str(found["reason"]) == "is Xã Xa Dung, but the code is that of Xã Nà Tòng in 2025-07-01"


@pytest.mark.parametrize(
    ("words", "east", "expected"),
    [
        ({"commune": "Nà Tòng"}, 9_000, ("00001", "point")),
        ({"commune": "Nà Tòng"}, 10_050, ("00002", "point")),  # on the other side, but not far
        ({"commune": "Nà Tòng"}, 15_000, (None, "refused")),
        ({"commune": "Nowhere"}, 15_000, ("00002", "point")),
        ({"commune_code": "00001"}, 9_000, ("00001", "code")),
        ({"commune_code": "00001"}, 15_000, (None, "refused")),
        ({"commune_code": "00001"}, 500_000, (None, "refused")),
    ],
)
def test_a_point_lies_near_the_commune_that_its_row_names(gazetteer, lonlat, words, east, expected):
    lon, lat = lonlat(east, 5_000)
    assert one(gazetteer, {"lon": lon, "lat": lat, **words}) == expected
    if expected[1] == "refused":
        found = placed(gazetteer, {"lon": lon, "lat": lat, **words}).iloc[0]
        assert (found["column"], str(found["reason"])) == ("lon", "lies outside Xã Nà Tòng, which the row names")


def test_a_code_without_its_zeros_is_mended_and_told(gazetteer):
    found = placed(
        gazetteer, {"commune_code": "12", "vintage": "2020-01-01"}, {"commune_code": "99"}, {"commune_code": "4"}
    )
    assert list(found["unit_code"].fillna("")) == ["00001", "", "00004"]
    assert list(found["code"].fillna("")) == ["00012", "", "00004"]
    assert [str(repair) for repair in found["repair"]] == ["read as 00012", "None", "read as 00004"]
    assert list(restore_zeros(pd.Series(["12", None, "x", "12.0"]), {"00012"}).fillna("")) == [
        "00012",
        "",
        "x",
        "00012",
    ]


@pytest.mark.parametrize(
    ("row", "repair", "vintage"),
    [
        ({"commune": "MUONG XA"}, None, "2025-07-01"),
        ({"commune": "Mường Sa"}, "read as Xã Mường Xa", "2025-07-01"),
        ({"commune": "Mường Xxa"}, "read as Xã Mường Xa", "2025-07-01"),
        ({"commune": "Bản Hai"}, "read as Xã Bản Hai of 2020-01-01", "2020-01-01"),
        # No unit of 2025 is a town: the written kind tells the vintage.
        ({"commune": "TT. Mường Xa"}, "read as Thị trấn Mường Xa of 2020-01-01", "2020-01-01"),
        ({"commune": "TT. Mường Xa", "vintage": "2025-07-01"}, None, "2025-07-01"),
        # So does the spelling, and a district that the new unit has no part of.
        ({"commune": "Na Tông", "district": "Sông A"}, None, "2025-07-01"),
        ({"commune": "Nà Tòng", "district": "Sông B"}, "is not the name of a commune of 2025-07-01", None),
    ],
)
def test_what_was_not_read_as_written_is_told(gazetteer, row, repair, vintage):
    found = placed(gazetteer, row).iloc[0]
    told = found["reason"] if found["placement"] == "refused" else found["repair"]
    assert (None if told is None else str(told), None if pd.isna(found["vintage"]) else found["vintage"]) == (
        repair,
        vintage,
    )


def test_a_name_that_none_bears_is_refused_with_those_that_come_near(gazetteer):
    found = placed(gazetteer, {"commune": "Xa Dugnn"}, {"commune": "Na Tôngg"}).iloc[0]
    assert str(found["reason"]) == "is not the name of a commune of 2025-07-01; near it are: Xã Xa Dung"
    assert found["mend"] == "Xã Xa Dung"


def test_codes_and_names_of_another_place_elsewhere_are_declared_once(gazetteer):
    rows = [{"commune_code": "00002"}, {"commune_code": "00001"}, {"commune": "Na Tông"}, {"commune": "Xa Dung"}]
    found = placed(gazetteer, *rows, {"commune_code": "00002", "vintage": "2025-07-01"}, rows[0])
    assert [str(doubt) for doubt in vintage_doubts(found)] == [
        "2 rows give a code or name that is another place in 2020-01-01; they were read as of 2025-07-01. "
        "If they are of 2020-01-01, add the file with --vintage 2020-01-01"
    ]
    assert list(found.index[found["also"].notna()]) == [0, 5]


def test_names_of_before_are_found_in_the_district_of_before(gazetteer):
    former = pd.DataFrame(
        {
            "name": ["Xã Suối Cũ", "Xã Mường Xa"],
            "district": ["Huyện Sông A", "Huyện Sông A"],
            "commune_code": ["00013", "00002"],
            "vintage": "2020-01-01",
        }
    )
    knowing = replace(gazetteer, former=former)
    assert one(gazetteer, {"commune": "Suối Cũ"}) == (None, "refused")
    assert one(knowing, {"commune": "Suối Cũ"}) == ("00002", "name")
    assert str(placed(knowing, {"commune": "Suối Cũ"}).iloc[0]["repair"]) == "read as Xã Na Tông of 2020-01-01"
    assert one(gazetteer, {"commune": "Mường Xa", "district": "Sông A"}) == (None, "refused")
    assert one(knowing, {"commune": "Mường Xa", "district": "Sông A"}) == ("00003", "name")


def test_a_code_of_before_is_read_as_the_unit_that_it_lies_whole_in(gazetteer):
    former = {"name": ["Xã Suối Cũ"], "district": ["Huyện Sông A"], "former_code": ["00077"], "commune_code": ["00013"]}
    knowing = replace(gazetteer, former=pd.DataFrame(former).assign(vintage="2020-01-01"))
    assert one(gazetteer, {"commune_code": "00077"}) == (None, "refused")
    for row in ({"commune_code": "00077"}, {"commune_code": "77", "vintage": "2020-01-01"}):
        assert one(knowing, row) == ("00002", "code")
        found = placed(knowing, row).iloc[0]
        assert (found["code"], found["vintage"]) == ("00013", "2020-01-01")
        assert str(found["repair"]) == "is a code of before 2020-01-01, read as 00013"
    assert one(knowing, {"commune_code": "00077", "vintage": "2025-07-01"}) == (None, "refused")


def test_villages_are_placed_by_the_users_list(gazetteer, lonlat):
    lon, lat = lonlat(15_000, 15_000)
    villages = pd.DataFrame(
        {
            "village": ["Bản Trên", "Bản Dưới", "Bản Dưới", "Bản Giữa", "Đội 3", "Bản Lạc"],
            "commune_code": ["00011", "00012", "00013", "00002", "00001", "00099"],
            "vintage": ["2020-01-01"] * 4 + ["2025-07-01", "2020-01-01"],
            "lon": [None, None, None, None, None, lon],
            "lat": [None, None, None, None, None, lat],
        }
    ).astype({"lon": float, "lat": float})
    listed = replace(gazetteer, villages=villages)
    assert one(listed, {"village": "ban tren"}) == ("00001", "village")
    assert one(listed, {"village": "Trên", "district": "Sông A"}) == ("00001", "village")
    assert one(listed, {"village": "Trên", "district": "Sông B"}) == (None, "unplaced")
    assert one(listed, {"village": "Bản Dưới"}) == (None, "refused")  # in two communes
    assert one(listed, {"village": "Bản Giữa"}) == ("00003", "village")
    assert one(listed, {"village": "doi 3"}) == ("00001", "village")
    assert one(listed, {"village": "Lạc"}) == ("00004", "village")  # its point, as its code has no unit
    assert one(listed, {"village": "Bản Trênn"}) == (None, "unplaced")  # never by likeness
    assert one(listed, {"village": "Bản Trên", "commune": "Xa Dung"}) == ("00004", "name")
    assert one(listed, {"village": "Bản Trên", "district": "Huyện Sông Z"}) == (None, "refused")


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


def test_a_point_that_the_projection_cannot_hold_is_far_from_the_commune_that_its_row_names(gazetteer):
    found = placed(gazetteer, {"commune_code": "00001", "lon": 4.0, "lat": 0.0})
    assert found["reason"].notna().all()


some_row = st.fixed_dictionaries(
    {},
    optional={
        "commune_code": st.sampled_from(["00001", "00002", "00011", "99999"]),
        "vintage": st.sampled_from(["2020-01-01", "2025-07-01"]),
        "commune": st.sampled_from(["Xa Dung", "Na Tong", "Bản Một", "Bản Hai", "Muong Xaa"]),
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
    assert set(found["placement"]) <= set(PLACEMENTS)
    assert found["unit_code"].notna().equals(~found["placement"].isin(["unplaced", "refused"]))
    assert found.loc[found["unit_code"].isna(), "reason"].notna().all()
    order = random.sample(range(len(rows)), len(rows))
    again = placed(gazetteer, *[rows[i] for i in order])
    assert list(again["placement"]) == [found["placement"][i] for i in order]
    assert list(again["unit_code"].fillna("")) == [found["unit_code"].fillna("")[i] for i in order]
