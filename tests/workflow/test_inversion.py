"""The places of cases looked for in surfaces: found in one of points, which may not leave; not in the others."""

import numpy as np
import pandas as pd
import rasterio

import workflow
from benchmarks.disclosure import attacked, invert_on, province, world
from geo.crs import METRIC
from geo.grid import Grid
from maps.publication import FILES
from maps.release import Level
from tests.inversion import distances

BANDWIDTH_M, CELL_M, WORLDS = 5_000.0, 4_000.0, 3


def test_the_attack_finds_the_points_of_a_command_surface(tmp_path):
    cases = world(province(), 0)
    points = pd.DataFrame({"x": cases["x"], "y": cases["y"], "data_kind": "simulated"})
    points.to_csv(tmp_path / "points.csv", index=False)
    drawn = workflow.draw_density(
        tmp_path / "points.csv", tmp_path / "d.tif", cell_m=3_000, bandwidth=BANDWIDTH_M, crs=METRIC
    )
    with rasterio.open(drawn.file) as raster:
        assert raster.tags()["release_level"] == Level.COMMAND
        grid = Grid(METRIC, raster.transform, raster.shape)
        found = invert_on(grid, raster.read(1).astype(float), BANDWIDTH_M)
    errors = distances(found, cases[["x", "y"]].to_numpy() / 1000)
    assert np.median(errors) < 0.1
    assert (errors < 1).mean() > 0.9
    assert drawn.file.name == "command_level_d.tif"
    assert "COMMAND LEVEL: not to leave the command" in map(str, drawn.messages)


def test_the_same_attack_finds_no_place_in_a_planners_surface():
    """It is drawn from the counts of communes; a bandwidth of 5 km is a third of the usual one, and tells more."""
    errors = np.concatenate([attacked(seed, BANDWIDTH_M, points=False, cell_m=CELL_M) for seed in range(WORLDS)])
    assert np.median(errors) >= 3
    assert (errors < 1).mean() < 0.05


def test_what_is_published_has_no_surface():
    assert not any(name.endswith((".tif", ".gpkg", ".png")) for name in FILES)
