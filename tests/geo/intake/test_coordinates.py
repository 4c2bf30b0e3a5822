from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import box, contains_xy

from geo.boundaries import communes
from geo.crs import METRIC, STORED
from geo.errors import CrsError
from geo.intake.coordinate_cells import LAT, LON, read_angles
from geo.intake.coordinates import MARGIN, METRIC_CRSS, read_coordinates

PROVINCE = communes("2025-07-01").union_all()
NEARLY = PROVINCE.buffer(MARGIN / 2)
SQUARE = box(10, 10, 20, 20)
"""A made-up province in which a place and its exchange can both lie."""

LON_LAT = (103.017, 21.386)
MILLIMETRES = 5e-8
"""Degrees; PROJ's way there and back between WGS 84 and VN-2000 does not close better."""
TAKEN = "metres of {} were turned into degrees"
MINUTES = "degrees were written with minutes or a direction"
EXCHANGED = "latitude and longitude were exchanged"
ONE_CELL = "both coordinates stood in one cell"


def read(*rows, province=PROVINCE, **options):
    x, y = (pd.Series([row[column] for row in rows], dtype=object) for column in (0, 1))
    return read_coordinates(x, y, province, **options)


def said(messages):
    return {row: str(message) for row, message in messages.items()}


def assert_place(found, place, within=1e-12):
    assert abs(found.lon[0] - place[0]) <= within
    assert abs(found.lat[0] - place[1]) <= within
    assert found.bad.empty


def metres(crs, lon, lat):
    return Transformer.from_crs(STORED, crs, always_xy=True).transform(lon, lat)


@pytest.mark.parametrize(
    "cells", [("103.017", "21.386"), ("103,017", "21,386"), (103.017, 21.386), (" 103.017 ", "21.386.")]
)
def test_plain_degrees_need_no_words(cells):
    found = read(cells)
    assert_place(found, LON_LAT)
    assert found.repaired.empty


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("103°01'12\"E", "21°23'15\"N"),
        ("103°01’12”Đ", "21°23’15”B"),
        ("103º 1′ 12″ Đông", "21º 23′ 15″ Bắc"),
        ("103 01 12", "21 23 15"),
        ("103d01m12s", "21d23m15s"),
        ("103d01m12sE", "21d23m15sN"),
        ("103:01:12", "21:23:15"),
        ("E103°01'12''", "N21°23'15''"),
        ("103°01,2'", "21°23,25'"),
        ("103 01.2", "21 23.25"),
        ("103.02°", "21.3875°"),
        ("kinh độ Đông 103°01'12\"", "vĩ độ Bắc 21°23'15\""),
        ("103 độ 01 phút 12 giây Đông", "21 độ 23 phút 15 giây Bắc"),
        ("Kinh độ: 103,02", "Vĩ độ: 21,3875"),
    ],
)
def test_degrees_minutes_and_seconds_are_read_and_said(lon, lat):
    found = read((lon, lat))
    assert_place(found, (103.02, 21.3875))
    assert said(found.repaired) == {0: MINUTES}
    exchanged = read((lat, lon))
    assert_place(exchanged, (103.02, 21.3875))
    assert said(exchanged.repaired) == {0: f"{MINUTES}; {EXCHANGED}"}


@pytest.mark.parametrize(
    "cell", ["21 75 15", "21°23'60\"", "21°23'15\"NE", "-21.5S", "181 00 00 x", "N", "°", "1 2 3 4", ""]
)
def test_what_is_no_angle_is_none(cell):
    assert read_angles(cell) == ()


