"""Least-cost travel times over 1,500 × 1,900 cells from 50 origins, and beside other libraries from one.

At last what coarser cells do to hours, on reliefs of gentle, hilly and steep slopes, averaged as a DEM would be.

`pip install -r benchmarks/rivals.txt` installs scikit-image; without it its rows are left out. The relief is simulated.
"""

import platform
import time
from collections.abc import Callable
from importlib import import_module, metadata
from importlib.util import find_spec

import geopandas as gpd
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo._least_cost import ACROSS, DOWN, least_cost
from geo.crs import METRIC
from geo.grid import Grid
from geo.terrain import Terrain, build_terrain
from geo.travel import travel_times
from models.relief import simulate_relief

CELL_M, ROWS, COLS = 100.0, 1900, 1500
ORIGINS, TARGETS, THREADS, ROUNDS = 50, 91, 2, 5
CELLS_M = (125.0, 250.0, 500.0)
HILLS_M = ((24_000.0, 250.0), (8_000.0, 200.0), (2_500.0, 150.0), (900.0, 80.0), (350.0, 25.0))
"""Widths of ranges, mountains and hills, and the standard deviation of their heights."""
STEEPNESS = (0.5, 1.0, 3.0)
WEST, NORTH = 420_000.0, 2_510_000.0


def terrain() -> Terrain:
    """Return a simulated terrain without roads."""
    region = WEST, WEST + COLS * CELL_M, NORTH - ROWS * CELL_M, NORTH
    grid = Grid.covering(region, CELL_M, METRIC)
    return build_terrain(simulate_relief(grid, 0), grid)


def places(count: int, seed: int) -> gpd.GeoSeries:
    """Return random places within the terrain."""
    x, y = (
        np.random.default_rng(seed).uniform((WEST, NORTH - ROWS * CELL_M), (WEST + COLS * CELL_M, NORTH), (count, 2)).T
    )
    return gpd.GeoSeries.from_xy(x, y, crs=METRIC)


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Return seconds on the clock, and of all threads of this process."""
    clock, busy = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - clock, time.process_time() - busy


def one_source(ground: Terrain) -> dict[str, Callable[[], object]]:
    """Return the searches from the middle cell, by name."""
    rows, cols = ground.grid.shape
    size, middle = rows * cols, rows * cols // 2 + cols // 2
    hours, came = np.empty(size), np.empty(size, dtype=np.int8)
    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: least_cost(ground.steps, ground.shortest_step, middle, hours, came)
    }
    steps = ground.steps.reshape(-1)
    there = np.isfinite(steps)
    ends = np.repeat(np.arange(size), 8) + np.tile(DOWN * cols + ACROSS, size)
    begins = np.concatenate([[0], np.cumsum(there.reshape(size, 8).sum(axis=1))])
    graph = csr_array((steps[there].astype(float), ends[there].astype("int32"), begins.astype("int32")), (size, size))
    calls["scipy.sparse.csgraph.dijkstra"] = lambda: dijkstra(graph, indices=middle)
    if find_spec("skimage"):
        costs = import_module("skimage.graph").MCP_Geometric
        pace = np.where(np.isfinite(ground.steps), ground.steps, 0).mean(axis=2)
        calls["skimage.graph.MCP_Geometric (no directions)"] = lambda: costs(pace).find_costs([divmod(middle, cols)])
    return calls


def rugged(grid: Grid, steepness: float) -> np.ndarray:
    """Return a relief with hills down to 350 m: sums of smoothed noise, heights times the steepness."""
    rng, relief = np.random.default_rng(0), np.zeros(grid.shape)
    for width, height in HILLS_M:
        waves = gaussian_filter(rng.standard_normal(grid.shape, dtype=np.float32), width / grid.cell_m, truncate=3.0)
        relief += height * waves / waves.std()
    return steepness * (relief - relief.min())


def coarser_cells(steepness: float) -> None:
    """Print hours over coarser cells as shares of those over the finest."""
    region = WEST, WEST + COLS * CELL_M, NORTH - ROWS * CELL_M, NORTH
    finest = Grid.covering(region, CELLS_M[0], METRIC)
    relief = rugged(finest, steepness)
    slope = np.median(np.hypot(*np.gradient(relief, CELLS_M[0])))
    hours = []
    for cell in CELLS_M:
        grid, many = Grid.covering(region, cell, METRIC), int(cell / CELLS_M[0])
        coarse = relief.reshape(grid.shape[0], many, grid.shape[1], many).mean(axis=(1, 3))
        hours.append(travel_times(build_terrain(coarse, grid), places(8, 0), places(TARGETS, 1)).hours.to_numpy())
    for cell, found in zip(CELLS_M[1:], hours[1:], strict=True):
        share = found / hours[0]
        low, high = np.quantile(share, [0.05, 0.95])
        print(
            f"median slope {slope:.2f}, cells of {cell:g} m: hours × {np.median(share):.3f} (90 % of ways {low:.3f} to "
            f"{high:.3f}) of those over {CELLS_M[0]:g} m"
        )


def main() -> None:
    """Print the tables."""
    names = ["numba", "numpy", "scipy"] + ["scikit-image"] * bool(find_spec("skimage"))
    print(f"Python {platform.python_version()},", ", ".join(f"{name} {metadata.version(name)}" for name in names))
    travel_times(terrain(), places(1, 0), places(1, 1))  # compiles
    ground = terrain()
    print(f"building the steps of {ROWS:,} × {COLS:,} cells: {timed(lambda: ground.steps)[1]:.2f} s of processor")
    clock, busy = timed(lambda: travel_times(ground, places(ORIGINS, 0), places(TARGETS, 1), threads=THREADS))
    print(f"{ORIGINS} origins to {TARGETS} targets, {THREADS} threads: {clock:.1f} s, {busy:.1f} s of processor")
    calls = one_source(ground)
    taken = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            taken[name].append(timed(call)[1])
    ours = np.median(taken["ours"])
    print(f"from one origin, median of {ROUNDS} in turns:")
    for name, seconds in taken.items():
        print(f"{name:>44}: {np.median(seconds):5.2f} s of processor, × {np.median(seconds) / ours:.2f}")
    for steepness in STEEPNESS:
        coarser_cells(steepness)


if __name__ == "__main__":
    main()
