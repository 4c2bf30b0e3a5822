import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

import workflow
import workflow.density
from geo.crs import METRIC, STORED
from geo.density import density_tiles
from geo.errors import CrsError, IntakeError, ModelError, ReleaseError
from geo.tiles import tiles
from tests.reference import kernel_density

RNG = np.random.default_rng(8)
X, Y = RNG.uniform(500_000, 520_000, 40), RNG.uniform(2_400_000, 2_415_000, 40)
WEIGHTS = RNG.integers(1, 4, 40)


@pytest.fixture
def points(tmp_path):
    places = gpd.GeoSeries.from_xy(X, Y, crs=METRIC)
    frame = gpd.GeoDataFrame({"n": WEIGHTS}, geometry=places.to_crs(STORED))
    frame.to_file(tmp_path / "points.gpkg")
    return tmp_path / "points.gpkg"


def read(path):
    with rasterio.open(path) as raster:
        at = np.array([raster.xy(row, col) for row, col in np.ndindex(raster.shape)])
        return raster.read(1), at[:, 0].reshape(raster.shape), at[:, 1].reshape(raster.shape), raster.tags(), raster.crs


def test_the_raster_holds_the_density_around_all_points(points, tmp_path):
    drawn = workflow.draw_density(points, tmp_path / "out.tif", cell_m=1000, bandwidth=4_000, weights="n")
    values, east, north, tags, crs = read(tmp_path / "command_level_out.tif")
    expected = kernel_density(X, Y, WEIGHTS, 4_000.0, 2, east, north)
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6 * expected.max())
    assert values.sum() == pytest.approx(WEIGHTS.sum(), rel=0.01)  # cells of 1 km²: no kernel is cut off
    assert crs == METRIC
    assert tags["release_level"] == "command"
    assert tags["data_kind"] == "recorded"
    assert drawn.peak == pytest.approx(expected.max())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["command_level_out.tif", "points.gpkg"]


def test_the_same_points_give_the_same_bytes(points, tmp_path):
    for name in ("a.tif", "b.tif"):
        workflow.draw_density(points, tmp_path / name, bandwidth=4_000, n_jobs=1 if name == "a.tif" else 2)
    assert (tmp_path / "command_level_a.tif").read_bytes() == (tmp_path / "command_level_b.tif").read_bytes()


def test_within_a_study_area_edges_are_corrected(points, tmp_path):
    area = shapely.box(499_000, 2_399_000, 521_000, 2_416_000)
    gpd.GeoSeries([area], crs=METRIC).to_file(tmp_path / "area.gpkg")
    workflow.draw_density(points, tmp_path / "out.tif", cell_m=200, area=tmp_path / "area.gpkg", edges="diggle")
    values, *_ = read(tmp_path / "command_level_out.tif")
    assert np.nansum(values) * 0.2**2 == pytest.approx(40, rel=0.01)
    gpd.GeoSeries([area.buffer(-5_000)], crs=METRIC).to_file(tmp_path / "small.gpkg")
    with pytest.raises(ModelError, match="of 40 points lie outside the study area"):
        workflow.draw_density(points, tmp_path / "other.tif", area=tmp_path / "small.gpkg")


def test_the_crs_of_a_table_is_not_that_of_the_area(tmp_path):
    pd.DataFrame({"x": X, "y": Y}).to_csv(tmp_path / "p.csv", index=False)
    area = gpd.GeoSeries([shapely.box(499_000, 2_399_000, 521_000, 2_416_000)], crs=METRIC)
    area.to_crs(STORED).to_file(tmp_path / "area.gpkg")
    area.to_file(tmp_path / "bare.shp")
    (tmp_path / "bare.prj").unlink()
    drawn = [
        workflow.draw_density(tmp_path / "p.csv", tmp_path / f"{name}.tif", crs=METRIC, area=tmp_path / name).peak
        for name in ("area.gpkg", "bare.shp")
    ]
    assert drawn[0] == pytest.approx(drawn[1], rel=1e-3)


def test_a_surface_that_does_not_fit_is_explained(points, tmp_path, monkeypatch):
    def too_much(*_, **__):
        raise MemoryError

    monkeypatch.setattr("geo.density.KernelDensity.to_grid", too_much)
    with pytest.raises(ModelError, match=r"40 points, .* need more memory than there is"):
        workflow.draw_density(points, tmp_path / "out.tif")
    assert not (tmp_path / "command_level_out.tif").exists()


