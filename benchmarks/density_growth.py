"""How kernel density's time and memory grow with points and cells, and what the first call in a new process takes.

Memory is read from Linux's /proc. Two threads throughout; times are medians.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import json
import math
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

import density  # before numba: it sets the folder of compiled kernels
import numba
import numpy as np

from geo.density import KernelDensity, _places
from geo.grid import Grid

THREADS = 2
KERNELS = ("epanechnikov", "quartic", "gaussian", "gaussian, adaptive")
AT_POINTS = ("quartic, adaptive", "quartic, diggle", "gaussian, diggle")
AT_CELLS = ("quartic, uniform", "quartic, adaptive, uniform", "gaussian, uniform")
BOTH = ("quartic, adaptive, diggle", "gaussian, adaptive, diggle")
"""What takes memory at points, at cells, and at both: edges corrected in a polygon of 1,360 edges."""
EVERY_KERNEL = ("uniform", "epanechnikov", "quartic", "triweight", "gaussian")
TILES = ((1, 1), (2, 2), (4, 4), (5, 9))
"""Down and along: larger regions."""
WIDE = "+proj=lcc +lat_0=19 +lon_0=105 +lat_1=16 +lat_2=22 +x_0=1085000 +y_0=2020000 +ellps=WGS84 +units=m +type=crs"
"""A CRS in which lengths are right in all of them: EPSG:9205 is made for one province."""
TILE_TIMES = "--tile-times"
KEEPING = {
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "1000000000",
}
"""Settings of glibc's allocator, so that large arrays take pages that were used before."""
STEEPEST = 1.05
"""Goal for the slope of time against size on logarithmic axes between the larger sizes."""

CHILD = """
import json, sys, time
begin = time.perf_counter()
import numpy as np
import shapely
from affine import Affine
from geo.density import KernelDensity
from geo.grid import Grid
imported = time.perf_counter() - begin

def status(name):
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(name))

kernel, radius, points, jobs, warm, transform, shape = json.loads(sys.argv[1])
x, y = np.load(points)
grid = Grid("EPSG:9205", Affine(*transform), tuple(shape))
name, *options = kernel.split(", ")
correction = next((option for option in options if option in ("uniform", "diggle")), None)
model = KernelDensity(name, radius, adaptive="adaptive" in options, edge_correction=correction, n_jobs=jobs)
area = shapely.segmentize(shapely.box(x.min(), y.min(), x.max(), y.max()), 500) if correction else None

def draw(x, y, on):
    return model.fit(x, y, area=area).to_grid(on)

if warm:  # so that kernels already in memory are not counted
    small = Grid("EPSG:9205", Affine(radius / 10, *transform[1:4], -radius / 10, transform[5]), (50, 50))
    draw(x[:100], y[:100], small)
    draw(*(v[:10_000].mean() + 0.1 * (v[:10_000] - v[:10_000].mean()) for v in (x, y)), small)  # dense: other ways
before, begin = status("VmRSS"), time.perf_counter()
surface = draw(x, y, grid)
taken = time.perf_counter() - begin
print(json.dumps([imported, taken, status("VmHWM") - before, surface.nbytes]))
"""
"""Fits and draws once in a new process; prints seconds of the imports and the call, and the call's peak of memory.

VmHWM is this process's own peak; ru_maxrss would include its parent's from before the start. Points come from a file,
so that nothing larger was in memory before.
"""


def draw(x: np.ndarray, y: np.ndarray, on: Grid, kernel: str) -> np.ndarray:
    """Fit and draw."""
    name, _, adaptive = kernel.partition(", ")
    model = KernelDensity(name, density.RADIUS_M, adaptive=bool(adaptive), n_jobs=THREADS)
    return model.fit(x, y).to_grid(on)


def tiles(down: int, along: int, n: int, cell_m: int) -> tuple[np.ndarray, np.ndarray, Grid]:
    """Return the grid of 150 × 190 km and n points so many times beside and below each other."""
    x, y = density.points(n)
    shifts = [(i * density.WIDTH_M, -j * density.HEIGHT_M) for j in range(down) for i in range(along)]
    one = density.grid(cell_m)
    on = Grid(WIDE, one.transform, (down * one.shape[0], along * one.shape[1]))
    return np.concatenate([x + e for e, _ in shifts]), np.concatenate([y + s for _, s in shifts]), on


