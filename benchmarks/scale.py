"""A whole country on one machine: surfaces in tiles and the join, with time, processor time and peak of memory.

And what dask adds: the same work by this process and by workers on this machine, of as many threads, in turns.

The country is `models.country`'s: made up. Each row runs in a process of its own, which first makes the points and
compiles the kernels; the time is that of the work alone (fit, tiles, file), the memory all that the process ever held.
"""

import argparse
import hashlib
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import rasterio

RADIUS_M = 5_000.0
COMMUNES = 10_600
SURFACES = {"100 m": (100.0, 1_000_000, 60, 2), "50 m": (50.0, 10_000_000, 480, 3)}
"""Side of a cell in metres, points, and the goals: seconds and GB."""
JOIN = (10_000_000, 90)
STEEPEST = 1.05
AT_ONCE = 500_000
"""Points that are joined at one time."""
PARTS = ("surfaces", "join", "growth", "cluster")
OVERHEAD = 1.15
ROUNDS = 5


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Return the seconds on the clock and of processor that a call takes, and this process's peak of memory in GB."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    # Not ru_maxrss: it would include the parent's from before the start.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {"clock": clock, "processor": processor, "gb": int(peak.split()[1]) * 1024 / 1e9}


def places(n: int, communes: int = COMMUNES) -> tuple[object, np.ndarray, np.ndarray]:
    """Return the country and n of its records."""
    from models.country import simulate_country

    country = simulate_country(communes=communes, edge_m=200.0)
    x, y = np.empty(n), np.empty(n)
    done = 0
    for some in country.records(n):
        x[done : done + len(some)], y[done : done + len(some)] = some["x"], some["y"]
        done += len(some)
    return country, x, y


def surface(cell_m: float, n: int, kernel: str, area_km2: float) -> dict[str, float]:
    """Draw a surface over a square of an area and write it."""
    from geo.density import KernelDensity, density_tiles
    from geo.grid import Grid
    from geo.raster import write_cog_tiles
    from models.country import CRS

    country, x, y = places(n)
    bounds = country.communes.total_bounds
    share = math.sqrt(area_km2 / 331_000)
    if share < 1:  # for growth: a part of the country, and the points in it
        bounds[2:] = bounds[:2] + share * (bounds[2:] - bounds[:2])
        mine = (x < bounds[2]) & (y < bounds[3])
        x, y = x[mine], y[mine]
    west, south, east, north = bounds
    grid = Grid.covering((west, east, south, north), cell_m, CRS)
    small = Grid.covering((west, west + 10_000, south, south + 10_000), 1_000, CRS)
    next(density_tiles(KernelDensity(kernel, RADIUS_M).fit(x[:100], y[:100]), small))  # compiles

    def work() -> None:
        model = KernelDensity(kernel, RADIUS_M, n_jobs=-1).fit(x, y)
        with tempfile.TemporaryDirectory() as folder:
            about = {"description": "simulated", "unit": "events per km²", "tags": {"data_kind": "simulated"}}
            write_cog_tiles(Path(folder) / "r.tif", density_tiles(model, grid), grid, **about, n_jobs=-1)

    return measured(work) | {"points": x.size, "cells": math.prod(grid.shape)}


def join(n: int) -> dict[str, float]:
    """Find the commune of each point: sorted by space, some at a time, through the join that a run uses."""
    import pandas as pd
    from pyproj import Transformer

    from geo.crs import STORED
    from geo.places import Gazetteer, place
    from models.country import CRS

    country, x, y = places(n)
    to_stored = Transformer.from_crs(CRS, STORED, always_xy=True)
    for begin in range(0, n, AT_ONCE):
        some = slice(begin, begin + AT_ONCE)
        x[some], y[some] = to_stored.transform(x[some], y[some])
    units = country.communes.assign(name="", district=None).to_crs(STORED)
    facts = units[["commune_code", "name", "district"]]
    gazetteer = Gazetteer(units, {"2025-07-01": facts}, pd.DataFrame({"old_code": [], "new_code": []}, dtype=str), CRS)
    found = np.zeros(n, dtype=np.int32)

    def work() -> None:
        band = np.floor(20 * y)  # twentieths of a degree, in each from west to east
        order = np.lexsort((x, band))
        for begin in range(0, n, AT_ONCE):
            mine = order[begin : begin + AT_ONCE]
            placed = place(pd.DataFrame({"lon": x[mine], "lat": y[mine]}), gazetteer)
            found[mine] = placed["unit_code"].fillna("0").astype(int)

    result = measured(work)
    return result | {"points": n, "communes": len(units), "unplaced": int((found == 0).sum())}


