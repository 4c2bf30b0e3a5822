"""Least-cost travel times over 1,500 × 1,900 cells from 50 origins, and beside other libraries from one.

`pip install -r benchmarks/rivals.txt` installs scikit-image; without it its rows are left out. The relief is simulated.
"""

import platform
import time
from collections.abc import Callable
from importlib import import_module, metadata
from importlib.util import find_spec

import geopandas as gpd
import numpy as np
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


def main() -> None:
    """Print both tables."""
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


if __name__ == "__main__":
    main()
