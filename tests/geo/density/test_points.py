import datetime as dt
from decimal import Decimal
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine

from geo.density import KernelDensity
from geo.density.points import read_numbers
from geo.density.times import read_days
from geo.errors import CrsError, ModelError
from geo.grid import Grid

WEST, NORTH = 480_000.0, 2_400_000.0
GRID = Grid("EPSG:9205", Affine(500, 0, WEST, 0, -500, NORTH), (20, 20))
X, Y = np.array([WEST + 3_000, WEST + 5_500]), np.array([NORTH - 4_000, NORTH - 6_000])


def test_points_bring_their_coordinates():
    expected = KernelDensity().fit(X, Y).to_grid(GRID)
    series = gpd.GeoSeries.from_xy(X, Y, crs="EPSG:9205")
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=series)
    for points in (series, frame, series.array, series.set_crs(None, allow_override=True)):
        np.testing.assert_array_equal(KernelDensity().fit(points).to_grid(GRID), expected)
        np.testing.assert_array_equal(KernelDensity().fit(X, Y).at(points), KernelDensity().fit(X, Y).at(X, Y))


def test_a_wrong_crs_is_refused():
    series = gpd.GeoSeries.from_xy(X, Y, crs="EPSG:9205")
    with pytest.raises(CrsError, match="look like degrees"):
        KernelDensity().fit(series.to_crs("EPSG:4326"))
    with pytest.raises(CrsError, match="EPSG:2229 is not in metres"):
        KernelDensity().fit(series.set_crs("EPSG:2229", allow_override=True))
    model = KernelDensity().fit(series.to_crs("EPSG:32648"))
    with pytest.raises(CrsError, match="The points are in EPSG:32648, but EPSG:9205"):
        model.to_grid(GRID)
    with pytest.raises(CrsError, match="EPSG:9205"):
        model.at(series)


@pytest.mark.parametrize(
    ("points", "y", "said"),
    [
        (X, None, "Northings are missing"),
        (gpd.GeoSeries.from_xy(X, Y), Y, "not both"),
        (gpd.GeoSeries([shapely.Point(), shapely.Point(WEST, NORTH)]), None, "empty"),
        (gpd.GeoSeries([None, shapely.Point(WEST, NORTH)]), None, "missing"),
        (gpd.GeoSeries([shapely.box(0, 0, 1, 1)]), None, "single points"),
    ],
)
def test_other_things_than_points_are_explained(points, y, said):
    with pytest.raises(ModelError, match=said):
        KernelDensity().fit(points, y)


def read_only(values):
    array = np.array(values)
    array.flags.writeable = False
    return array


NUMBERS = [3.0, 1.0, 250.0]


@pytest.mark.parametrize(
    "values",
    [
        NUMBERS,
        tuple(NUMBERS),
        [3, True, 250],
        [Decimal(3), Fraction(1), np.float32(250)],
        np.array(NUMBERS, dtype=object),
        *(np.array(NUMBERS, dtype=kind) for kind in ("u1", "<i2", ">i4", "i8", "f2", "<f4", ">f4", ">f8", "g")),
        np.repeat(NUMBERS, 2)[::2],
        np.array(NUMBERS[::-1])[::-1],
        np.array([NUMBERS, NUMBERS], order="F")[1],
        read_only(NUMBERS),
        np.ma.array(NUMBERS),
        np.ma.array(NUMBERS, mask=False),
        pd.Series(NUMBERS, index=["b", "a", "a"]),
        pd.Series(NUMBERS, index=[9, -1, 4], dtype="Int64"),
        pd.Series(NUMBERS, dtype=object),
        pd.Index(NUMBERS),
    ],
    ids=lambda values: f"{type(values).__name__} {getattr(values, 'dtype', '')}",
)
def test_numbers_are_taken_in_any_form_and_copied(values):
    before = list(values)
    read = read_numbers(values, "weights")
    assert (read.dtype, read.dtype.isnative, read.flags.c_contiguous) == (np.float64, True, True)
    np.testing.assert_array_equal(read, NUMBERS)
    assert not np.may_share_memory(read, np.asarray(values))
    read[:] = -1
    assert list(values) == before


