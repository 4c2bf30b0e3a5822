import datetime as dt
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

import geo.density.tiled
from geo.crs import METRIC
from geo.density import KernelDensity, density_tiles
from geo.density.parameters import POWERS
from geo.errors import CrsError, ModelError
from geo.grid import Grid
from geo.tiles import tiles
from tests.geo.density.test_kernel_density import places

WEST, NORTH = 480_000.0, 2_400_000.0
GRID = Grid(METRIC, Affine(500, 0, WEST, 0, -500, NORTH), (40, 50))
AREA = shapely.Polygon([(-5, -21), (12, 6), (31, 5), (29, -15), (14, -4), (10, -23)])
AREA = shapely.transform(AREA, lambda at: 1_000 * at + (WEST, NORTH))


@pytest.fixture
def small_blocks(monkeypatch):
    """Let tiles be of any size, not of whole blocks of a GeoTIFF."""
    monkeypatch.setattr(geo.density.tiled, "tiles", lambda grid, cells: tiles(grid, cells, block=1))


def joined(model, grid=GRID, when=None, cells=100):
    """Return the tiles put together."""
    whole = np.full(grid.shape, -1.0)
    for tile, values in density_tiles(model, grid, when, cells=cells):
        assert (whole[tile] == -1).all()
        whole[tile] = values
    return whole


def bound(model):
    """Return what the Gaussian may be off, in events per km²; 1e-12 of the peak is what any other kernel may be."""
    if model.kernel != "gaussian":
        return 0.0
    h = model.bandwidth_m_
    spread = 1 + np.ptp(model.x_) * np.ptp(model.y_) / (2 * np.pi * h**2)
    heights = np.abs(model.weights_) / (2 * np.pi * (model.bandwidths_m_ / 1000) ** 2)
    return model.tolerance * float(np.sum(heights)) / spread


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(POWERS)),
    st.floats(60, 40_000),
    st.integers(20, 3_000),
    st.sampled_from(["scattered", "clustered", "coincident", "collinear", "on cell edges"]),
    st.booleans(),
)
def test_tiles_put_together_are_the_whole_surface(kernel, bandwidth, cells, kind, adaptive):
    """Bandwidths below a cell and above a tile, tiles of few cells or many, most empty for clusters."""
    x, y = places(kind, 200)
    rng = np.random.default_rng(4)
    weights = rng.uniform(0.5, 2, x.size) if adaptive else rng.normal(1.0, 2.0, x.size)
    model = KernelDensity(kernel, bandwidth, adaptive=adaptive).fit(x, y, weights)
    whole = model.to_grid(GRID)
    apart = np.abs(joined(model, cells=cells) - whole)
    if kernel == "uniform":
        east, north = np.meshgrid(GRID.eastings(), GRID.northings())
        far = np.hypot(east[..., None] - x, north[..., None] - y) / model.bandwidths_m_
        apart[(np.abs(far - 1) < 1e-9).any(axis=-1)] = 0  # on the rim rounding decides
    assert apart.max() <= 2 * bound(model) + 1e-12 * np.abs(whole).max()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("cells", [77, 1_999])
@pytest.mark.parametrize("kernel", ["epanechnikov", "quartic", "gaussian"])
@pytest.mark.parametrize("correction", ["uniform", "diggle"])
@pytest.mark.parametrize("adaptive", [False, True])
def test_edges_are_corrected_as_in_the_whole(adaptive, correction, kernel, cells):
    """NaN outside the area; of the Gaussian's mass by cell the error is that of its interpolation."""
    x, y = places("scattered", 400)
    held = shapely.contains_xy(AREA, x, y)
    model = KernelDensity(kernel, 1_700.0, adaptive=adaptive, edge_correction=correction)
    model.fit(x[held], y[held], area=AREA)
    whole, tiled = model.to_grid(GRID), joined(model, cells=cells)
    assert (np.isnan(tiled) == np.isnan(whole)).all()
    assert np.isnan(whole).any()
    interpolated = kernel == "gaussian" and correction == "uniform"
    assert np.nanmax(np.abs(tiled - whole)) <= (1e-6 if interpolated else 2e-12) * np.nanmax(whole)


@pytest.mark.usefixtures("small_blocks")
def test_times_and_grids_beside_the_points():
    x, y = places("scattered")
    days = np.arange(x.size, dtype=float)
    model = KernelDensity("quartic", 3_000.0, bandwidth_days=50).fit(x, y, times=days)
    when = dt.date(1970, 5, 1)
    whole = model.to_grid(GRID, when)
    assert np.abs(joined(model, when=when) - whole).max() <= 1e-12 * whole.max()
    beside = Grid(METRIC, Affine(500, 0, WEST + 60_000, 0, -500, NORTH), (40, 50))
    assert (joined(model, beside) == 0).all()


@pytest.mark.usefixtures("small_blocks")
def test_any_number_of_threads_gives_the_same_bits():
    x, y = places("scattered", 30_000)
    drawn = {joined(KernelDensity(bandwidth_m=4_000, n_jobs=n).fit(x, y), cells=900).tobytes() for n in (1, 2, 5)}
    assert len(drawn) == 1


def test_what_the_whole_refuses_the_tiles_refuse():
    x, y = places("scattered")
    other = Grid("EPSG:9206", GRID.transform, GRID.shape)
    model = KernelDensity().fit(gpd.GeoSeries.from_xy(x, y, crs=METRIC))
    with pytest.raises(CrsError, match="bring both to one"):
        next(density_tiles(model, other))
    with pytest.raises(ModelError, match="without times"):
        next(density_tiles(model, GRID, when=3.0))


def test_some_of_the_points_keep_the_bandwidths_that_all_gave():
    x, y = places("scattered")
    model = KernelDensity(bandwidth_m=3_000, adaptive=True).fit(x, y)
    some = np.arange(0, x.size, 3)
    rest = np.setdiff1d(np.arange(x.size), some)
    whole = model.to_grid(GRID)
    parts = model.of(some).to_grid(GRID) + model.of(rest).to_grid(GRID)
    assert np.abs(parts - whole).max() <= 1e-12 * whole.max()
    assert (model.of(slice(0, 0)).to_grid(GRID) == 0).all()
    assert model.reach_m == model.bandwidths_m_.max()


MEASURED = """
import sys
from pathlib import Path
import numpy as np
from affine import Affine
from geo.crs import METRIC
from geo.density import KernelDensity, density_tiles
from geo.grid import Grid
from geo.raster import write_cog_tiles

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1000

rng = np.random.default_rng(0)
model = KernelDensity("epanechnikov", 500.0).fit(480_000 + 9_000 * rng.random(99), 2_400_000 - 9_000 * rng.random(99))
for rows in (600, int(sys.argv[2])):
    grid = Grid(METRIC, Affine(10, 0, 480_000, 0, -10, 2_400_000), (rows, 4_000))
    out = Path(sys.argv[1]) / "r.tif"
    write_cog_tiles(out, density_tiles(model, grid, cells=2**21), grid, description="d", unit="u", tags={})
    print(peak())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc")
def test_memory_holds_a_tile_and_not_the_grid(tmp_path):
    """A grid of 192 MB, in tiles of 17 MB with a cache of 64 MB, after one of 19 MB."""
    command = [sys.executable, "-c", MEASURED, str(tmp_path), "6000"]
    small, large = map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert large - small < 100