def drawn_by(threads: int) -> tuple[Callable[[object, int], object], str]:
    """Return what draws and writes a surface of the country at 100 m, and its name; threads of the plain process."""
    from geo.density import KernelDensity, density_tiles
    from geo.grid import Grid
    from geo.raster import write_cog_tiles
    from models.country import CRS

    country, x, y = places(SURFACES["100 m"][1])
    west, south, east, north = country.communes.total_bounds
    grid = Grid.covering((west, east, south, north), 100.0, CRS)
    model = KernelDensity("quartic", RADIUS_M).fit(x, y)

    def work(workers: object, n_jobs: int) -> bytes:
        model.set_params(n_jobs=n_jobs)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "r.tif"
            about = {"description": "simulated", "unit": "events per km²", "tags": {"data_kind": "simulated"}}
            write_cog_tiles(file, density_tiles(model, grid, workers=workers), grid, **about, n_jobs=threads)
            return hashlib.sha256(file.read_bytes()).digest()

    return work, "tiles, 100 m, quartic"


def forecast_by(_: int) -> tuple[Callable[[object, int], object], str]:
    """Return what evaluates the risk model on a made-up province, and its name."""
    from worlds import by_quarter, model, neighbours, units

    from models.evaluate import evaluate
    from models.simple_rankings import Population
    from models.worlds import Options, simulate_world

    panel = by_quarter(simulate_world(units(), Options(years=8), random_state=1))
    models = {"model": model().set_params(period="quarter"), "people": Population(period="quarter")}

    def work(workers: object, _: int) -> bytes:
        found = evaluate(models, panel, neighbours(), most=2, workers=workers, resamples=200)
        return found.scores.to_csv(index=False).encode()

    return work, "forward fits, 129 communes"


def overhead(kind: str, workers: int) -> dict[str, object]:
    """Return how long the plain process and so many workers take, in turns: seconds on the clock and of processors."""
    from distributed import Client

    from geo.workers import InTurn, workers_at
    from tests.dask_cluster import DaskCluster

    work, title = {"tiles": drawn_by, "fits": forecast_by}[kind](workers)
    dask = DaskCluster(set())
    for _ in range(workers):
        dask.add_worker(memory="6GB")
    dask.wait_for(workers)
    rounds = []
    try:
        with workers_at(dask.address) as theirs, Client(dask.address, set_as_default=False) as client:

            def processors() -> float:
                there = [*client.run(time.process_time).values(), client.run_on_scheduler(time.process_time)]
                return time.process_time() + sum(there)

            def timed(who: object, n_jobs: int) -> tuple[object, float, float]:
                clock, processor = time.perf_counter(), processors()
                result = work(who, n_jobs)
                return result, time.perf_counter() - clock, processors() - processor

            same = work(InTurn(), workers) == work(theirs, 1)  # compiles and imports on every side
            for _ in range(ROUNDS):
                plain, by_dask = timed(InTurn(), workers), timed(theirs, 1)
                same &= plain[0] == by_dask[0]
                rounds.append([*plain[1:], *by_dask[1:]])
    finally:
        dask.stop()
    return {"title": title, "same": same, "rounds": rounds}