def test_a_direction_gives_axis_and_sign():
    assert read_angles("21.5S") == ((-21.5, LAT),)
    assert read_angles("103.5 Tây") == ((-103.5, LON),)
    assert read_angles("-103.5") == ((-103.5, 0),)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "21.386, 103.017",
            "21.386,103.017",
            "21,386 103,017",
            "21,386; 103,017",
            "21,386, 103,017",
            "21.386 103.017",
        ),
        *("(21.386, 103.017)", "21.386 / 103.017", "103.017, 21.386", "N 21.386 E 103.017", "21.386N 103.017E"),
        *("lat: 21.386, lon: 103.017", "103,017Đ, 21,386B"),
    ],
)
def test_one_cell_that_holds_both_is_read_and_said(cell):
    for cells in ((cell, None), (None, cell), (cell, cell)):
        found = read(cells)
        assert_place(found, LON_LAT)
        assert said(found.repaired) == {0: ONE_CELL}


@pytest.mark.parametrize(
    "cell", ["21°23'15\"N 103°01'12\"E", "21°23'15\"N103°01'12\"E", "21 23 15 103 01 12", "21d23m15s, 103d01m12s"]
)
def test_one_cell_may_hold_two_angles(cell):
    assert_place(read((cell, None)), (103.02, 21.3875))


def test_the_exchange_is_taken_only_where_exactly_one_of_the_two_lies_in_the_province():
    found = read(("21.386", "103.017"), ("106.7", "10.5"), ("10.5", "60.5"))
    assert found.bad.empty
    assert list(zip(found.lon, found.lat, strict=True)) == [LON_LAT, (106.7, 10.5), (10.5, 60.5)]
    assert said(found.repaired) == {0: EXCHANGED}


inside = st.integers(10_000, 20_000).map(lambda thousandths: thousandths / 1000)
outside = st.integers(21_000, 90_000).map(lambda thousandths: thousandths / 1000)


@given(st.tuples(inside, inside) | st.tuples(outside, outside) | st.tuples(inside, outside))
def test_places_that_both_lie_inside_or_both_outside_are_never_exchanged(place):
    found = read(tuple(map(str, place)), province=SQUARE)
    assert (found.lon[0], found.lat[0]) == place
    assert found.bad.empty
    assert found.repaired.empty


@pytest.mark.parametrize("cell", ["12.5, 15.5", "50.5, 60.5"])
def test_one_cell_whose_order_the_province_does_not_tell_is_not_read(cell):
    found = read((cell, None), province=SQUARE)
    assert said(found.bad) == {0: "holds two coordinates in an unclear order: write longitude and latitude apart"}


def test_stated_directions_need_no_province():
    found = read(("50.5N", "60.5E"), ("50.5N 60.5E", None), province=SQUARE)
    assert found.lon.tolist() == [60.5, 60.5]
    assert found.lat.tolist() == [50.5, 50.5]


def test_a_place_just_outside_the_province_still_speaks_for_a_reading():
    strip = box(100, 20, 101, 21)
    near, far = 21 + MARGIN - 0.001, 21 + MARGIN + 0.001
    found = read((near, 100.5), (far, 100.5), province=strip)
    assert said(found.repaired) == {0: EXCHANGED}
    assert said(found.bad) == {1: "is out of range: expected longitude and latitude in degrees, or metres"}


@pytest.mark.parametrize("crs", [METRIC, "EPSG:32647"])
def test_metres_are_read_in_the_one_system_that_brings_them_into_the_province(crs):
    east, north = (f"{value:.3f}" for value in metres(crs, *LON_LAT))
    found = read((east, north))
    assert_place(found, LON_LAT, within=MILLIMETRES)
    assert said(found.repaired) == {0: TAKEN.format(f"{METRIC_CRSS[crs]} ({crs})")}
    turned = read((north, east))
    assert_place(turned, LON_LAT, within=MILLIMETRES)
    assert said(turned.repaired) == {0: TAKEN.format(f"{METRIC_CRSS[crs]} ({crs})") + "; the northing stood first"}


@pytest.mark.parametrize(
    "cells", [("501.567", "2.365.684"), ("501 567", "2 365 684"), ("501,567", "2,365,684"), ("501567,0", "2365684,0")]
)
def test_metres_may_have_separators(cells):
    """EPSG:9205 of the place by pyproj 3.7.2: 501566.56, 2365683.53."""
    assert_place(read(cells), LON_LAT, within=1e-5)


