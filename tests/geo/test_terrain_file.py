import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, box

from geo.crs import METRIC, STORED
from geo.errors import IntakeError
from geo.grid import Grid
from geo.raster import write_cog
from geo.terrain_file import Elevations, load_elevations, load_ways, stored_elevations, terrain_grid, write_elevations
from tests.conftest import SIDE, SOUTH, WEST

DIGEST = "0" * 64
REGION = WEST, WEST + 2 * SIDE, SOUTH, SOUTH + 2 * SIDE


@pytest.fixture
def grid():
    return Grid.covering(REGION, 500.0, METRIC)


def dem(path, cell, values, **tags):
    fine = Grid.covering(REGION, cell, METRIC)
    write_cog(path, values(fine), fine, description="made-up elevation", unit="m", tags=tags)
    return path


def ramp(grid):
    return np.broadcast_to((grid.eastings() - WEST) / 10, grid.shape).copy()


def lines(path, *shapes, **columns):
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=METRIC).to_file(path)
    return path


def across(y):
    return LineString([(WEST, SOUTH + y), (WEST + SIDE, SOUTH + y)])


def test_the_grid_reaches_beyond_communes_and_border(communes):
    border = (
        gpd.GeoSeries([LineString([(WEST - 5000, SOUTH), (WEST, SOUTH)])], crs=METRIC)
        .to_crs(STORED)
        .to_frame("geometry")
    )
    west, east, south, north = terrain_grid(communes, border.set_geometry("geometry"), METRIC).region
    assert west <= WEST - 8000
    assert (east >= WEST + 2 * SIDE + 3000, south <= SOUTH - 3000, north >= SOUTH + 2 * SIDE + 3000) == (True,) * 3


def test_finer_elevations_are_averaged_and_kept_with_the_file_they_came_from(tmp_path, grid):
    path = dem(tmp_path / "dem.tif", 100.0, ramp, data_kind="simulated")
    loaded = load_elevations(path, grid, DIGEST)
    np.testing.assert_allclose(loaded.values, ramp(grid), atol=1e-3)
    assert loaded.source == {"file": "dem.tif", "sha256": DIGEST, "data_kind": "simulated"}
    write_elevations(tmp_path / "kept.tif", loaded)
    kept = stored_elevations(tmp_path / "kept.tif")
    np.testing.assert_allclose(kept.values, loaded.values, atol=1e-3)
    assert (kept.grid.region, kept.grid.shape, kept.source) == (grid.region, grid.shape, loaded.source)


def test_unknown_elevations_stay_unknown(tmp_path, grid):
    half = dem(tmp_path / "half.tif", 500.0, lambda fine: np.where(ramp(fine) < SIDE / 10, np.nan, 300.0))
    values = load_elevations(half, grid, DIGEST).values
    assert np.isnan(values[:, :20]).all()
    assert (values[:, 20:] == 300).all()


def test_elevations_of_another_region_are_refused(tmp_path):
    path = dem(tmp_path / "dem.tif", 500.0, ramp)
    far = Grid.covering((WEST + 9 * SIDE, WEST + 10 * SIDE, SOUTH, SOUTH + SIDE), 500.0, METRIC)
    with pytest.raises(IntakeError, match=r"dem\.tif: there is no elevation in the province"):
        load_elevations(path, far, DIGEST)


def test_an_elevation_is_that_of_the_cell_of_a_place(grid):
    found = Elevations(ramp(grid), grid, {}).at(np.array([WEST + 10.0, WEST + 760.0]), np.array([SOUTH + 10.0] * 2))
    assert found.tolist() == [25.0, 75.0]


def test_roads_bring_their_speeds_and_lie_in_the_province(tmp_path, grid):
    far = LineString([(WEST + 9 * SIDE, SOUTH), (WEST + 10 * SIDE, SOUTH)])
    file = lines(tmp_path / "roads.gpkg", across(1000), across(2000), far, maxspeed=[40.0, None, 60.0])
    roads = load_ways(file, "roads", grid, DIGEST, columns={"speed_kmh": "maxspeed"})
    assert roads["speed_kmh"].fillna(-1).tolist() == [40.0, -1.0]
    assert load_ways(file, "trails", grid, DIGEST)["speed_kmh"].isna().all()


def test_speeds_that_are_none_are_refused(tmp_path, grid):
    file = lines(tmp_path / "roads.gpkg", across(1000), across(2000), speed_kmh=[400.0, 30.0])
    with pytest.raises(IntakeError, match=r"1 roads have a speed in the column speed_kmh that is no number above 0"):
        load_ways(file, "roads", grid, DIGEST)


def test_rivers_may_be_areas_but_roads_may_not(tmp_path, grid):
    file = lines(tmp_path / "rivers.gpkg", box(WEST, SOUTH, WEST + 100, SOUTH + SIDE))
    assert len(load_ways(file, "rivers", grid, DIGEST)) == 1
    with pytest.raises(IntakeError, match="expected LineString geometries"):
        load_ways(file, "roads", grid, DIGEST)


def test_ways_of_another_region_are_refused(tmp_path, grid):
    file = lines(tmp_path / "r.gpkg", LineString([(WEST + 9 * SIDE, SOUTH), (WEST + 10 * SIDE, SOUTH)]))
    with pytest.raises(IntakeError, match="no feature lies in the province"):
        load_ways(file, "roads", grid, DIGEST)
