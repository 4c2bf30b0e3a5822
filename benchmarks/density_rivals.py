"""Kernel density on the grid, beside other libraries: the same points, radius and cells, one run, medians.

`pip install -r benchmarks/rivals.txt` and, on Debian, `apt-get install r-cran-spatstat r-cran-sparr` install them; one
that is missing is left out. What is timed is from points in memory to values in memory; libkdv's and R's points are
handed over before. Calls alternate, so that another program on the machine disturbs all sides alike, but for R's.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_NUM_THREADS", "2")

import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import density  # before numba: it sets the folder of compiled kernels
import numba
import numpy as np
from scipy import fft

from geo.density import KernelDensity

SCRIPT = Path(__file__).with_name("density.R")
THREADS = 2
OURS_A_ROUND = 3
LOOKED_AT = 2000
"""Places where values are compared with a rival whose cells are not ours."""


class Times(NamedTuple):
    """Median seconds of a rival and of our fit and draw with one thread and with two."""

    rival: float
    one: float
    two: float


def ours(
    kernel: str, x: np.ndarray, y: np.ndarray, cell_m: int, jobs: int = THREADS, adaptive: bool = False
) -> tuple[KernelDensity, np.ndarray]:
    """Fit and draw; return the estimator and the surface."""
    model = KernelDensity(kernel, density.RADIUS_M, adaptive=adaptive, n_jobs=jobs).fit(x, y)
    return model, model.to_grid(density.grid(cell_m))


def alternate(rival: Callable[[], object] | float, mine: Callable[..., object], rounds: int) -> Times:
    """Time a rival (or take its seconds) and ours, in turns; ours, the faster, more often."""
    taken: tuple[list[float], ...] = ([], [], [])
    for _ in range(rounds):
        calls = [(1, partial(mine, jobs=1)), (2, partial(mine, jobs=THREADS))] * OURS_A_ROUND
        for side, call in [(0, rival), *calls] if callable(rival) else calls:
            begin = time.perf_counter()
            call()
            taken[side].append(time.perf_counter() - begin)
    return Times(*(statistics.median(times) if times else rival for times in taken))


def show(
    what: str, n: int, cell_m: int, times: Times, note: str, goal: float | None = None, judged: int = THREADS
) -> None:
    """Print one row; the goal is for our time with ``judged`` threads, as many as the rival can use."""
    ratios = times.rival / times.one, times.rival / times.two
    verdict = "" if goal is None else f"≥ {goal:g} {'met' if ratios[judged - 1] >= goal else 'MISSED'}"
    columns = "".join(f"{1000 * s:>12.1f}" for s in times) + "".join(f"{ratio:>9.2f}" for ratio in ratios)
    print(f"{what:<39}{n:>8}{cell_m:>5}{columns}{verdict:>14}  {note}", flush=True)


def installed(package: str) -> bool:
    """Return whether a package is there, and print its version or how to install it."""
    if find_spec(package) is None:
        print(f"{package} is not installed: pip install -r benchmarks/rivals.txt")
        return False
    print(f"{package} {metadata.version(package)}", flush=True)
    return True


def difference(theirs: np.ndarray, mine: np.ndarray) -> str:
    """Return the largest difference of two surfaces in peaks of ours."""
    return f"largest difference {np.abs(theirs - mine).max() / mine.max():.1e} of the peak"


def beside_libkdv() -> None:
    """Exact sweep of the same kernel; its cells are laid from the first point to the last."""
    if not installed("libkdv"):
        return
    compute = import_module("libkdv").kdv
    for n, cell_m, repeats in ((100_000, 500, 3), (1_000_000, 500, 1), (100_000, 100, 1), (1_000_000, 100, 1)):
        x, y = density.points(n)
        rows, cols = density.grid(cell_m).shape
        # Its bandwidth is half its radius, and it takes the extent of the points for a bound.
        options = {"bandwidth": density.RADIUS_M / 2, "row_pixels": cols, "col_pixels": rows, "num_threads": THREADS}
        model = compute(np.column_stack([x, y]), GPS=False, **options)
        mine = partial(ours, "epanechnikov", x, y, cell_m)
        fitted, _ = mine()
        times = alternate(model.compute, mine, repeats)
        table = model.result
        assert len(table) == rows * cols
        some = table.iloc[np.random.default_rng(0).integers(len(table), size=LOOKED_AT)]
        true, theirs = fitted.at(some["x"], some["y"]), some["val"].to_numpy()
        theirs = theirs * (true @ theirs) / (theirs @ theirs)  # it scales its peak to 1
        note = f"{difference(theirs, true)}, correlation {np.corrcoef(theirs, true)[0, 1]:.6f}"
        show("libkdv, Epanechnikov", n, cell_m, times, note, goal=100)


def beside_kdepy() -> None:
    """Fast Fourier transform of points binned to the cells, and so not exact, against our exact quartic."""
    if not installed("KDEpy"):
        return
    fft_density = import_module("KDEpy").FFTKDE
    for n, cell_m, repeats in density.WORK:
        x, y = density.points(n)
        on = density.grid(cell_m)
        # One more cell on each side: every point must lie inside. The grid is made before the clock starts.
        across = np.concatenate([[on.region[0] - cell_m / 2], on.eastings(), [on.region[1] + cell_m / 2]])
        along = np.concatenate([[on.region[2] - cell_m / 2], on.northings()[::-1], [on.region[3] + cell_m / 2]])
        nodes = np.column_stack([c.ravel() for c in np.meshgrid(across, along, indexing="ij")])
        places = np.column_stack([x, y])

        def draw(places: np.ndarray = places, nodes: np.ndarray = nodes) -> np.ndarray:
            # Its bandwidth is the standard deviation along an axis of the kernel in one dimension.
            model = fft_density(kernel="biweight", bw=density.RADIUS_M / np.sqrt(7))
            with fft.set_workers(THREADS):
                return model.fit(places).evaluate(nodes)

        surface = draw().reshape(across.size, along.size)[1:-1, -2:0:-1].T * (n * 1e6)
        mine = partial(ours, "quartic", x, y, cell_m)
        _, true = mine()
        times = alternate(draw, mine, repeats)
        goal = 1.0 if n <= 100_000 else 1.5 if cell_m == 100 else None
        show("KDEpy FFTKDE, biweight / quartic", n, cell_m, times, difference(surface, true), goal)


def beside_tree() -> None:
    """Answer of scikit-learn's tree at every cell centre."""
    print(f"scikit-learn {metadata.version('scikit-learn')}, one thread", flush=True)
    x, y = density.points(10_000)
    mine = partial(ours, "epanechnikov", x, y, 500)
    _, true = mine()
    times = alternate(partial(density.tree, x, y), mine, rounds=3)
    theirs = density.tree(x, y).reshape(true.shape) * (x.size * 1e6)
    show("scikit-learn, Epanechnikov", x.size, 500, times, difference(theirs, true), goal=400, judged=1)