@pytest.mark.parametrize("crs", ["EPSG:3405", "EPSG:32648"])
def test_systems_that_differ_by_less_than_the_province_are_told_apart_by_the_caller_only(crs):
    cells = tuple(f"{value:.3f}" for value in metres(crs, *LON_LAT))
    both = "VN-2000 / UTM 48N (EPSG:3405), WGS 84 / UTM 48N (EPSG:32648)"
    found = read(cells)
    assert said(found.bad) == {0: f"can be metres of any of {both}: say which"}
    assert found.lon.isna().all()
    assert_place(read(cells, metric_crs=crs), LON_LAT, within=MILLIMETRES)
    assert_place(read(cells[::-1], metric_crs=crs), LON_LAT, within=MILLIMETRES)


def test_metres_that_lie_nowhere_in_the_province_are_named():
    assert str(read(("501566", "1000000")).bad[0]).startswith("lies outside the province as metres of VN-2000 / TM-3")
    found = read(metres(METRIC, *LON_LAT), metric_crs="EPSG:32648")
    assert said(found.bad) == {0: "lies outside the province as metres of WGS 84 / UTM 48N (EPSG:32648)"}


def test_a_metric_crs_must_be_metric():
    with pytest.raises(CrsError, match="not in metres"):
        read(("1", "2"), metric_crs=STORED)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("0", "0"), "is 0, 0: leave both cells empty"),
        (("0.0", "0,00"), "is 0, 0: leave both cells empty"),
        (("103.017", None), "is given without the other coordinate"),
        (("-", "21.386"), "is given without the other coordinate"),
        (("somewhere", "21.386"), "is not a coordinate"),
        (("inf", "21.386"), "is not a coordinate"),
        (("khoảng 103", "21.386"), "is not a coordinate"),
        (("103017", "21.386"), "is out of range"),
        (("103.017", "121.386"), "is out of range"),
        (("21.386N", "22.386N"), "has the same direction"),
        (("21.386, 103.017", "21.4"), "holds two coordinates, and the cell beside it another"),
        (("21.386, 103.017", "21.4, 103.1"), "holds two coordinates, and the cell beside it another"),
    ],
)
def test_what_is_no_place_is_named(cells, why):
    found = read(cells, LON_LAT)
    assert list(found.bad.index) == [0]
    assert str(found.bad[0]).startswith(why)
    assert (found.lon.isna().tolist(), found.lat.isna().tolist()) == ([True, False], [True, False])
    assert found.repaired.empty
    assert "somewhere" not in str(found.bad[0])


def test_missing_places_are_empty_and_words_for_that_are_counted():
    found = read((None, None), ("-", "không rõ"), ("?", None), LON_LAT)
    assert found.lon.isna().tolist() == [True, True, True, False]
    assert found.bad.empty
    assert set(said(found.repaired)) == {1, 2}


def test_a_table_without_rows_has_no_places():
    nothing = pd.Series([], dtype=object)
    found = read_coordinates(nothing, nothing, PROVINCE)
    assert len(found.lon) == len(found.bad) == 0


def test_places_keep_the_index_of_their_rows():
    x = pd.Series(["103.017", "x", "21.386"], index=[5, 9, 7])
    y = pd.Series(["21.386", "y", "103.017"], index=[5, 9, 7])
    found = read_coordinates(x, y, PROVINCE)
    assert (list(found.lon.index), list(found.bad.index), list(found.repaired.index)) == ([5, 9, 7], [9], [7])


within = st.tuples(st.integers(102_200_000, 103_500_000), st.integers(21_000_000, 22_400_000))
places = within.map(lambda millionths: tuple(value / 1e6 for value in millionths))


