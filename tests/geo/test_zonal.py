"""Rasters of known cells over squares; a cell that a boundary cuts counts by its part."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Polygon, box

from geo import zonal as zonal_module
from geo.crs import METRIC, STORED
from geo.errors import CrsError, IntakeError
from geo.raster_file import open_raster
from geo.zonal import zonal

WEST, NORTH, CELL = 500_000.0, 2_400_000.0, 100.0


def raster(path, *bands, crs=METRIC, transform=None, **profile):
    bands = [np.asarray(band) for band in bands]
    transform = transform or Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    shape = {"height": bands[0].shape[0], "width": bands[0].shape[1], "count": len(bands)}
    with rasterio.open(
        path, "w", driver="GTiff", dtype=bands[0].dtype, crs=crs, transform=transform, **shape, **profile
    ) as out:
        for number, band in enumerate(bands, 1):
            out.write(band, number)
    return path


def squares(*corners, crs=METRIC):
    """Boxes by west, south, east, north in cells from the raster's north-western corner."""
    shapes = [box(WEST + w * CELL, NORTH + s * CELL, WEST + e * CELL, NORTH + n * CELL) for w, s, e, n in corners]
    return gpd.GeoSeries(shapes, crs=crs)


def measured(path, polygons, statistic="mean", classes=(), **options):
    with open_raster(path, **options) as opened:
        return zonal(opened, polygons, statistic, classes)


@pytest.fixture
def sixteen(tmp_path):
    return raster(tmp_path / "r.tif", np.arange(16.0).reshape(4, 4))


