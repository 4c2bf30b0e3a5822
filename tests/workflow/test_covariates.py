"""Covariates of a workspace: added, replaced, taken back, and told when the communes change."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

import workflow
from geo.covariates import FACTS, join_covariates
from geo.crs import METRIC
from geo.errors import IntakeError, WorkspaceError
from geo.grid import Grid
from geo.raster import write_cog
from geo.schema import COVARIATES
from models.relief import simulate_relief
from workflow.layers import read_layers

NOW = datetime(2018, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return workflow.init(tmp_path_factory.mktemp("fresh") / "w").folder


@pytest.fixture
def workspace(fresh, tmp_path, copied):
    return copied(fresh, tmp_path / "w")


@pytest.fixture
def communes(workspace):
    return workspace.store.read("communes")


def covariate_table(workspace):
    """Return the covariates as a run joins them."""
    layers = read_layers(workspace)
    return join_covariates(layers.communes, layers.border, layers.crossings, layers.covariates, workspace.settings.crs)


def raster(path, communes, value=1.0, part=1.0):
    """A raster of the southern part of the province, rising from west to east."""
    west, south, east, north = communes.to_crs(METRIC).total_bounds
    grid = Grid.covering((west, east, south, south + part * (north - south)), 2000, METRIC)
    array = value + np.tile(np.arange(grid.shape[1], dtype=float), (grid.shape[0], 1))
    write_cog(path, array, grid, description="height", unit="m", tags={})
    return path


def said(added):
    return [str(message) for message in added.messages]


def stored(workspace):
    return workspace.store.read("covariates")


def test_a_covariate_is_kept_with_its_source_and_joins_the_facts(workspace, communes, tmp_path):
    file = raster(tmp_path / "dem.tif", communes)
    added = workflow.add_covariate(workspace, "height", file, stat="mean", now=NOW)
    assert (added.kind, added.read, added.accepted, added.refused) == ("covariates", 45, 45, False)
    rows = COVARIATES.validate(stored(workspace))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert set(rows["sha256"]) == {digest}
    assert set(rows[["name", "stat", "unit", "file", "data_kind"]].itertuples(index=False, name=None)) == {
        ("height", "mean", "m", "dem.tif", "recorded")
    }
    covariates = covariate_table(workspace)
    assert list(covariates.table.columns) == [*FACTS, "height"]
    assert covariates.table.index.tolist() == communes["commune_code"].tolist()
    assert covariates.table["height"].to_dict() == rows.set_index("commune_code")["value"].to_dict()
    last = covariates.sources.iloc[-1]
    assert last.to_dict() == {
        "name": "height", "stat": "mean", "unit": "m", "source": "dem.tif", "sha256": digest, "data_kind": "recorded",
        "missing": 0,
    }  # fmt: skip
    assert not covariates.simulated


def test_a_workspace_without_files_has_the_facts(workspace):
    covariates = covariate_table(workspace)
    assert list(covariates.table.columns) == list(FACTS) == covariates.sources["name"].tolist()
    assert len(covariates.table) == 45


def test_values_are_in_the_units_order_and_not_in_the_tables(workspace, communes, tmp_path):
    """Heights rise to the east, so their ranks are those of the centroids."""
    workflow.add_covariate(workspace, "height", raster(tmp_path / "dem.tif", communes), stat="mean", now=NOW)
    east = communes.to_crs(METRIC).set_index("commune_code").geometry.centroid.x
    heights = covariate_table(workspace).table["height"]
    assert heights.corr(east) > 0.999


def test_communes_outside_are_missing_flagged_and_told(workspace, communes, tmp_path):
    added = workflow.add_covariate(
        workspace, "height", raster(tmp_path / "dem.tif", communes, part=0.6), stat="mean", now=NOW
    )
    rows = stored(workspace)
    missing = int(rows["missing"].sum())
    assert 0 < missing < 45
    assert (rows["missing"] == rows["value"].isna()).all()
    assert (rows.loc[rows["missing"], "coverage"] < 0.5).all()
    assert f"measured in {45 - missing} of 45 communes" in said(added)[0]
    assert any(line.startswith(f"{missing} communes have no value") for line in said(added))
    partly = int((~rows["missing"] & (rows["coverage"] < 0.99)).sum())
    assert partly > 0
    assert any(line.startswith(f"The layer covers {partly} communes in part") for line in said(added))
    covariates = covariate_table(workspace)
    assert covariates.missing["height"].sum() == missing
    assert covariates.sources.set_index("name").loc["height", "missing"] == missing


def test_the_same_name_again_replaces_and_says_so(workspace, communes, tmp_path):
    first = workflow.add_covariate(workspace, "height", raster(tmp_path / "a.tif", communes), stat="mean", now=NOW)
    workflow.add_covariate(workspace, "other", tmp_path / "a.tif", stat="mean", now=NOW)
    again = workflow.add_covariate(
        workspace, "height", raster(tmp_path / "b.tif", communes, 501.0), stat="mean", now=NOW + timedelta(days=1)
    )
    assert "It replaces height from a.tif" in said(again)
    rows = stored(workspace)
    assert rows.groupby("name").size().to_dict() == {"height": 45, "other": 45}
    assert rows.loc[rows["name"] == "height", "value"].min() > 500
    with pytest.raises(WorkspaceError, match="There is no intake"):
        workflow.undo(workspace, first.intake_id, now=NOW)


def test_undo_takes_one_covariate_back_and_no_other(workspace, communes, tmp_path):
    file = raster(tmp_path / "a.tif", communes)
    one, _ = (workflow.add_covariate(workspace, name, file, stat="mean", now=NOW) for name in ("one", "two"))
    report = json.loads((workspace.intake / one.intake_id / "intake.json").read_text(encoding="utf-8"))
    assert (report["covariate"], report["file"], report["added"], report["missing"]) == ("one", "a.tif", 45, 0)
    workflow.undo(workspace, one.intake_id, now=NOW)
    assert list(covariate_table(workspace).table.columns) == [*FACTS, "two"]


def test_a_dry_run_measures_and_writes_nothing(workspace, communes, tmp_path):
    added = workflow.add_covariate(
        workspace, "height", raster(tmp_path / "a.tif", communes), stat="mean", dry_run=True, now=NOW
    )
    assert said(added)[-1] == "Nothing was written"
    assert added.intake_id is None
    assert stored(workspace).empty
    assert list(workspace.intake.iterdir()) == []


def test_other_communes_make_covariates_outdated_until_they_are_measured_again(workspace, communes, tmp_path):
    file = raster(tmp_path / "a.tif", communes)
    workflow.add_covariate(workspace, "height", file, stat="mean", now=NOW)
    metric = communes.to_crs(METRIC)
    same = communes[["commune_code", "name", "geometry"]]
    moved = same.assign(geometry=metric.translate(5, 5).to_crs(communes.crs))
    same.to_file(tmp_path / "same.gpkg")
    moved.to_file(tmp_path / "moved.gpkg")
    warning = "Covariates were measured on the former communes; add their files again: height"
    assert not any(warning in line for line in said(workflow.add(workspace, "communes", tmp_path / "same.gpkg")))
    assert covariate_table(workspace).table["height"].notna().all()
    assert any(warning in line for line in said(workflow.add(workspace, "communes", tmp_path / "moved.gpkg")))
    assert any(warning in line for line in map(str, workflow.check(workspace).messages))
    with pytest.raises(WorkspaceError, match="height were measured on another commune layer"):
        covariate_table(workspace)
    workflow.add_covariate(workspace, "height", file, stat="mean", now=NOW + timedelta(days=1))
    assert covariate_table(workspace).table["height"].notna().all()


@pytest.mark.parametrize("name", ["Độ cao", "cao độ", "1st", "", "a" * 41, "x,y"])
def test_names_are_plain(workspace, tmp_path, name):
    with pytest.raises(IntakeError, match="cannot be the name of a covariate; use small letters"):
        workflow.add_covariate(workspace, name, tmp_path / "a.tif", stat="mean")


@pytest.mark.parametrize("name", ["border_distance_km", "population", "sessions", "outreach", "district"])
def test_names_of_other_columns_of_a_fit_are_taken(workspace, tmp_path, name):
    with pytest.raises(IntakeError, match=f"{name} is a column of the workspace already"):
        workflow.add_covariate(workspace, name, tmp_path / "a.tif", stat="mean")


def test_a_covariate_without_differences_is_told(workspace, communes, tmp_path):
    everywhere = gpd.GeoDataFrame(geometry=[box(101, 20, 105, 24)], crs="EPSG:4326")
    everywhere.to_file(tmp_path / "all.gpkg")
    added = workflow.add_covariate(workspace, "forest", tmp_path / "all.gpkg", stat="share", now=NOW)
    assert "forest is the same in all communes, so no model can use it" in said(added)


def test_simulated_layers_say_so_to_the_end(workspace, communes, tmp_path):
    middle = communes.to_crs(METRIC).geometry.centroid.iloc[0]
    points = gpd.GeoDataFrame({"data_kind": ["simulated"]}, geometry=[Point(middle.x, middle.y)], crs=METRIC)
    points.to_file(tmp_path / "p.gpkg")
    added = workflow.add_covariate(workspace, "schools", tmp_path / "p.gpkg", stat="count", now=NOW)
    assert "SIMULATED DATA: the layer says that it is made up" in said(added)
    assert covariate_table(workspace).simulated


def test_the_demo_has_a_simulated_elevation(tmp_path, demo_in):
    workspace = demo_in(tmp_path / "demo")
    covariates = covariate_table(workspace)
    heights = covariates.table["elevation"]
    assert heights.between(300, 1900).all()
    assert heights.std() > 50
    row = covariates.sources.set_index("name").loc["elevation"]
    assert (row["unit"], row["data_kind"], row["missing"]) == ("m", "simulated", 0)
    assert covariates.table.notna().all(axis=None)


def test_a_relief_is_that_of_its_seed_and_smooth():
    grid = Grid.covering((500_000, 560_000, 2_400_000, 2_450_000), 1000, METRIC)
    one, again, other = (simulate_relief(grid, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert (one.min(), one.max()) == pytest.approx((300, 1900))
    assert np.abs(np.diff(one, axis=0)).max() < 400