def growth(title: str, cases: list[tuple[int, int, Callable[[str], object], int]], by: int, judged: int) -> None:
    """Print times of cases (points, cells, call, repeats), and slopes against their entry ``by`` (0 points, 1 cells).

    The goal is for the slopes from case ``judged`` on.
    """
    print(f"\n{title}")
    print(f"{'kernel':<19}{'points':>10}{'cells':>12}{'ms':>10}{'ns a point':>12}{'ns a cell':>11}{'slope':>8}")
    for kernel in KERNELS:
        last = None
        for k, (n, cells, work, repeats) in enumerate(cases):
            work(kernel)
            seconds = density.median_seconds(partial(work, kernel), repeats)
            size, slope = (n, cells)[by], ""
            if last is not None:
                steep = math.log(seconds / last[1]) / math.log(size / last[0])
                slope = f"{steep:>8.2f}" + (" MISSED" if k > judged and steep > STEEPEST else "")
            each = f"{1e9 * seconds / n:>12.1f}{1e9 * seconds / cells:>11.2f}"
            print(f"{kernel:<19}{n:>10}{cells:>12}{1000 * seconds:>10.1f}{each}{slope}", flush=True)
            last = size, seconds


def against_points() -> None:
    """Print time against points on one grid."""
    on = density.grid(500)
    cases = []
    for n, repeats in ((10_000, 7), (100_000, 7), (1_000_000, 5), (10_000_000, 3)):
        x, y = density.points(n)
        cases.append((n, math.prod(on.shape), partial(draw, x, y, on), repeats))
    growth("Time against points: 150 × 190 km, cells of 500 m, radius 5 km", cases, by=0, judged=1)


def against_cells() -> None:
    """Print time against cells: smaller ones in one region, and more of one size in larger regions."""
    x, y = density.points(100_000)
    cases = []
    for cell_m, repeats in ((500, 7), (250, 7), (100, 5), (50, 3), (25, 3), (15, 1)):
        on = density.grid(cell_m)
        cases.append((x.size, math.prod(on.shape), partial(draw, x, y, on), repeats))
    title = "same 150 × 190 km and points, smaller cells (500 to 15 m), radius 5 km: a point reaches √cells rows"
    growth(f"Time against cells, {title}", cases, by=1, judged=2)
    cases = []
    for (down, along), repeats in zip(TILES, (5, 3, 3, 1), strict=True):
        x, y, on = tiles(down, along, 100_000, 100)
        cases.append((x.size, math.prod(on.shape), partial(draw, x, y, on), repeats))
    title = "larger region with as many points a km², cells of 100 m, radius 5 km: a point reaches 100 rows"
    growth(f"Time against cells, {title}", cases, by=1, judged=0)


def at_places() -> None:
    """Print the time of densities at their own points, beside the sum of pairs."""
    print("\nDensities at the points themselves, radius 5 km, processor time: by moments or lattices, and pair by pair")
    print(f"{'kernel':<19}{'points':>10}{'s':>9}{'pairs s':>10}{'ratio':>8}{'apart, of the peak':>20}")
    for kernel, sizes in (
        ("epanechnikov", (100_000, 1_000_000)),
        ("quartic", (100_000, 1_000_000)),
        ("triweight", (1_000_000,)),
        ("gaussian, adaptive", (10_000, 30_000)),
    ):
        name, _, adaptive = kernel.partition(", ")
        for n in sizes:
            x, y = density.points(n)
            model = KernelDensity(name, density.RADIUS_M, adaptive=bool(adaptive), n_jobs=THREADS).fit(x, y)
            model.at(x, y)
            fast, sums = processor_seconds(partial(model.at, x, y))
            with (
                mock.patch.object(_places, "bins_of_moments", return_value=None),
                mock.patch.object(_places, "gridding_pays", return_value=False),
            ):
                model.at(x[:1000], y[:1000])
                slow, pairs = processor_seconds(partial(model.at, x, y))
            apart = np.abs(sums - pairs).max() / pairs.max()
            print(f"{kernel:<19}{n:>10}{fast:>9.2f}{slow:>10.2f}{slow / fast:>8.1f}{apart:>20.0e}", flush=True)