def beside_r() -> None:
    """Compare R's fixed Gaussian, a transform of binned points, and its adaptive ones: cell by cell, and by classes."""
    if shutil.which("Rscript") is None:
        print("R is not installed: on Debian, apt-get install r-base r-cran-spatstat r-cran-sparr")
        return
    rows, cols = density.grid(500).shape
    x, y = density.points(100_000)
    if (run := in_r("fixed", x, y, (rows, cols), repeats=3)) is not None:
        mine = partial(ours, "gaussian", x, y, 500)
        note = difference(run[1], mine()[1])
        show("spatstat density.ppp, Gaussian", x.size, 500, alternate(run[0], mine, rounds=3), note)
    # sparr's cells are as many up as along: about as many as ours, or its default, a seventh of ours.
    same = round((rows * cols) ** 0.5)
    for call, n, side, repeats in (
        ("adaptive", 10_000, same, 1),
        ("partitioned", 10_000, same, 3),
        ("adaptive", 100_000, 128, 1),
        ("partitioned", 100_000, same, 3),
    ):
        x, y = density.points(n)
        if (run := in_r(call, x, y, (side, side), repeats)) is None:
            continue
        mine = partial(ours, "gaussian", x, y, 500, adaptive=True)
        note = f"{side} × {side} cells, {difference(*at_pixels(run[1], mine()[0]))}"
        what = "sparr, adaptive" + (", davies.baddeley 0.05" if call == "partitioned" else ", cell by cell")
        show(what, n, 500, alternate(run[0], mine, rounds=1), note, goal=1, judged=1)


def in_r(
    call: str, x: np.ndarray, y: np.ndarray, shape: tuple[int, int], repeats: int
) -> tuple[float, np.ndarray] | None:
    """Return R's median seconds of a call and its surface in events per km², north up, or None without the package."""
    with tempfile.TemporaryDirectory() as folder:
        np.concatenate([density.grid(500).region, x, y]).tofile(Path(folder) / "points.bin")
        numbers = map(str, (*shape, density.RADIUS_M, repeats))
        said = subprocess.run(
            ["Rscript", "--vanilla", str(SCRIPT), call, folder, *numbers], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        if said[0].startswith("missing"):
            print(f"R's package {said[0].split()[1]} is not installed: install.packages() or, on Debian, apt-get")
            return None
        print(f"{said[0]}, one thread", flush=True)
        surface = np.fromfile(Path(folder) / "surface.bin").reshape(shape)
        return statistics.median(map(float, said[1].split())), surface * 1e6


def at_pixels(surface: np.ndarray, model: KernelDensity) -> tuple[np.ndarray, np.ndarray]:
    """Return R's values and ours at some of R's pixels."""
    rows, cols = surface.shape
    west, east, south, north = density.grid(500).region
    row, col = np.random.default_rng(0).integers(0, (rows, cols), (LOOKED_AT, 2)).T
    x = west + (col + 0.5) * (east - west) / cols
    y = north - (row + 0.5) * (north - south) / rows
    return surface[row, col], model.at(x, y)


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}")
    print("150 × 190 km, radius (Gaussian: standard deviation) 5 km, float64; milliseconds; ratios are rival / ours")
    print(f"{os.cpu_count()} processors, load in the minute before: {os.getloadavg()[0]:.1f}")
    heads = ("", "points", "cell", "rival", "1 thread", "2 threads", "ratio 1", "ratio 2", "goal")
    print("{:<39}{:>8}{:>5}{:>12}{:>12}{:>12}{:>9}{:>9}{:>14}  values".format(*heads))
    beside_tree()
    beside_kdepy()
    beside_r()
    beside_libkdv()


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(os.environ["NUMBA_CACHE_DIR"])
