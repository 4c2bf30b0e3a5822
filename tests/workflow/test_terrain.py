"""A made-up relief with a wall: what a workspace's terrain changes, and what is said of it."""

import json
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

import workflow
from geo.crs import METRIC
from geo.errors import IntakeError
from geo.raster import write_cog
from geo.terrain_file import terrain_grid
from geo.travel import reach
from workflow.layers import read_layers
from workflow.ways import meeting_places, route_lines, times_between

NOW = datetime(2018, 1, 2, tzinfo=UTC)


def relief(path, workspace, values=lambda grid: np.full(grid.shape, 500.0), **tags):
    layers = read_layers(workspace)
    grid = terrain_grid(layers.communes, layers.border, METRIC)
    write_cog(path, values(grid), grid, description="made-up elevation", unit="m", tags=tags)
    return path


@pytest.fixture
def workspace(tmp_path):
    made = workflow.init(tmp_path / "w")
    rows = {
        "case_id": ["a", "b"],
        "date": ["2016-03-01", "2017-03-01"],
        "commune_code": "03160",
        "vintage": "2025-07-01",
    }
    pd.DataFrame({**rows, "victims": 1, "source": "police"}).to_csv(tmp_path / "cases.csv", index=False)
    workflow.add(made, "cases", tmp_path / "cases.csv", now=NOW)
    return made


def test_elevations_replace_straight_lines_in_a_run_and_the_run_says_where_they_are_from(workspace, tmp_path):
    before = workflow.run(workspace, now=NOW)
    added = workflow.add(workspace, "elevation", relief(tmp_path / "dem.tif", workspace, data_kind="simulated"))
    assert [str(message) for message in added.messages] == [
        "dem.tif: elevations from 500 to 500 m, kept on cells of 500 m"
    ]
    after = workflow.run(workspace, now=NOW)
    assert before.folder != after.folder
    said = [str(note) for note in after.notices()]
    assert "no roads are given: travel times are those on foot" in said
    assert not any("straight distance" in line for line in said)
    assert not before.content.patrol["expected"].equals(after.content.patrol["expected"])
    assert (before.content.data_kind, after.content.data_kind) == ("recorded", "simulated")
    inputs = json.loads((after.folder / "run.json").read_text(encoding="utf-8"))["inputs"]
    assert [(source["layer"], source["file"]) for source in inputs["terrain"]] == [("elevation", "dem.tif")]
    assert len(inputs["terrain.tif"]) == 64


def test_what_has_no_elevation_is_told_when_it_is_added(workspace, tmp_path):
    west = lambda grid: np.where(np.arange(grid.shape[1]) < grid.shape[1] // 2, 400.0, np.nan) * np.ones(grid.shape)  # noqa: E731
    added = workflow.add(workspace, "elevation", relief(tmp_path / "half.tif", workspace, west))
    said = [str(message) for message in added.messages]
    assert said[0].endswith("% of the province has no elevation: nobody is taken to get through there")
    assert "border sectors have no elevation and cannot be reached:" in said[1]
    assert any(
        "targets cannot be reached from any origin" in str(note) for note in workflow.run(workspace, now=NOW).notices()
    )


def test_a_dry_run_keeps_nothing(workspace, tmp_path):
    workflow.add(workspace, "elevation", relief(tmp_path / "dem.tif", workspace), dry_run=True)
    assert not workspace.terrain.exists()
    assert read_layers(workspace).terrain is None


def test_roads_count_once_elevations_are_known(workspace, tmp_path):
    layers = read_layers(workspace)
    west, south, east, north = layers.communes.to_crs(METRIC).total_bounds
    middle = (south + north) / 2
    road = gpd.GeoDataFrame({"speed_kmh": [30.0]}, geometry=[LineString([(west, middle), (east, middle)])], crs=METRIC)
    road.to_file(tmp_path / "road.gpkg")
    added = workflow.add(workspace, "roads", tmp_path / "road.gpkg")
    assert str(added.messages[-1]) == "They count only where elevations are known: diemnong add elevation FILE"
    workflow.add(workspace, "elevation", relief(tmp_path / "dem.tif", workspace))
    terrain = read_layers(workspace).terrain
    ends = gpd.GeoSeries([Point(east - 1000, middle)], crs=METRIC)
    begin = gpd.GeoSeries([Point(west + 1000, middle)], crs=METRIC)
    hours = times_between(terrain, begin, ends, METRIC).hours.iloc[0, 0]
    assert hours == pytest.approx((east - west - 2000) / 30_000, rel=0.02)
    assert not workspace.store.read("rivers").shape[0]


def test_options_that_do_not_belong_to_a_terrain_are_refused(workspace, tmp_path):
    file = relief(tmp_path / "dem.tif", workspace)
    with pytest.raises(IntakeError, match="leave --layer out"):
        workflow.add(workspace, "elevation", file, layer="x")
    with pytest.raises(IntakeError, match="only a raster has bands; leave --band out"):
        workflow.add(workspace, "cases", tmp_path / "cases.csv", band=1)
    with pytest.raises(IntakeError, match="--column can name speed_kmh, but not name"):
        workflow.add(workspace, "roads", tmp_path / "r.gpkg", columns={"name": "x"})
    with pytest.raises(IntakeError, match="no such file"):
        workflow.add(workspace, "elevation", tmp_path / "none.tif")


def test_routes_over_the_terrain_are_the_fastest_paths_there_and_back(workspace, tmp_path):
    wall = lambda grid: np.where(np.arange(grid.shape[0])[:, None] % 40 == 0, 2500.0, 500.0) * np.ones(grid.shape)  # noqa: E731
    workflow.add(workspace, "elevation", relief(tmp_path / "dem.tif", workspace, wall))
    layers = read_layers(workspace)
    terrain = layers.terrain
    meeting = meeting_places(terrain, layers.border, METRIC)
    posts = layers.communes.to_crs(METRIC).set_index("commune_code").representative_point()[["03160"]].set_axis(["P"])
    there = times_between(terrain, posts, meeting, METRIC).hours.loc["P"].nsmallest(2).index
    one, two = there
    lines = route_lines(terrain, [("P", (one,)), ("P", (one, two))], posts, meeting)
    found = reach(terrain, posts["P"])
    path = found.path_to(meeting[one])
    assert lines[0].length == pytest.approx(2 * path.length)
    between = reach(terrain, meeting[one]).path_to(meeting[two])
    assert lines[1].length == pytest.approx(path.length + between.length + found.path_to(meeting[two]).length)
    assert all(line.is_closed for line in lines)


def test_sites_are_chosen_by_ways_over_the_terrain(workspace, tmp_path):
    workflow.add(workspace, "elevation", relief(tmp_path / "dem.tif", workspace))
    said = [str(message) for message in workflow.sites_for(workspace, 2, out=tmp_path / "s", now=NOW).messages]
    assert "no roads are given: travel times are those on foot" in said
    assert not any("straight distance" in line for line in said)