def cluster(kind: str, workers: int, threads: int) -> None:
    """Print what dask adds to a kind of work; ``threads``: as many as the plain process can use, up to the workers."""
    found = child("overhead", kind, workers)
    plain, plain_cpu, dask, dask_cpu = (min(of) for of in zip(*found["rounds"], strict=True))
    goal = f"goal {OVERHEAD}{' MISSED' if dask > OVERHEAD * plain else ''}" if threads == workers else "no goal"
    print(
        f"{found['title']}: plain process, {threads} threads {plain:.1f} s (processors {plain_cpu:.1f}); "
        f"{workers} workers {dask:.1f} s ({dask_cpu:.1f}); ratio {dask / plain:.2f}, of processors "
        f"{dask_cpu / plain_cpu:.2f}; {goal}; {'same bits' if found['same'] else 'OTHER BITS'}",
        flush=True,
    )


def child(name: str, *values: object) -> dict[str, float]:
    """Run a part in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", json.dumps([name, *values])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def row(title: str, found: dict[str, float], seconds: float | None = None, gb: float | None = None) -> None:
    """Print a row of the table with its goals."""
    goals = [] if seconds is None else [f"{seconds} s" + (" MISSED" if found["clock"] > seconds else "")]
    goals += [] if gb is None else [f"{gb} GB" + (" MISSED" if found["gb"] > gb else "")]
    clock, processor = (f"{found[kind]:>9.1f}" for kind in ("clock", "processor"))
    cells = f"{found['cells']:>12}" if "cells" in found else f"{'':>12}"
    print(
        f"{title:<34}{found['points']:>10}{cells}{clock}{processor}{found['gb']:>8.2f}  {', '.join(goals)}", flush=True
    )


def growth(title: str, cases: list[tuple[float, int, str, float]], by: str) -> None:
    """Print surfaces of growing size and the slope of their processor time."""
    last = None
    for case in cases:
        found = child("surface", *case)
        row(f"growth with {by}: {title}", found)
        if last is not None:
            slope = math.log(found["processor"] / last["processor"]) / math.log(found[by] / last[by])
            print(f"{'':<34}slope {slope:.2f}" + (" MISSED" if slope > STEEPEST else ""), flush=True)
        last = found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--surfaces", nargs="*", choices=tuple(SURFACES), default=tuple(SURFACES))
    parser.add_argument("--kernels", nargs="+", default=["quartic", "gaussian"])
    parser.add_argument("--points", type=int, help="of the join, and of each surface, in place of the goals' own")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        name, *values = json.loads(given.child)
        print(json.dumps({"surface": surface, "join": join, "overhead": overhead}[name](*values)))
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, GDAL {rasterio.__gdal_version__}; simulated")
    print(f"{'':<34}{'points':>10}{'cells':>12}{'clock s':>9}{'cpu s':>9}{'GB':>8}  goals")
    if "surfaces" in given.parts:
        for name in given.surfaces:
            cell_m, n, seconds, gb = SURFACES[name]
            for kernel in given.kernels:
                row(f"{name}, {kernel}", child("surface", cell_m, given.points or n, kernel, 331_000), seconds, gb)
    if "join" in given.parts:
        found = child("join", given.points or JOIN[0])
        row(f"join to {found['communes']:,} communes", found, JOIN[1])
        print(f"{'':<34}points that no commune holds: {found['unplaced']}")
    if "cluster" in given.parts:
        cores = os.cpu_count() or 1
        print(f"dask.distributed {metadata.version('distributed')}; the shortest of {ROUNDS} in turns")
        cluster("tiles", cores, threads=cores)
        cluster("fits", 1, threads=1)
        cluster("fits", cores, threads=1)
    if "growth" in given.parts:
        growth("100 m", [(100.0, n, "quartic", 331_000) for n in (100_000, 1_000_000, 10_000_000)], "points")
        parts = (331_000 / 16, 331_000 / 4, 331_000)
        growth("100 m, same density", [(100.0, 1_000_000, "quartic", area) for area in parts], "cells")


if __name__ == "__main__":
    main()
