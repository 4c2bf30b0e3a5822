"""Densities in space and time."""

import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine

from geo.density import KernelDensity
from geo.errors import ModelError
from geo.grid import Grid
from tests.reference import kernel_density

WEST, NORTH = 480_000.0, 2_400_000.0
GRID = Grid("EPSG:9205", Affine(500, 0, WEST, 0, -500, NORTH), (40, 50))
RNG = np.random.default_rng(9)
X, Y = WEST + RNG.uniform(-2_000, 27_000, 200), NORTH - RNG.uniform(-2_000, 22_000, 200)
DAYS, WEIGHTS = RNG.uniform(18_000, 18_720, 200), RNG.normal(1, 1, 200)
MONTHS = pd.date_range("2019-05-01", periods=12, freq="MS")


def in_time(u, past_only):
    inside = (u >= 0) & (u < 1) if past_only else np.abs(u) < 1
    return np.where(inside, (1 - u**2) * (1.5 if past_only else 0.75), 0)


@pytest.mark.parametrize("past_only", [True, False])
@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_frames_equal_the_product_of_kernels(past_only, kernel):
    model = KernelDensity(kernel, 4_000.0, bandwidth_days=90, past_only=past_only).fit(X, Y, WEIGHTS, DAYS)
    frames = list(model.frames(GRID, MONTHS))
    at = np.meshgrid(GRID.eastings(), GRID.northings())
    for month, frame in zip(MONTHS, frames, strict=True):
        u = ((month - pd.Timestamp(0)).days - DAYS) / 90
        weights = WEIGHTS * in_time(u, past_only) / 90
        expected = kernel_density(X, Y, weights, 4_000.0, 2 if kernel == "quartic" else -1, *at)
        assert np.abs(frame - expected).max() <= 1e-11 * np.abs(frames).max()
        np.testing.assert_array_equal(model.to_grid(GRID, when=month), frame)
    np.testing.assert_allclose(model.to_grid(GRID, when=MONTHS), sum(frames), atol=1e-12 * np.abs(frames).max())
    east, north = (axis.ravel() for axis in at)
    atol = 1e-11 * np.abs(frames).max()
    np.testing.assert_allclose(model.at(east, north, when=MONTHS[3]), frames[3].ravel(), atol=atol)


@pytest.mark.parametrize("past_only", [True, False])
def test_all_days_together_are_the_density_without_time(past_only):
    """The kernel in time integrates to 1 (midpoint rule on quarter days)."""
    model = KernelDensity("quartic", 4_000.0, bandwidth_days=60, past_only=past_only).fit(X, Y, WEIGHTS, DAYS)
    quarters = np.arange(17_900, 18_800, 0.25) + 0.125
    total = 0.25 * model.to_grid(GRID, when=quarters)
    np.testing.assert_allclose(total, model.to_grid(GRID), atol=2e-3 * np.abs(total).max())


def test_the_past_does_not_know_the_future():
    """An event counts from its day on, until the bandwidth is over."""
    model = KernelDensity("quartic", 4_000.0, bandwidth_days=30).fit([WEST], [NORTH], times=["2020-03-10"])
    days = ["2020-03-09", "2020-03-10", "2020-04-08", "2020-04-09"]
    seen = [model.at([WEST], [NORTH], when=day)[0] > 0 for day in days]
    assert seen == [False, True, True, False]


def test_edges_are_corrected_in_every_frame():
    area = shapely.box(WEST, NORTH - 20_000, WEST + 25_000, NORTH)
    inside = shapely.intersects_xy(area, X, Y)
    points = X[inside], Y[inside], WEIGHTS[inside]
    model = KernelDensity("quartic", 4_000.0, bandwidth_days=90, edge_correction="uniform")
    model.fit(*points, DAYS[inside], area=area)
    plain = KernelDensity("quartic", 4_000.0, bandwidth_days=90).fit(*points, DAYS[inside])
    corrected, bare = (next(m.frames(GRID, MONTHS[4:5])) for m in (model, plain))
    mass = KernelDensity("quartic", 4_000.0).fit(*points).to_grid(GRID) / (
        KernelDensity("quartic", 4_000.0, edge_correction="uniform").fit(*points, area=area).to_grid(GRID)
    )
    np.testing.assert_allclose(corrected * mass, bare, atol=1e-12 * np.abs(bare).max())


def test_times_are_missing():
    with pytest.raises(ModelError, match="fitted without times"):
        KernelDensity().fit([WEST], [NORTH]).to_grid(GRID, when="2020-01-01")
    with pytest.raises(ModelError, match="need both"):
        KernelDensity().fit([WEST], [NORTH], times=["2020-01-01"])
    with pytest.raises(ModelError, match="1 points but 2 times"):
        KernelDensity(bandwidth_days=30).fit([WEST], [NORTH], times=[1.0, 2.0])
    with pytest.raises(ModelError, match="when must be"):
        KernelDensity(bandwidth_days=30).fit([WEST], [NORTH], times=[1.0]).to_grid(GRID, when="soon")
