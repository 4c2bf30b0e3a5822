import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString, Point, box

from geo._least_cost import ACROSS, DOWN, least_cost
from geo.crs import METRIC
from geo.errors import CrsError, ModelError
from geo.grid import Grid
from geo.raster import write_cog
from geo.raster_file import open_raster
from geo.terrain import build_terrain, read_elevation
from geo.travel import places_on, reach, straight_times, travel_times

CELL = 100.0
WEST, NORTH = 500_000.0, 2_400_000.0


def grid_of(rows, cols):
    return Grid.covering((WEST, WEST + cols * CELL, NORTH - rows * CELL, NORTH), CELL, METRIC)


def place(row, col):
    return Point(WEST + (col + 0.5) * CELL, NORTH - (row + 0.5) * CELL)


def layer(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=METRIC)


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs=METRIC)


def flat(rows, cols, **layers):
    return build_terrain(np.zeros((rows, cols)), grid_of(rows, cols), **layers)


def tobler(slope):
    return 6 * np.exp(-3.5 * abs(slope + 0.05))


def graph_hours(terrain, source):
    """Hours by scipy's Dijkstra over the graph of all steps."""
    rows, cols = terrain.grid.shape
    cells = np.arange(rows * cols)
    begin = np.repeat(cells, 8)
    end = begin + np.tile(DOWN * cols + ACROSS, cells.size)
    steps = terrain.steps.reshape(-1).astype(float)
    there = np.isfinite(steps)
    graph = coo_array((steps[there], (begin[there], end[there])), (cells.size, cells.size)).tocsr()
    return dijkstra(graph, indices=source).reshape(rows, cols)


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 12), cols=st.integers(1, 12))
def test_hours_are_those_of_scipys_dijkstra(seed, rows, cols):
    rng = np.random.default_rng(seed)
    elevation = rng.normal(0, 30, (rows, cols))
    elevation[rng.random((rows, cols)) < 0.2] = np.nan
    elevation[rng.integers(rows), rng.integers(cols)] = 0.0
    lines = [LineString(rng.uniform((WEST, NORTH - 1200), (WEST + 1200, NORTH), (2, 2))) for _ in range(2)]
    terrain = build_terrain(elevation, grid_of(rows, cols), roads=layer(lines[0]), rivers=layer(lines[1]))
    source = int(np.flatnonzero(~np.isnan(elevation))[0])
    found = reach(terrain, place(*divmod(source, cols)))
    np.testing.assert_allclose(found.hours, graph_hours(terrain, source), rtol=1e-12)


@pytest.mark.parametrize("width", [1e-9, 1e-3, 1.0, 1e6])
def test_hours_do_not_depend_on_the_width_of_the_buckets(width):
    rng = np.random.default_rng(0)
    terrain = build_terrain(rng.normal(0, 30, (40, 30)), grid_of(40, 30))
    hours, came = np.empty(1200), np.empty(1200, dtype=np.int8)
    least_cost(terrain.steps, width, 615, hours, came)
    np.testing.assert_allclose(hours.reshape(40, 30), graph_hours(terrain, 615), rtol=1e-12)


def test_level_ground_off_the_path_is_walked_at_three_fifths_of_toblers_speed():
    hours = reach(flat(1, 11), place(0, 0)).hours
    np.testing.assert_allclose(hours[0, 10], 1.0 / (0.6 * tobler(0.0)), rtol=1e-6)


def test_uphill_and_downhill_take_their_own_time():
    terrain = build_terrain(np.array([[0.0, 20.0]]), grid_of(1, 2))
    np.testing.assert_allclose(reach(terrain, place(0, 0)).hours[0, 1], 0.1 / (0.6 * tobler(0.2)), rtol=1e-6)
    np.testing.assert_allclose(reach(terrain, place(0, 1)).hours[0, 0], 0.1 / (0.6 * tobler(-0.2)), rtol=1e-6)


def test_on_level_ground_detours_between_the_eight_directions_stay_below_nine_percent():
    hours = reach(flat(41, 41), place(20, 20)).hours
    row, col = np.mgrid[-20:21, -20:21]
    straight = np.hypot(row, col) * 0.1 / (0.6 * tobler(0.0))
    ratio = hours[straight > 0] / straight[straight > 0]
    assert ratio.min() == pytest.approx(1.0, abs=1e-6)
    assert ratio.max() == pytest.approx(1.0824, abs=2e-3)


def test_roads_are_ridden_at_their_speed_and_trails_walked_at_toblers():
    way = LineString([place(0, 0), place(0, 10)])
    road = flat(1, 11, roads=layer(way, speed_kmh=[40.0]))
    assert reach(road, place(0, 0)).hours[0, 10] == pytest.approx(1 / 40)
    unknown = flat(1, 11, roads=layer(way, speed_kmh=[np.nan]))
    assert reach(unknown, place(0, 0)).hours[0, 10] == pytest.approx(1 / 25)
    trail = flat(1, 11, trails=layer(way))
    assert reach(trail, place(0, 0)).hours[0, 10] == pytest.approx(1 / tobler(0.0))


