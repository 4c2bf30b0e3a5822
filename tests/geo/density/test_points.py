import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine

from geo.density import KernelDensity
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