class TestMean:
    def test_cells_that_are_cut_count_by_their_part(self, sixteen):
        """All of cell 0, half of 1, a quarter of 4, an eighth of 5."""
        values = measured(sixteen, squares((0, -1.25, 1.5, 0)))
        expected = (0 * 1 + 1 * 0.5 + 4 * 0.25 + 5 * 0.125) / 1.875
        np.testing.assert_allclose(values["value"], [expected])
        np.testing.assert_allclose(values["coverage"], [1.0])

    def test_it_is_that_of_brute_force_on_fine_parts_of_cells(self, tmp_path):
        """Each cell cut into 100 × 100 parts, which lie in a triangle or not by their centres."""
        rng = np.random.default_rng(0)
        array = rng.random((6, 6))
        corners = np.array([(0.3, 0.4), (5.7, 1.1), (2.2, 5.6)])
        triangle = Polygon([(WEST + x * CELL, NORTH - y * CELL) for x, y in corners])
        x, y = np.meshgrid(*[(np.arange(600) + 0.5) / 100] * 2)
        sides = [
            (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
            for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
        ]
        within = np.all(np.array(sides) > 0, axis=0)
        value = measured(raster(tmp_path / "r.tif", array), gpd.GeoSeries([triangle], crs=METRIC))["value"].iloc[0]
        assert value == pytest.approx(np.kron(array, np.ones((100, 100)))[within].mean(), abs=2e-4)

    def test_nodata_masked_nan_and_infinite_cells_do_not_count(self, tmp_path):
        array = np.array([[7.0, np.nan, np.inf, -5.0]])
        path = raster(tmp_path / "r.tif", array, nodata=-5.0)
        values = measured(path, squares((0, -1, 2, 0), (1, -1, 4, 0)))
        np.testing.assert_allclose(values["value"], [7.0, np.nan])
        np.testing.assert_allclose(values["coverage"], [0.5, 0.0])

    def test_too_little_cover_is_missing_and_outside_is_missing(self, sixteen):
        values = measured(sixteen, squares((0, -1, 1, 0), (-3, -1, 1, 0), (-1, -1, 1, 0), (50, -51, 51, -50)))
        np.testing.assert_allclose(values["coverage"], [1.0, 0.25, 0.5, 0.0])
        np.testing.assert_allclose(values["value"], [0.0, np.nan, 0.0, np.nan])

    def test_scale_and_offset_of_the_file_are_used(self, tmp_path):
        path = raster(tmp_path / "r.tif", np.array([[10, 20], [30, -1]], dtype="int16"), nodata=-1)
        with rasterio.open(path, "r+") as out:
            out.scales, out.offsets = (0.1,), (5.0,)
        np.testing.assert_allclose(measured(path, squares((0, -2, 2, 0)))["value"], [5 + 0.1 * 20])

    @pytest.mark.parametrize("cells", [8, 1000])
    def test_reading_in_many_windows_changes_nothing(self, tmp_path, monkeypatch, cells):
        array = np.random.default_rng(1).random((60, 50))
        path, polygons = raster(tmp_path / "r.tif", array), squares((0.5, -59.5, 49.5, -0.5), (3, -20, 20, -2.5))
        whole = measured(path, polygons)
        monkeypatch.setattr(zonal_module, "CELLS_AT_ONCE", cells)
        read, sizes = zonal_module._Source.read_window, []

        def counted(self, x0, y0, nx, ny):
            sizes.append(nx * ny)
            return read(self, x0, y0, nx, ny)

        monkeypatch.setattr(zonal_module._Source, "read_window", counted)
        np.testing.assert_allclose(measured(path, polygons), whole, rtol=1e-12)
        assert len(sizes) > 2
        assert max(sizes) <= max(cells, 50)


class TestOtherSystems:
    def test_degrees_are_weighted_by_area(self, tmp_path):
        """Two rows of 10 degrees: the southern one is larger on the globe, as pyproj measures it."""
        path = raster(
            tmp_path / "r.tif", np.array([[1.0], [0.0]]), crs=STORED, transform=Affine(10, 0, 100, 0, -10, 40)
        )
        polygon = gpd.GeoSeries([box(100, 20, 110, 40)], crs=STORED)
        area = [abs(Geod(ellps="sphere").geometry_area_perimeter(self.cell(south))[0]) for south in (30, 20)]
        with open_raster(path) as opened:
            value = zonal(opened, polygon.segmentize(0.01), "mean")["value"].iloc[0]
        assert value == pytest.approx(area[0] / sum(area), abs=1e-3)
        assert value < 0.49

    @staticmethod
    def cell(south):
        return box(100, south, 110, south + 10).segmentize(0.01)

    def test_polygons_go_to_the_raster_and_its_cells_stay(self, tmp_path):
        """A raster in UTM 48 over a square in TM-3: shares of classes are those of the polygon's own parts."""
        square = gpd.GeoSeries([box(500_000, 2_390_000, 510_000, 2_400_000)], crs=METRIC)
        west, south, east, north = square.to_crs("EPSG:32648").total_bounds
        rows, cols = 40, 41
        transform = Affine((east - west) / cols, 0, west, 0, -(north - south) / rows, north)
        array = np.random.default_rng(2).integers(1, 4, (rows, cols)).astype("uint8")
        path = raster(tmp_path / "r.tif", array, crs="EPSG:32648", transform=transform)
        cells = gpd.GeoSeries(
            [box(*(transform @ (c, r + 1)), *(transform @ (c + 1, r))) for r, c in np.argwhere(array == 2)],
            crs="EPSG:32648",
        )
        brute = cells.intersection(square.segmentize(100).to_crs("EPSG:32648").iloc[0]).area.sum()
        share = brute / square.segmentize(100).to_crs("EPSG:32648").area.iloc[0]
        assert measured(path, square, "share", [2])["value"].iloc[0] == pytest.approx(share, abs=1e-7)

    def test_a_raster_of_the_whole_world_may_reach_beyond_180_degrees(self, tmp_path):
        path = raster(
            tmp_path / "r.tif",
            np.ones((180, 360)),
            crs=STORED,
            transform=Affine(1.0, 0, -180.002, 0, -1.0, 90.002),
        )
        assert measured(path, squares((0, -1, 1, 0)))["value"].tolist() == [1.0]


class TestShare:
    def test_classes_count_by_their_area_among_cells_with_values(self, tmp_path):
        path = raster(tmp_path / "r.tif", np.array([[10, 20, 30, 0]], dtype="uint8"), nodata=0)
        values = measured(path, squares((0, -1, 2.5, 0), (2, -1, 4, 0)), "share", [20, 30])
        np.testing.assert_allclose(values["value"], [1.5 / 2.5, 1.0])

    def test_a_class_that_is_nowhere_is_refused_with_those_that_are(self, tmp_path):
        path = raster(tmp_path / "r.tif", np.array([[10, 20]], dtype="uint8"))
        with pytest.raises(IntakeError, match="has the value 11; there are 10, 20"):
            measured(path, squares((0, -1, 2, 0)), "share", [11])


class TestSum:
    def test_people_of_a_cut_cell_are_shared_out_and_the_total_is_kept(self, tmp_path):
        array = np.array([[100.0, 40.0, np.nan, 8.0]], dtype="float32")
        halves = squares((0, -1, 1.25, 0), (1.25, -1, 4, 0))
        values = measured(raster(tmp_path / "r.tif", array), halves, "sum")
        np.testing.assert_allclose(values["value"], [110.0, 38.0])
        assert values["coverage"].tolist() == [1, 1]

    @settings(max_examples=25)
    @given(cuts=st.lists(st.floats(0.01, 3.99), min_size=1, max_size=4, unique=True))
    def test_however_the_raster_is_cut_the_people_of_the_parts_add_up(self, cuts, tmp_path_factory):
        array = np.random.default_rng(3).random((3, 4)) * 100
        edges = [0, *sorted(cuts), 4]
        path = raster(tmp_path_factory.mktemp("sum") / "r.tif", array)
        values = measured(path, squares(*[(west, -3, east, 0) for west, east in pairwise(edges)]), "sum")
        # exactextract keeps the parts of cells in single precision.
        assert values["value"].sum() == pytest.approx(array.sum(), rel=1e-7)

    def test_a_commune_that_the_raster_does_not_hold_whole_has_no_sum(self, tmp_path):
        path = raster(tmp_path / "r.tif", np.array([[1.0, 2.0]]))
        values = measured(path, squares((0, -1, 2, 0), (1, -1, 3, 0)), "sum")
        np.testing.assert_allclose(values["value"], [3.0, np.nan])
        np.testing.assert_allclose(values["coverage"], [1.0, 0.5])

    def test_counts_below_zero_are_refused(self, tmp_path):
        with pytest.raises(IntakeError, match="cells hold -3, but counts are not below zero"):
            measured(raster(tmp_path / "r.tif", np.array([[1.0, -3.0]])), squares((0, -1, 2, 0)), "sum")


class TestBadFiles:
    @pytest.mark.parametrize(
        ("bands", "profile", "options", "said"),
        [
            ([[[1.0]]], {"crs": None}, {}, "no coordinate reference system is declared"),
            ([[[1.0]]], {"crs": METRIC}, {"crs": "EPSG:32648"}, "declares EPSG:9205 but --crs says"),
            ([[[1.0]]], {"crs": STORED}, {}, "cannot be in EPSG:4326"),
            ([[[1.0]]], {"transform": Affine(100, 9, WEST, 9, -100, NORTH)}, {}, "rotated or upside down"),
            ([[[1.0]]], {"transform": Affine(100, 0, WEST, 0, 100, NORTH)}, {}, "rotated or upside down"),
            ([[[1.0]], [[2.0]]], {}, {}, r"there are 2 bands \(1, 2\); name one with --band"),
            ([[[1.0]], [[2.0]]], {}, {"band": 3}, "there is no band 3; the last is 2"),
            ([[[1.0 + 2j]]], {}, {}, "complex numbers"),
            ([[[-5.0]]], {"nodata": -5.0}, {}, "no cell within the communes has a value"),
            ([[[-32768.0]]], {}, {}, "cells hold -32768, which must mean that there is no value"),
            ([[[1.0]]], {"transform": Affine(100, 0, WEST + 9e4, 0, -100, NORTH)}, {}, "does not cover any commune"),
        ],
    )
    def test_they_are_explained(self, tmp_path, bands, profile, options, said):
        path = raster(tmp_path / "r.tif", *bands, **profile)
        with pytest.raises((IntakeError, CrsError), match=said):
            measured(path, squares((0, -1, 1, 0)), **options)

    def test_a_raster_without_a_place_is_refused(self, tmp_path):
        with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
            raster(tmp_path / "r.tif", np.ones((2, 2)), crs=None, transform=Affine.identity())
        with pytest.raises(IntakeError, match="does not say where it lies"):
            measured(tmp_path / "r.tif", squares((0, -1, 1, 0)))

    def test_what_is_no_raster_or_broken_is_refused(self, tmp_path):
        (tmp_path / "no.tif").write_text("no raster")
        with pytest.raises(IntakeError, match=r"no\.tif: not a readable raster"):
            measured(tmp_path / "no.tif", squares((0, -1, 1, 0)))
        with pytest.raises(IntakeError, match="no such file"):
            measured(tmp_path / "none.tif", squares((0, -1, 1, 0)))
        array = np.random.default_rng(0).random((400, 400))
        path = raster(tmp_path / "cut.tif", array, compress="deflate")
        path.write_bytes(path.read_bytes()[:200_000])
        with pytest.raises(IntakeError, match=r"cut\.tif: not a readable raster"):
            measured(path, squares((0, -400, 400, 0)))

    def test_a_band_may_be_named_and_a_crs_given(self, tmp_path):
        path = raster(tmp_path / "r.tif", np.array([[1.0]]), np.array([[2.0]]), crs=None)
        values = measured(path, squares((0, -1, 1, 0)), band=2, crs=METRIC)
        assert values["value"].tolist() == [2.0]