@given(st.lists(places, min_size=1), st.sampled_from([METRIC, "EPSG:3405", "EPSG:32648", "EPSG:32647"]), st.booleans())
def test_printed_metres_are_read_back(printed, crs, northing_first):
    near = [place for place in printed if contains_xy(NEARLY, *place)]
    rows = [tuple(f"{value:.4f}" for value in metres(crs, *place)) for place in near]
    found = read(*(row[::-1] if northing_first else row for row in rows), metric_crs=crs)
    assert np.allclose(np.column_stack([found.lon, found.lat]), np.reshape(near, (-1, 2)), rtol=0, atol=MILLIMETRES)
    assert len(found.repaired) == len(near)


parts = st.tuples(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59_999))
FORMS = ["{}°{:02}'{}\"E", "{} {} {}", "{}d{}m{}s", "kinh độ Đông {}°{}'{}\"", "{:03}°{:02}′{}″ Đ", "{}:{}:{}"]


@given(parts, st.sampled_from(FORMS), st.booleans())
def test_a_printed_angle_is_read_back(angle, form, comma):
    degrees, minutes, thousandths = angle
    seconds = f"{thousandths / 1000:.3f}"
    text = form.format(degrees, minutes, seconds.replace(".", ",") if comma else seconds)
    exact = Fraction(degrees) + Fraction(minutes, 60) + Fraction(thousandths, 3_600_000)
    assert [float(abs(Fraction(found.degrees) - exact)) < 1e-13 for found in read_angles(text)] == [True]


@given(st.lists(places, min_size=1), st.sampled_from([", ", ",", "; ", " "]), st.booleans())
def test_two_printed_coordinates_in_one_cell_are_read_back(printed, between, lat_first):
    pairs = [(f"{lat:.6f}", f"{lon:.6f}") if lat_first else (f"{lon:.6f}", f"{lat:.6f}") for lon, lat in printed]
    found = read(*((between.join(pair), None) for pair in pairs), province=box(102, 20, 104, 23))
    assert list(zip(found.lon, found.lat, strict=True)) == printed


cell = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.text("0123456789°'\"., -NEBĐdms", max_size=16),
    st.sampled_from(["103.017", "21,386", "21°23'15\"N", "103 01 12", "21.386, 103.017", "0", "-", "12.5"]),
    st.sampled_from(["501566.558", "2365683.532", "294218.5", "2366273.9", "1e400", "nan", "501.567", "9" * 400]),
)
rows = st.lists(st.tuples(cell, cell), min_size=1)


@given(rows)
def test_any_text_is_read_or_named(cells):
    found = read(*cells)
    places = np.column_stack([found.lon, found.lat])
    assert (np.isnan(places[:, 0]) == np.isnan(places[:, 1])).all()
    assert np.isnan(places[found.bad.index]).all()
    assert (np.abs(places[~np.isnan(places).any(axis=1)]) <= (180, 90)).all()
    assert not set(found.bad.index) & set(found.repaired.index)


@given(rows)
def test_what_was_read_reads_the_same_in_plain_form(cells):
    found = read(*cells)
    known = found.lon.notna() & found.lat.notna() & ((found.lon != 0) | (found.lat != 0))
    again = read(
        *zip(map(repr, found.lon[known].tolist()), map(repr, found.lat[known].tolist()), strict=True), (None, None)
    )
    assert again.lon[:-1].tolist() == found.lon[known].tolist()
    assert again.lat[:-1].tolist() == found.lat[known].tolist()
    assert again.repaired.empty


@given(rows.flatmap(lambda cells: st.tuples(st.just(cells), st.permutations(range(len(cells))))))
def test_the_order_of_rows_does_not_matter(cells_and_order):
    cells, order = cells_and_order
    x, y = (pd.Series([row[column] for row in cells], dtype=object) for column in (0, 1))
    one, other = read_coordinates(x, y, PROVINCE), read_coordinates(x.iloc[order], y.iloc[order], PROVINCE)
    pd.testing.assert_series_equal(one.lon, other.lon.sort_index())
    pd.testing.assert_series_equal(one.lat, other.lat.sort_index())
    assert said(one.bad) == said(other.bad)
    assert said(one.repaired) == said(other.repaired)
