"""Files of each kind, measured on the square province of conftest (100 km² a commune)."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from shapely.geometry import LineString, Point, box

from geo.covariate_file import measure
from geo.crs import METRIC
from geo.errors import CrsError, DiemnongError, IntakeError
from tests.conftest import SIDE, SOUTH, WEST


def layer(path, *shapes, crs=METRIC, **columns):
    moved = [shape if shape is None else gpd.GeoSeries([shape]).translate(WEST, SOUTH).iloc[0] for shape in shapes]
    gpd.GeoDataFrame(columns, geometry=moved, crs=crs).to_file(path)
    return path


def raster(path, array, **tags):
    """Cells of 5 km over the province and nothing else."""
    array = np.asarray(array)
    place = Affine(SIDE / 2, 0, WEST, 0, -SIDE / 2, SOUTH + 2 * SIDE)
    profile = {"height": 4, "width": 4, "count": 1, "dtype": array.dtype, "crs": METRIC, "transform": place}
    with rasterio.open(path, "w", driver="GTiff", **profile) as out:
        out.write(array, 1)
        out.update_tags(**tags)
        out.set_band_unit(1, "m")
    return path


def values(communes, path, statistic, **options):
    return measure(communes, path, statistic, crs=METRIC, **options)


ROAD = LineString([(2000, 1000), (12_000, 1000)])
"""8 km in commune 1, 2 km in commune 2."""


class TestVectors:
    @pytest.mark.parametrize(
        ("statistic", "unit", "expected"),
        [
            ("density", "km/km2", [0.08, 0.02, 0, 0]),
            ("count", "lines", [1, 1, 0, 0]),
            ("distance", "km", [4, np.hypot(3, 4), 14, np.hypot(3, 14)]),
        ],
    )
    @pytest.mark.parametrize("name", ["road.gpkg", "road.geojson", "road.shp"])
    def test_lines(self, communes, tmp_path, statistic, unit, expected, name):
        found = values(communes, layer(tmp_path / name, ROAD), statistic)
        np.testing.assert_allclose(found.table["value"], expected, atol=1e-4)
        assert found.table.index.tolist() == communes["commune_code"].tolist()
        assert (found.layer, found.unit, found.simulated) == ("lines", unit, False)
        assert (found.table["coverage"] == 1).all()

    @pytest.mark.parametrize(
        ("statistic", "unit", "expected"),
        [
            ("count", "points", [2, 0, 1, 0]),
            ("density", "per km2", [0.02, 0, 0.01, 0]),
            ("distance", "km", [0, 10, 5, np.hypot(10, 5)]),
        ],
    )
    def test_points(self, communes, tmp_path, statistic, unit, expected):
        shapes = Point(5000, 5000), Point(0.5, 0.5), Point(5000, 19_999), Point(-90_000, 0), None
        found = values(communes, layer(tmp_path / "p.gpkg", *shapes, data_kind=["simulated"] * 5), statistic)
        np.testing.assert_allclose(found.table["value"], expected, atol=1e-3)
        assert (found.layer, found.unit, found.simulated) == ("points", unit, True)

    def test_points_of_a_table(self, communes, tmp_path, lonlat):
        lon, lat = zip(lonlat(1000, 1000), lonlat(15_000, 15_000), strict=True)
        pd.DataFrame({"Kinh độ": lon, "Vĩ độ": lat}).to_csv(tmp_path / "truong.csv", index=False)
        assert values(communes, tmp_path / "truong.csv", "count").table["value"].tolist() == [1, 0, 0, 1]

    def test_areas(self, communes, tmp_path):
        file = layer(tmp_path / "forest.gpkg", box(5000, 0, 20_000, 5000), box(0, 0, 6000, 5000))
        found = values(communes, file, "share")
        np.testing.assert_allclose(found.table["value"], [0.5, 0.5, 0, 0], atol=1e-6)
        assert found.unit == "1"
        np.testing.assert_allclose(values(communes, file, "distance").table["value"], [0, 0, 10, 10], atol=1e-4)


class TestRasters:
    ARRAY = np.arange(16.0).reshape(4, 4)

    @pytest.mark.parametrize(
        ("statistic", "unit", "expected"),
        [
            ("mean", "m", [10.5, 12.5, 2.5, 4.5]),
            ("count", "count", [42, 50, 10, 18]),
            ("density", "per km2", [0.42, 0.5, 0.1, 0.18]),
        ],
    )
    def test_numbers(self, communes, tmp_path, statistic, unit, expected):
        found = values(communes, raster(tmp_path / "r.tif", self.ARRAY, data_kind="simulated"), statistic)
        np.testing.assert_allclose(found.table["value"], expected, rtol=1e-4)
        assert (found.layer, found.unit, found.simulated) == ("raster", unit, True)

    def test_classes(self, communes, tmp_path):
        found = values(communes, raster(tmp_path / "r.tif", self.ARRAY), "share", classes=[0.0, 1.0, 15.0])
        np.testing.assert_allclose(found.table["value"], [0, 0.25, 0.5, 0], atol=1e-4)
        assert found.unit == "1"

    def test_classes_with_colours_have_no_mean(self, communes, tmp_path):
        path = raster(tmp_path / "r.tif", self.ARRAY.astype("uint8"))
        with rasterio.open(path, "r+") as out:
            out.write_colormap(1, {1: (255, 0, 0, 255)})
        with pytest.raises(IntakeError, match=r"numbers of classes .* have no mean; use --stat share --value CLASS"):
            values(communes, path, "mean")
        assert values(communes, path, "share", classes=[1]).table["value"].max() == pytest.approx(0.25, abs=1e-4)

    @pytest.mark.parametrize(("statistic", "classes"), [("share", ()), ("mean", (1.0,))])
    def test_classes_belong_to_shares(self, communes, tmp_path, statistic, classes):
        with pytest.raises(IntakeError, match="name the classes of a share with --value"):
            values(communes, raster(tmp_path / "r.tif", self.ARRAY), statistic, classes=classes)


class TestBadInput:
    @pytest.mark.parametrize(
        ("shape", "statistic", "known"),
        [
            (ROAD, "mean", "lines, for which --stat is one of density, distance, count; found mean"),
            (ROAD, "share", "lines"),
            (Point(1, 1), "share", "points, for which --stat is one of density, distance, count"),
            (box(0, 0, 1, 1), "count", "areas, for which --stat is one of share, distance; found count"),
        ],
    )
    def test_statistics_that_do_not_fit_are_refused(self, communes, tmp_path, shape, statistic, known):
        with pytest.raises(IntakeError, match=known):
            values(communes, layer(tmp_path / "l.gpkg", shape), statistic)

    def test_a_raster_has_no_distance(self, communes, tmp_path):
        with pytest.raises(IntakeError, match="a raster, for which --stat is one of mean, share, count, density"):
            values(communes, raster(tmp_path / "r.tif", np.ones((4, 4))), "distance")

    def test_lines_with_points_among_them_are_refused(self, communes, tmp_path):
        with pytest.raises(IntakeError, match="expected LineString geometries, found Point"):
            values(communes, layer(tmp_path / "l.geojson", ROAD, Point(1, 1)), "density")

    def test_collections_are_refused(self, communes, tmp_path):
        mixed = ROAD.union(Point(5, 5))
        with pytest.raises(IntakeError, match="expected Point, LineString, Polygon geometries, found GeometryColl"):
            values(communes, layer(tmp_path / "l.geojson", mixed), "density")

    @pytest.mark.parametrize("statistic", ["density", "count"])
    def test_layers_of_another_place_are_refused(self, communes, tmp_path, statistic):
        near = LineString([(30_000, 0), (30_000, 5000)])
        file = layer(tmp_path / "l.gpkg", near)
        with pytest.raises(IntakeError, match="nothing in it lies in a commune of the workspace"):
            values(communes, file, statistic)
        assert values(communes, file, "distance").table["value"].min() == pytest.approx(15, abs=1e-3)
        with pytest.raises(IntakeError, match="is it of another province"):
            values(communes, layer(tmp_path / "far.gpkg", LineString([(150_000, 0), (150_000, 9)])), "distance")

    def test_files_that_cannot_be_read_are_explained(self, communes, tmp_path):
        (tmp_path / "doc.docx").write_text("x")
        (tmp_path / "bad.gpkg").write_text("x")
        two = layer(tmp_path / "two.gpkg", ROAD)
        gpd.read_file(two).to_file(two, layer="again")
        for name, said in [
            ("none.tif", r"none\.tif: no such file"),
            ("none.gpkg", r"none\.gpkg: no such file"),
            ("doc.docx", r"doc\.docx: expected one of \.tif"),
            ("bad.gpkg", "not a readable vector file"),
            ("two.gpkg", r"several layers \(two, again\); name one with --layer"),
        ]:
            with pytest.raises(IntakeError, match=said):
                values(communes, tmp_path / name, "density")
        with pytest.raises(IntakeError, match="there is no layer x"):
            values(communes, two, "density", layer="x")
        assert values(communes, two, "density", layer="again").table["value"].max() == pytest.approx(0.08, abs=1e-4)

    def test_options_that_would_be_passed_over_are_refused(self, communes, tmp_path):
        lines, cells = layer(tmp_path / "l.gpkg", ROAD), raster(tmp_path / "r.tif", np.ones((4, 4)))
        for file, options, said in [
            (lines, {"band": 1}, "--value and --band are for rasters"),
            (lines, {"columns": {"lon": "x"}}, "leave --column out"),
            (cells, {"layer": "x"}, "a raster has no layers or columns"),
            (cells, {"columns": {"lon": "x"}}, "a raster has no layers or columns"),
        ]:
            with pytest.raises(IntakeError, match=said):
                values(communes, file, "density", **options)

    def test_a_layer_without_a_crs_needs_one(self, communes, tmp_path):
        file = layer(tmp_path / "l.shp", ROAD)
        file.with_suffix(".prj").unlink()
        with pytest.raises(CrsError, match="no coordinate reference system"):
            values(communes, file, "density")
        assert values(communes, file, "density", declared_crs=METRIC).table["value"].iloc[0] == pytest.approx(0.08)

    def test_an_empty_layer_is_refused(self, communes, tmp_path):
        with pytest.raises(DiemnongError, match="no feature with a geometry"):
            values(communes, layer(tmp_path / "l.gpkg", None, a=[1]), "density")