@pytest.mark.parametrize(
    "values",
    [
        None,
        5.0,
        np.array(5.0),
        "123",
        {1.0, 2.0},
        {"a": 1.0},
        (n for n in NUMBERS),
        [[1.0, 2.0]],
        np.ones((3, 1)),
        [[1.0], [2.0, 3.0]],
        [1.0, None],
        [1.0, np.nan],
        [1.0, -np.inf],
        [10**400],
        [2.0, 10**400],
        np.array([1e4000], dtype=np.longdouble) if np.longdouble(0).itemsize > 8 else [np.inf],
        ["1", "2"],
        [1.0, "2"],
        np.array(["1", 2.0], dtype=object),
        np.array([b"1"]),
        [1 + 0j],
        np.array([1.0, 2j]),
        np.array([1.0, 2j], dtype=object),
        np.array(["2024-01-01"], dtype="datetime64[D]"),
        np.array([1], dtype="timedelta64[D]"),
        [dt.date(2024, 1, 1)],
        np.zeros(2, dtype=[("a", float)]),
        np.ma.array(NUMBERS, mask=[False, True, False]),
        np.ma.array(NUMBERS, mask=True),
        pd.Series([1, None], dtype="Int64"),
        pd.Series(["1", "2"]),
        pd.DataFrame({"a": NUMBERS}),
    ],
    ids=lambda values: type(values).__name__,
)
def test_what_is_no_list_of_finite_numbers_is_explained(values):
    with pytest.raises(ModelError) as error:
        read_numbers(values, "weights")
    assert str(error.value) == "weights must be a list of finite numbers"
    with pytest.raises(ModelError, match=r"x must be a list|Northings are missing|eastings but"):
        KernelDensity().fit(values, Y)


def test_no_step_changes_what_the_caller_holds():
    given = [np.array(values) for values in (X, Y, [2.0, 3.0], [1.0, 2.0])]
    before = [array.copy() for array in given]
    x, y, weights, times = given
    area = shapely.box(WEST, NORTH - 10_000, WEST + 10_000, NORTH)
    for array in given:
        array.flags.writeable = False
    for adaptive in (False, True):
        model = KernelDensity(adaptive=adaptive, edge_correction="diggle", bandwidth_days=9)
        model.fit(x, y, weights, times, area=area).to_grid(GRID, when=2.0)
        model.at(x, y)
    for array, was in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, was)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:6933"])
def test_a_crs_whose_metres_are_not_those_of_the_ground_is_refused(crs):
    series = gpd.GeoSeries.from_xy(X, Y, crs="EPSG:9205").to_crs(crs)
    with pytest.raises(CrsError, match=f"lengths in {crs} are wrong by up to .* EPSG:9205"):
        KernelDensity().fit(series)
    area = gpd.GeoSeries([series.union_all().buffer(9_000)], crs=crs)
    with pytest.raises(CrsError, match=f"lengths in {crs} are wrong"):
        KernelDensity(edge_correction="uniform").fit(series.x, series.y, area=area)
    x, y = series.x, series.y
    with pytest.raises(CrsError, match=f"lengths in {crs} are wrong"):
        KernelDensity().fit(x, y).to_grid(Grid.covering((x.min(), x.max(), y.min(), y.max()), 500, crs))


def test_days_are_counted_from_1970():
    expected = [0.0, 18_262.5]
    for times in (
        ["1970-01-01", "2020-01-01T12:00"],
        np.array(["1970-01-01", "2020-01-01T12:00"], dtype="datetime64[s]"),
        pd.Series(pd.to_datetime(["1970-01-01 00:00", "2020-01-01 12:00"])),
        [dt.datetime(1970, 1, 1), dt.datetime(2020, 1, 1, 12)],
        expected,
    ):
        np.testing.assert_array_equal(read_days(times, "times"), expected)


@pytest.mark.parametrize(
    "times", [["soon", "2020-01-01"], [None, "2020-01-01"], [np.nan, 1.0], [["2020-01-01"]], pd.to_datetime([None])]
)
def test_other_things_than_times_are_explained(times):
    with pytest.raises(ModelError, match=r"times must be a list of") as error:
        read_days(times, "times")
    assert "soon" not in str(error.value)
