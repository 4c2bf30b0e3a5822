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
import sklearn
from affine import Affine
from sklearn.neighbors import KernelDensity as TreeDensity

from geo.density import KernelDensity
from geo.grid import Grid

RADIUS_M = 5_000.0
GRID = Grid("EPSG:9205", Affine(500, 0, 410_000, 0, -500, 2_495_000), (380, 300))
"""150 × 190 km in cells of 500 m."""


def points(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n clustered points inside the grid."""
    rng = np.random.default_rng(1)
    west, east, south, north = GRID.region
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
    print(f"{GRID.shape[0]} × {GRID.shape[1]} cells of 500 m, radius 5 km, one thread on our side")
    x, y = points(100)
    begin = time.perf_counter()
    KernelDensity(bandwidth_m=RADIUS_M).fit(x, y).to_grid(GRID)
    print(f"first call, with nothing compiled yet: {time.perf_counter() - begin:.2f} s")
    print(f"{'points':>8}  {'kernel':<13}{'ours':>10}{'scikit-learn tree':>20}{'ratio':>8}")
    for kernel in ("epanechnikov", "quartic"):
        for n in (10_000, 100_000):
            seconds = median_seconds(partial(ours, kernel, *points(n)), repeats=5)
            row = f"{n:>8}  {kernel:<13}{1000 * seconds:>7.1f} ms"
            if n == 10_000 and kernel == "epanechnikov":
                slow = median_seconds(partial(tree, *points(n)), repeats=3)
                row += f"{1000 * slow:>17.0f} ms{slow / seconds:>7.0f}×"
            print(row)


def ours(kernel: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Fit and draw with our kernels."""
    return KernelDensity(kernel=kernel, bandwidth_m=RADIUS_M).fit(x, y).to_grid(GRID)


def tree(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Fit and draw with scikit-learn's tree and the same kernel."""
    centres = np.column_stack([c.ravel() for c in np.meshgrid(GRID.eastings(), GRID.northings())])
    model = TreeDensity(kernel="epanechnikov", bandwidth=RADIUS_M).fit(np.column_stack([x, y]))
    return np.exp(model.score_samples(centres))


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(os.environ["NUMBA_CACHE_DIR"])
