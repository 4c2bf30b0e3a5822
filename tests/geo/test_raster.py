import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from rio_cogeo.cogeo import cog_validate
from shapely.geometry import Point, box

from geo.crs import METRIC, STORED
from geo.errors import ModelError
from geo.grid import Grid
from geo.raster import cells_in, mask_outside, write_cog, write_cog_tiles
from geo.tiles import tiles

GRID = Grid(METRIC, Affine(100, 0, 500_000, 0, -100, 2_400_000), (6, 8))


def polygons(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=METRIC)


def test_a_raster_comes_back_as_it_went(tmp_path):
    array = np.arange(48.0).reshape(6, 8)
    array[0, 0] = np.nan
    write_cog(tmp_path / "r.tif", array, GRID, description="rate", unit="per km²", tags={"data_kind": "simulated"})
    with rasterio.open(tmp_path / "r.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.tags()["data_kind"] == "simulated"
        assert raster.descriptions == ("rate",)
        assert raster.units == ("per km²",)
        assert np.isnan(raster.nodata)
        assert raster.crs.to_epsg() == 9205
        assert raster.transform == GRID.transform
        np.testing.assert_array_equal(raster.read(1), array)


def test_large_rasters_have_overviews_and_equal_inputs_equal_bytes(tmp_path):
    grid = Grid(METRIC, Affine(100, 0, 500_000, 0, -100, 2_400_000), (1200, 1100))
    array = np.random.default_rng(0).random(grid.shape)
    for name in ("a.tif", "b.tif"):
        write_cog(tmp_path / name, array, grid, description="d", unit="u", tags={})
    with rasterio.open(tmp_path / "a.tif") as raster:
        assert raster.overviews(1)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


@pytest.mark.parametrize("shape", [(6, 8), (380, 300), (1200, 1100)])
def test_rasters_of_any_size_are_cloud_optimized(tmp_path, shape):
    """By the validator of rio-cogeo, without a warning."""
    grid = Grid(METRIC, Affine(100, 0, 500_000, 0, -100, 2_400_000), shape)
    write_cog(tmp_path / "r.tif", np.ones(shape), grid, description="d", unit="u", tags={})
    assert cog_validate(tmp_path / "r.tif", strict=True, quiet=True) == (True, [], [])


def in_tiles(array, grid, cells, block):
    return [(tile, array[tile]) for tile in tiles(grid, cells, block)]


@pytest.mark.parametrize(("cells", "block"), [(512 * 512, 512), (70_000, 37)])
def test_tiles_in_any_order_and_of_any_size_give_the_same_file(tmp_path, cells, block):
    grid = Grid(METRIC, Affine(100, 0, 500_000, 0, -100, 2_400_000), (1200, 1100))
    array = np.random.default_rng(0).random(grid.shape)
    array[:700, 300:] = np.nan
    about = {"description": "d", "unit": "u", "tags": {"data_kind": "simulated"}}
    write_cog(tmp_path / "whole.tif", array, grid, **about)
    parts = in_tiles(array, grid, cells, block)[::-1]
    assert len(parts) > 5
    write_cog_tiles(tmp_path / "tiles.tif", parts, grid, **about, n_jobs=2)
    assert (tmp_path / "tiles.tif").read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiles.tif", "whole.tif"]


def test_nothing_stays_of_tiles_that_fail(tmp_path):
    def failing():
        yield from in_tiles(np.ones(GRID.shape), GRID, 8, 1)[:2]
        raise ModelError("no more")

    for parts, error in ((failing(), ModelError), ([(tiles(GRID, 8, 1)[0], np.ones((2, 3)))], ValueError)):
        with pytest.raises(error):
            write_cog_tiles(tmp_path / "r.tif", parts, GRID, description="d", unit="u", tags={})
        assert not list(tmp_path.iterdir())


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from affine import Affine
from geo.crs import METRIC
from geo.durable import WRITE_FAILURES
from geo.grid import Grid
from geo.raster import write_cog_tiles
from geo.tiles import tiles

grid = Grid(METRIC, Affine(100, 0, 500_000, 0, -100, 2_400_000), (1024, 1024))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
parts = [(tile, np.random.default_rng(0).random((512, 1024))) for tile in tiles(grid, 512 * 1024)]
try:
    write_cog_tiles(Path(sys.argv[1]) / "r.tif", parts, grid, description="d", unit="u", tags={})
except WRITE_FAILURES:
    print("failed")
"""


@pytest.mark.parametrize("limit", [100_000, 3_000_000, 4_190_000])
def test_a_disk_that_fills_while_tiles_are_written_is_an_error(tmp_path, limit):
    """Files may not grow above a limit: below the 4 MB of the plain raster; the last is short by its last block."""
    command = [sys.executable, "-c", LIMITED, str(tmp_path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "failed\n"
    assert not list(tmp_path.glob("*.plain.tif"))


def test_cells_belong_to_the_polygon_that_holds_their_centre():
    west, east = box(500_000, 2_399_400, 500_340, 2_400_000), box(500_340, 2_399_400, 500_600, 2_399_800)
    expected = np.full((6, 8), -1)
    expected[:, :3] = 0
    expected[2:, 3:6] = 1
    np.testing.assert_array_equal(cells_in(polygons(west, east), GRID), expected)


@pytest.mark.parametrize("crs", [METRIC, STORED])
def test_a_polygon_smaller_than_a_cell_does_not_vanish(crs):
    large, small = box(500_000, 2_399_400, 500_800, 2_400_000), Point(500_305, 2_399_795).buffer(3)
    owner = cells_in(polygons(large, small).to_crs(crs), GRID)
    assert owner[2, 3] == 1
    assert (owner == 1).sum() == 1


@pytest.mark.parametrize("side", [(-500, 0), (1000, 0), (0, 700), (0, -700), (-200_000, 0)])
def test_a_polygon_outside_the_grid_owns_no_cell(side):
    inside = box(500_000, 2_399_400, 500_200, 2_400_000)
    outside = Point(500_400 + side[0], 2_399_700 + side[1]).buffer(30)
    owner = cells_in(polygons(inside, outside), GRID)
    assert (owner == 0).sum() == 12
    assert (owner == 1).sum() == 0


def test_the_part_of_a_polygon_within_the_grid_counts():
    """It reaches in by 20 m, so it holds no centre, and most of it lies outside."""
    owner = cells_in(polygons(box(499_000, 2_399_610, 500_020, 2_399_690)), GRID)
    assert np.argwhere(owner == 0).tolist() == [[3, 0]]


@pytest.mark.parametrize("first", [Point(500_350, 2_399_750).buffer(20), Point(500_325, 2_399_795).buffer(3)])
def test_cells_too_large_for_two_polygons_are_refused(first):
    """Both in one cell, whether the first holds its centre or not: one of them would vanish."""
    with pytest.raises(ModelError, match="Cells of 100 m are too large: 1 polygons"):
        cells_in(polygons(first, Point(500_305, 2_399_795).buffer(3)), GRID)


def test_arrays_of_another_shape_are_refused(tmp_path):
    turned = np.ones(GRID.shape[::-1])
    with pytest.raises(ValueError, match="has the shape"):
        write_cog(tmp_path / "r.tif", turned, GRID, description="d", unit="u", tags={})
    with pytest.raises(ValueError, match="has the shape"):
        mask_outside(turned, GRID, polygons(box(500_000, 2_399_400, 500_400, 2_400_000)))


def test_cells_outside_all_polygons_are_masked():
    masked = mask_outside(np.ones(GRID.shape), GRID, polygons(box(500_000, 2_399_400, 500_400, 2_400_000)))
    assert (masked[:, :4] == 1).all()
    assert np.isnan(masked[:, 4:]).all()