def processor_seconds(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Return the processor time of a call, all threads together, and what it returned."""
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def fresh_pages() -> None:
    """Print what the adaptive Gaussian takes in larger regions if the allocator keeps what was freed, and if not."""
    print(
        "\nGaussian, adaptive, in larger regions: processor time in ms for each 150 × 190 km, cells of 100 m, 1 thread"
    )
    print(f"{'memory':<34}" + "".join(f"{down * along:>10}" for down, along in TILES) + f"{'slope':>8}")
    for title, settings in (("freed memory goes back (default)", {}), ("freed memory is kept", KEEPING)):
        command = [sys.executable, str(Path(__file__).resolve()), TILE_TIMES]
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=True)
        times = json.loads(done.stdout)
        slope = 1 + math.log(times[-1] / times[0]) / math.log(math.prod(TILES[-1]))
        print(f"{title:<34}" + "".join(f"{1000 * each:>10.0f}" for each in times) + f"{slope:>8.2f}", flush=True)


def tile_times() -> list[float]:
    """Return the processor seconds of a fit and draw for each tile, by the number of tiles."""
    times = []
    for down, along in TILES:
        x, y, on = tiles(down, along, 100_000, 100)
        work = partial(KernelDensity("gaussian", density.RADIUS_M, adaptive=True).fit, x, y)
        if not times:
            work().to_grid(on)
        taken, _ = processor_seconds(lambda work=work, on=on: work().to_grid(on))
        times.append(taken / (down * along))
    return times


def child(kernel: str, points: Path, on: Grid, warm: bool, jobs: int = THREADS) -> list[float]:
    """Run `CHILD` once."""
    case = json.dumps([kernel, density.RADIUS_M, str(points), jobs, warm, tuple(on.transform)[:6], on.shape])
    done = subprocess.run([sys.executable, "-c", CHILD, case], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def memory(folder: Path) -> None:
    """Print the peak of memory above what was there before the call."""
    print("\nPeak memory of fit and draw above what was resident before, over 8 bytes a cell + 24 a point; goal ≤ 3")
    print(f"{'kernel':<27}{'points':>10}{'cells':>12}{'peak MB':>10}{'data MB':>11}{'multiple':>10}")
    for n, cell_m, kernels in (
        (1_000_000, 100, KERNELS + AT_POINTS + AT_CELLS + BOTH),
        (10_000_000, 500, KERNELS + AT_POINTS),
        (100_000, 30, AT_CELLS + AT_POINTS),
        (100_000, 15, KERNELS),
    ):
        np.save(path := folder / "points.npy", np.stack(density.points(n)))
        on = density.grid(cell_m)
        cells = math.prod(on.shape)
        needed = 8 * cells + 24 * n
        for kernel in kernels:
            child(kernel, path, density.grid(500), warm=True)  # compiles what this kernel needs
            peak = child(kernel, path, on, warm=True)[2]
            times = f"{peak / needed:>10.2f}" + (" MISSED" if peak > 3 * needed else "")
            print(f"{kernel:<27}{n:>10}{cells:>12}{peak / 1e6:>10.0f}{needed / 1e6:>11.0f}{times}", flush=True)


def first_call(folder: Path) -> None:
    """Print what imports and the first call take in a new process when the kernels were compiled by an earlier one."""
    print("\nFirst call in a new process, compiled before: 100 points, cells of 500 m; median of 5; goal < 2 s")
    print(f"{'kernel':<19}{'compiling s':>12}{'imports s':>11}{'call s':>9}{'both s':>9}")
    np.save(path := folder / "points.npy", np.stack(density.points(100)))
    for kernel in EVERY_KERNEL:
        cold = child(kernel, path, density.grid(500), warm=False)[1]
        runs = np.array([child(kernel, path, density.grid(500), warm=False)[:2] for _ in range(5)])
        imports, call = np.median(runs, axis=0)
        missed = "" if call < 2 else " MISSED"
        print(f"{kernel:<19}{cold:>12.2f}{imports:>11.2f}{call:>9.2f}{imports + call:>9.2f}{missed}", flush=True)


def main() -> None:
    """Print the tables."""
    print(f"Python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}, {THREADS} threads")
    with tempfile.TemporaryDirectory() as folder:
        first_call(Path(folder))  # before anything is compiled
        memory(Path(folder))
    at_places()
    against_points()
    against_cells()
    fresh_pages()


if __name__ == "__main__":
    try:
        print(json.dumps(tile_times())) if TILE_TIMES in sys.argv else main()
    finally:
        shutil.rmtree(os.environ["NUMBA_CACHE_DIR"])
