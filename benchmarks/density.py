"""Kernel density on the grid, beside scikit-learn's tree: the same points, radius and cells, one run, medians."""

import os
import tempfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp()  # empty, so that the first call compiles; removed at the end

import platform
import shutil
import statistics
import time
from collections.abc import Callable
from functools import partial

import numba
import numpy as np
import shapely
import sklearn
from affine import Affine
from sklearn.neighbors import KernelDensity as TreeDensity

from geo.density import KernelDensity
from geo.density._sweep import BLOCK, _move_4
from geo.density.bandwidth import CRITERIA
from geo.density.study_area import StudyArea
from geo.grid import Grid

RADIUS_M = 5_000.0
WEST, NORTH, WIDTH_M, HEIGHT_M = 410_000, 2_495_000, 150_000, 190_000
WORK = ((10_000, 500, 7), (100_000, 500, 7), (1_000_000, 500, 3), (100_000, 100, 5), (1_000_000, 100, 3))
"""Points, side of a cell in metres, repeats."""
OWN_WORK = ((1_000, 500, 7), *WORK[:3], (1_000, 100, 7), (10_000, 100, 7), *WORK[3:])
"""The same for the Gaussian with bandwidths of the points' own."""


def grid(cell_m: int) -> Grid:
    """Return the grid of 150 × 190 km."""
    return Grid("EPSG:9205", Affine(cell_m, 0, WEST, 0, -cell_m, NORTH), (HEIGHT_M // cell_m, WIDTH_M // cell_m))


def points(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n clustered points inside the grid."""
    rng = np.random.default_rng(1)
    west, east, south, north = grid(500).region
    centres = rng.uniform((west, south), (east, north), (50, 2))
    places = centres[rng.integers(50, size=n)] + rng.normal(0, 6_000, (n, 2))
    return places[:, 0].clip(west, east), places[:, 1].clip(south, north)


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, numba {numba.__version__}, scikit-learn {sklearn.__version__}")
    x, y = points(100)
    begin = time.perf_counter()
    KernelDensity(bandwidth_m=RADIUS_M).fit(x, y).to_grid(grid(500))
    print(f"first call, with nothing compiled yet: {time.perf_counter() - begin:.2f} s")
    print("150 × 190 km, radius (Gaussian: standard deviation) 5 km, float64; fit and draw")
    print(f"{'kernel':<19}{'points':>9}{'cell m':>8}{'1 thread':>12}{'2 threads':>12}{'ns a point and row':>20}")
    for kernel in ("epanechnikov", "quartic", "gaussian", "gaussian, adaptive"):
        name, _, adaptive = kernel.partition(", ")
        for n, cell_m, repeats in OWN_WORK if adaptive else WORK:
            draw = partial(ours, name, *points(n), cell_m, adaptive=bool(adaptive))
            draw(n_jobs=2)  # compiles
            one, two = (median_seconds(partial(draw, n_jobs=jobs), repeats) for jobs in (1, 2))
            each = f"{1e9 * one / (n * 2 * RADIUS_M / cell_m):>20.1f}" if name != "gaussian" else ""
            print(f"{kernel:<19}{n:>9}{cell_m:>8}{1000 * one:>9.1f} ms{1000 * two:>9.1f} ms{each}", flush=True)
    for adaptive in (False, True):
        draw = partial(ours, "gaussian", *points(100_000), 500, 1, adaptive)
        strict, loose = (median_seconds(partial(draw, tolerance=tolerance), 7) for tolerance in (1e-12, 1e-6))
        kind = "Gaussian, adaptive" if adaptive else "Gaussian"
        print(f"{kind}, 10⁵ points, 500 m, 1 thread: tolerance 1e-6 takes {loose / strict:.2f} of the time of 1e-12")
    x, y = points(100_000)
    west, east, south, north = grid(500).region
    area = StudyArea(shapely.segmentize(shapely.box(west, south, east, north), 500))
    for kernel in ("epanechnikov", "quartic", "gaussian"):
        for criterion in CRITERIA:
            plain, edged = (
                median_seconds(partial(chosen, kernel, criterion, x, y, within), repeats=1) for within in (None, area)
            )
            print(
                f"bandwidth of 10⁵ points from 20 by {criterion}, {kernel}, 2 threads: {plain:.1f} s; "
                f"edges corrected, polygon of 1,360 edges: {edged:.1f} s"
            )
    print(f"the scatter alone, Epanechnikov, one thread: {scatter_limit():.1f} ns a point and row")
    x, y = points(10_000)
    fast = median_seconds(partial(ours, "epanechnikov", x, y, 500, 1), repeats=7)
    slow = median_seconds(partial(tree, x, y), repeats=3)
    print(f"scikit-learn's tree, 10⁴ points, 500 m, Epanechnikov: {1000 * slow:.0f} ms, {slow / fast:.0f} times ours")


def ours(
    kernel: str,
    x: np.ndarray,
    y: np.ndarray,
    cell_m: int,
    n_jobs: int,
    adaptive: bool = False,
    tolerance: float = 1e-12,
) -> np.ndarray:
    """Fit and draw with our kernels."""
    model = KernelDensity(kernel, RADIUS_M, adaptive=adaptive, tolerance=tolerance, n_jobs=n_jobs)
    return model.fit(x, y).to_grid(grid(cell_m))


def chosen(kernel: str, criterion: str, x: np.ndarray, y: np.ndarray, area: StudyArea | None) -> float:
    """Choose a bandwidth."""
    correction = "diggle" if area else None
    return KernelDensity(kernel, criterion, edge_correction=correction, n_jobs=2).fit(x, y, area=area).bandwidth_m_


def scatter_limit() -> float:
    """Return the nanoseconds of adding four numbers at one random place of 200 and subtracting them at another."""
    rng = np.random.default_rng(1)
    places, lanes, part = rng.integers(0, 200, (2, BLOCK)).astype(np.int32), np.zeros(4 * 200), np.ones(3 * BLOCK)
    _scatter(*places, lanes, part, 1)
    return 1e9 * median_seconds(partial(_scatter, *places, lanes, part, 20_000), repeats=7) / (20_000 * BLOCK)


@numba.njit(error_model="numpy")
def _scatter(enter: np.ndarray, leave: np.ndarray, lanes: np.ndarray, part: np.ndarray, times: int) -> None:
    for _ in range(times):
        for i in range(enter.size):
            four = np.uint64(4)
            _move_4(lanes, np.uint64(enter[i]) * four, np.uint64(leave[i]) * four, part, np.uint64(i))


def tree(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Fit and draw with scikit-learn's tree and the same kernel."""
    centres = np.column_stack([c.ravel() for c in np.meshgrid(grid(500).eastings(), grid(500).northings())])
    model = TreeDensity(kernel="epanechnikov", bandwidth=RADIUS_M).fit(np.column_stack([x, y]))
    return np.exp(model.score_samples(centres))


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(os.environ["NUMBA_CACHE_DIR"])