def test_a_large_surface_is_drawn_in_tiles_and_says_how_far_it_is(points, tmp_path, monkeypatch):
    monkeypatch.setattr(workflow.density, "tiles", lambda grid: tiles(grid, 512 * 512))
    monkeypatch.setattr(
        workflow.density, "density_tiles", lambda model, grid, **who: density_tiles(model, grid, cells=512 * 512, **who)
    )
    told = []
    drawn = workflow.draw_density(
        points, tmp_path / "out.tif", cell_m=20, bandwidth=2_000, tell=lambda *step: told.append(step)
    )
    monkeypatch.undo()
    workflow.draw_density(points, tmp_path / "whole.tif", cell_m=20, bandwidth=2_000)
    steps = [(done, total) for message, done, total in told if str(message) == "Drawing the surface"]
    assert steps == [(done, len(steps) - 1) for done in range(len(steps))]
    assert len(steps) > 4
    with (
        rasterio.open(tmp_path / "command_level_out.tif") as one,
        rasterio.open(tmp_path / "command_level_whole.tif") as other,
    ):
        assert one.overviews(1) == [2, 4]
        np.testing.assert_allclose(one.read(1), other.read(1), rtol=1e-6, atol=1e-12 * drawn.peak)
        assert one.read(1).max() == pytest.approx(drawn.peak)


def test_a_chosen_bandwidth_is_told_with_its_progress(points, tmp_path):
    told = []
    drawn = workflow.draw_density(
        points, tmp_path / "out.tif", bandwidth="likelihood", kernel="gaussian", tell=lambda *step: told.append(step)
    )
    said = " ".join(map(str, drawn.messages))
    assert f"Bandwidth {round(drawn.model.bandwidth_m_)} m: the best by likelihood of 20" in said
    choosing = [done for message, done, total in told if str(message) == "Choosing the bandwidth" and total == 20]
    assert choosing == list(range(1, 21))


def test_a_bandwidth_at_the_end_of_the_range_is_pointed_out(tmp_path):
    one_village = pd.DataFrame({"lon": [103.0] * 30 + [103.5], "lat": [21.5] * 30 + [21.9]})
    one_village.to_csv(tmp_path / "p.csv", index=False)
    drawn = workflow.draw_density(tmp_path / "p.csv", tmp_path / "out.tif", bandwidth="least-squares")
    assert "That is the end of the range" in " ".join(map(str, drawn.messages))


def test_simulated_points_say_so_in_the_raster_and_first_of_all(tmp_path):
    pd.DataFrame({"lon": [103.0], "lat": [21.5], "data_kind": ["simulated"]}).to_csv(tmp_path / "p.csv", index=False)
    drawn = workflow.draw_density(tmp_path / "p.csv", tmp_path / "out.tif")
    assert str(drawn.messages[0]).startswith("SIMULATED DATA")
    assert read(tmp_path / "command_level_out.tif")[3]["data_kind"] == "simulated"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"bandwidth": 0}, ModelError, "above zero"),
        ({"bandwidth": float("nan")}, ModelError, "above zero"),
        ({"cell_m": 0.05}, ModelError, r"would take \d+ GB"),
        ({"cell_m": -1}, ModelError, "a cell above zero"),
        ({"cell_m": float("inf")}, ModelError, "a cell above zero"),
        ({"n_jobs": 0}, ModelError, "n_jobs"),
        ({"weights": "age"}, IntakeError, "no column age"),
        ({"metric": "EPSG:4326"}, CrsError, "not in metres"),
        ({"layer": "other"}, IntakeError, "no layer other"),
        ({"edges": "uniform"}, ModelError, "name its layer with --area"),
        ({"columns": {"lon": "n"}}, IntakeError, "leave --column out"),
        ({"metric": "EPSG:3857"}, CrsError, r"by up to .*; .* EPSG:9205"),
    ],
)
def test_bad_input_is_explained_and_leaves_nothing_behind(points, tmp_path, options, error, said):
    with pytest.raises(error, match=said):
        workflow.draw_density(points, tmp_path / "out.tif", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["points.gpkg"]


def test_a_person_in_the_name_of_a_file_is_not_repeated(points, tmp_path):
    named = points.rename(tmp_path / f"Nguyễn Văn Ánh{points.suffix}")
    drawn = workflow.draw_density(named, tmp_path / "o.tif", cell_m=1000)
    assert not any("Ánh" in str(message) for message in drawn.messages)
    with pytest.raises(IntakeError) as told:
        workflow.draw_density(named, tmp_path / "p.tif", weights="nothing")
    assert "Ánh" not in str(told.value)
    assert "there is no column nothing" in str(told.value)


def test_a_file_is_replaced_only_if_that_is_allowed(points, tmp_path):
    (tmp_path / "command_level_out.tif").write_text("a digital elevation model")
    with pytest.raises(ReleaseError, match="exists already"):
        workflow.draw_density(points, tmp_path / "out.tif")
    assert (tmp_path / "command_level_out.tif").read_text() == "a digital elevation model"
    workflow.draw_density(points, tmp_path / "out.tif", overwrite=True)
    assert read(tmp_path / "command_level_out.tif")[0].max() > 0
    with pytest.raises(ReleaseError, match=r"name it \.tif"):
        workflow.draw_density(points, tmp_path / "out.csv")