def test_of_two_roads_in_a_cell_the_faster_counts():
    way = LineString([place(0, 0), place(0, 10)])
    terrain = flat(1, 11, roads=layer(way, way, speed_kmh=[40.0, 10.0]))
    assert reach(terrain, place(0, 0)).hours[0, 10] == pytest.approx(1 / 40)


def test_a_river_is_forded_once_at_its_cost_and_no_diagonal_slips_through():
    river = layer(LineString([place(0, 0), place(9, 9)]))
    near = reach(flat(10, 10), place(9, 0)).hours[0, 9]
    forded = reach(flat(10, 10, rivers=river), place(9, 0)).hours
    assert forded[0, 9] == pytest.approx(near + 0.25)
    flood = reach(flat(10, 10, rivers=river, ford_hours=np.inf), place(9, 0)).hours
    assert flood[0, 9] == np.inf
    assert np.isfinite(flood[9, 0])


def test_a_bridge_crosses_a_river_in_flood():
    river, bridge = LineString([place(0, 5), place(9, 5)]), LineString([place(4, 3), place(4, 7)])
    terrain = flat(10, 10, rivers=layer(river), trails=layer(bridge), ford_hours=np.inf)
    found = reach(terrain, place(0, 0))
    assert found.path_to(place(0, 9)).intersects(place(4, 5).buffer(1))


def test_closed_terrain_is_gone_round_or_cannot_be_reached():
    wall = layer(box(WEST + 410, NORTH - 890, WEST + 490, NORTH + 100))
    open_, closed = flat(10, 10), flat(10, 10).closing(wall)
    assert reach(closed, place(0, 0)).hours[0, 9] > reach(open_, place(0, 0)).hours[0, 9]
    whole = flat(10, 10).closing(layer(LineString([place(0, 4), place(4, 8), place(9, 8)])))
    assert reach(whole, place(0, 0)).hours[0, 9] == np.inf
    assert reach(whole, place(0, 0)).path_to(place(0, 9)) is None


def test_from_a_closed_cell_no_way_leads_and_it_is_said():
    terrain = flat(3, 3).closing(layer(place(0, 0)))
    times = travel_times(terrain, series(place(0, 0), place(2, 2)), series(place(0, 0), place(0, 2)))
    assert times.hours.iloc[0].tolist() == [np.inf, np.inf]
    assert np.isfinite(times.hours.iloc[1, 1])
    texts = [str(note) for note in times.notes]
    assert "1 of 2 origins reach no target over open terrain" in texts
    assert "1 of 2 targets cannot be reached from any origin" in texts


def test_hours_along_the_path_add_up_to_the_hours_of_the_place():
    rng = np.random.default_rng(1)
    terrain = build_terrain(rng.normal(0, 20, (20, 30)), grid_of(20, 30))
    found = reach(terrain, place(3, 4))
    path = np.array(found.path_to(place(15, 27)).coords)
    col, row = ((path - (WEST, NORTH)) / (CELL, -CELL)).astype(int).T
    assert (row[0], col[0], row[-1], col[-1]) == (3, 4, 15, 27)
    steps = {(DOWN[k], ACROSS[k]): k for k in range(8)}
    along = [
        terrain.steps[r, c, steps[rr - r, cc - c]]
        for r, c, rr, cc in zip(row[:-1], col[:-1], row[1:], col[1:], strict=True)
    ]
    assert sum(map(float, along)) == pytest.approx(found.hours[15, 27], rel=1e-12)


def test_a_path_that_ends_where_it_begins_is_a_line_without_length():
    assert reach(flat(2, 2), place(0, 0)).path_to(place(0, 0)).length == 0.0


def test_times_to_a_line_are_those_to_its_nearest_cell_in_the_order_of_the_layers():
    targets = gpd.GeoSeries(
        [LineString([place(0, 5), place(9, 5)]), place(9, 9), Point(WEST - 5000, NORTH)],
        index=["line", "point", "outside"],
        crs=METRIC,
    )
    origins = gpd.GeoSeries([place(2, 0), place(9, 9), place(2, 0)], index=["a", "b", "c"], crs=METRIC)
    times = travel_times(flat(10, 10), origins.to_crs("EPSG:4326"), targets.to_crs("EPSG:4326"))
    pace = 0.1 / (0.6 * tobler(0.0))
    expected = pd.DataFrame(
        [
            [5 * pace, (2 + 7 * 2**0.5) * pace, np.inf],
            [4 * pace, 0.0, np.inf],
            [5 * pace, (2 + 7 * 2**0.5) * pace, np.inf],
        ],
        index=list("abc"),
        columns=["line", "point", "outside"],
    )
    pd.testing.assert_frame_equal(times.hours, expected, rtol=1e-6)
    assert "1 of 3 targets cannot be reached from any origin" in [str(note) for note in times.notes]


def test_the_number_of_threads_changes_nothing():
    rng = np.random.default_rng(2)
    terrain = build_terrain(rng.normal(0, 20, (30, 30)), grid_of(30, 30))
    origins = series(*(place(*rng.integers(0, 30, 2)) for _ in range(6)))
    one, three = (travel_times(terrain, origins, origins, threads=n).hours for n in (1, 3))
    pd.testing.assert_frame_equal(one, three, check_exact=True)


def test_what_is_not_given_and_not_known_is_said():
    elevation = np.zeros((10, 10))
    elevation[0] = np.nan
    notes = [str(note) for note in build_terrain(elevation, grid_of(10, 10)).notes]
    assert notes == [
        "no roads are given: travel times are those on foot",
        "no trails are given: off the roads every way counts as pathless",
        "no rivers are given: they hold nobody up",
        "10.0 % of the terrain has no elevation and is taken as closed",
    ]


def test_straight_times_are_distance_by_detour_and_speed_and_say_so():
    times = straight_times(series(Point(WEST, NORTH)), series(Point(WEST + 20_000, NORTH)), METRIC)
    assert times.hours.iloc[0, 0] == pytest.approx(3.0)
    assert str(times.notes[0]).startswith(
        "no elevation model is given: travel times are the straight distance × 1.5 at"
    )


def test_elevations_are_averaged_onto_larger_cells_and_stay_unknown_outside(tmp_path):
    fine = Grid.covering((WEST, WEST + 400, NORTH - 200, NORTH), 50.0, METRIC)
    values = np.repeat(np.repeat([[100.0, 200.0, 300.0, 400.0], [500.0, 600.0, 700.0, 800.0]], 2, 0), 2, 1)
    values[::2] += 10.0
    write_cog(tmp_path / "dem.tif", values, fine, description="simulated elevation", unit="m", tags={})
    with open_raster(tmp_path / "dem.tif") as raster:
        read = read_elevation(raster, grid_of(2, 5))
    np.testing.assert_allclose(read[:, :4], [[105, 205, 305, 405], [505, 605, 705, 805]])
    assert np.isnan(read[:, 4]).all()


def test_an_undeclared_value_for_nothing_is_refused(tmp_path):
    write_cog(tmp_path / "dem.tif", np.full((2, 2), -9999.0), grid_of(2, 2), description="", unit="m", tags={})
    with open_raster(tmp_path / "dem.tif") as raster, pytest.raises(ModelError, match="declare the nodata value"):
        read_elevation(raster, grid_of(2, 2))


def test_bad_layers_are_refused_with_the_mend():
    terrain = flat(3, 3)
    with pytest.raises(ModelError, match="1 of 2 origins lie outside the elevation model"):
        travel_times(terrain, series(place(0, 0), Point(0, 0)), series(place(1, 1)))
    with pytest.raises(ModelError, match="at least one origin and one target"):
        travel_times(terrain, series(), series(place(1, 1)))
    with pytest.raises(ModelError, match="1 origins or targets have no geometry"):
        travel_times(terrain, series(place(0, 0)), series(None))
    with pytest.raises(ModelError, match="no cell has one"):
        build_terrain(np.full((2, 2), np.nan), grid_of(2, 2))
    with pytest.raises(ModelError, match="at most 120 km/h"):
        flat(3, 3, roads=layer(place(0, 0), speed_kmh=[0.0]))
    with pytest.raises(CrsError, match="no coordinate reference system"):
        flat(3, 3, trails=gpd.GeoDataFrame(geometry=[place(0, 0)]))
    with pytest.raises(ModelError, match="a detour of at least 1"):
        straight_times(series(place(0, 0)), series(place(1, 1)), METRIC, detour=0.5)


def test_one_stands_on_a_line_where_it_is_open_nearest_to_its_middle():
    elevation = np.zeros((5, 9))
    elevation[2, 3:6] = np.nan  # the middle of the line and its neighbours
    terrain = build_terrain(elevation, grid_of(5, 9))
    line = LineString([(WEST, NORTH - 250.0), (WEST + 899.0, NORTH - 250.0)])
    places = places_on(terrain, gpd.GeoSeries([line], ["a"], crs=METRIC))
    assert places.index.tolist() == ["a"]
    assert places["a"].equals(place(2, 2)) or places["a"].equals(place(2, 6))
    closed = build_terrain(np.where(np.arange(5)[:, None] == 2, np.nan, elevation * 0), grid_of(5, 9))
    assert places_on(closed, gpd.GeoSeries([line], ["a"], crs=METRIC))["a"].equals(
        line.interpolate(0.5, normalized=True)
    )
