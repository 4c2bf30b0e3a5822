"""A whole country on one machine: surfaces, the join, sums of a raster; time, processor time and peak of memory.

The country is `models.country`'s: made up. Each row runs in a process of its own, which first makes the points and
compiles the kernels; the time is that of the work alone (fit, tiles, file; join and file; sums), the memory all that
the process ever held.
"""

import argparse
import json
import math
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partialmethod
from pathlib import Path

import numpy as np
import rasterio

RADIUS_M = 5_000.0
COMMUNES = 10_600
SURFACES = {"100 m": (100.0, 1_000_000, 60, 2), "50 m": (50.0, 10_000_000, 480, 3)}
"""Side of a cell in metres, points, and the goals: seconds and GB."""
JOIN = (10_000_000, 90)
JOIN_GROWTH = (100_000, 1_000_000, 10_000_000)
ZONAL_CELLS_M = (200.0, 100.0)
STEEPEST = 1.05
AT_ONCE = 500_000
"""Points that are written at one time."""
PARTS = ("surfaces", "join", "zonal", "growth")


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
    """Give each point of a GeoParquet file its commune and write another, as `diemnong join` does."""
    from geo.parquet_join import join_points
    from geo.point_join import PointJoin
    from geo.point_parquet import open_points
    from models.country import CRS, simulate_country

    country = simulate_country(communes=COMMUNES, edge_m=200.0)
    found, spent = [], [0.0]

    class Timed(PointJoin):
        """Counts what the joining itself takes; the rest is the files and their order."""

        def _timed(self, method: object, *places: object) -> np.ndarray:
            began = time.process_time()
            units = method(self, *places)
            spent[0] += time.process_time() - began
            return units

        holding, near = partialmethod(_timed, PointJoin.holding), partialmethod(_timed, PointJoin.near)

    def work(folder: Path) -> None:
        with open_points(folder / "points.parquet") as source:
            asked = Timed(country.communes, CRS)
            found.append(join_points(source, folder / "o.parquet", asked, ["id"], vintage="2025-07-01", reach_m=100.0))

    with tempfile.TemporaryDirectory() as folder:
        write_points(Path(folder) / "points.parquet", country, n)
        result = measured(lambda: work(Path(folder)))
    told = {"near": found[0].near, "unplaced": found[0].outside, "joining": spent[0] / result["processor"]}
    return result | {"points": n, "communes": COMMUNES, **told}


def write_points(path: Path, country: object, n: int) -> None:
    """Write n records in degrees, in the order in which they come: scattered over the country."""
    import geopandas as gpd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from geo.crs import STORED
    from models.country import CRS

    with tempfile.TemporaryDirectory() as folder:
        pieces = []
        for number, some in enumerate(country.records(n, at_once=AT_ONCE)):
            points = gpd.GeoSeries.from_xy(some["x"], some["y"], crs=CRS).to_crs(STORED)
            ids = np.char.add("r", np.arange(number * AT_ONCE, number * AT_ONCE + len(some)).astype(str))
            pieces.append(Path(folder) / f"{number}.parquet")
            gpd.GeoDataFrame({"id": ids}, geometry=points).to_parquet(pieces[-1], index=False)
        with pq.ParquetWriter(path, pq.read_schema(pieces[0])) as whole:
            for piece in pieces:
                whole.write_table(pa.parquet.read_table(piece))


def zonal_sums(cell_m: float) -> dict[str, float]:
    """Sum a raster of the whole country over its communes: values that rise eastwards, whose integrals are known."""
    import shapely

    from geo.grid import Grid
    from geo.raster import write_cog_tiles
    from geo.raster_file import open_raster
    from geo.tiles import tiles
    from geo.zonal import zonal
    from models.country import CRS, WEST, simulate_country

    communes = simulate_country(communes=COMMUNES, edge_m=200.0).communes
    west, south, east, north = communes.total_bounds
    grid = Grid.covering((west, east, south, north), cell_m, CRS)
    found = []

    def cells() -> Iterator[tuple[object, np.ndarray]]:
        for tile in tiles(grid):
            part = tile.of(grid)
            x = part.transform.c + cell_m * (np.arange(part.shape[1]) + 0.5)
            yield tile, np.broadcast_to(1 + (x - WEST) / 1e6, part.shape)

    def work(path: Path) -> None:
        with open_raster(path) as raster:
            found.append(zonal(raster, communes.geometry, "sum")["value"].to_numpy())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.tif"
        about = {"description": "simulated", "unit": "people", "tags": {"data_kind": "simulated"}}
        write_cog_tiles(path, cells(), grid, **about, n_jobs=-1)
        result = measured(lambda: work(path))
    shapes = communes.geometry.to_numpy()
    exact = shapely.area(shapes) / cell_m**2 * (1 + (shapely.get_x(shapely.centroid(shapes)) - WEST) / 1e6)
    off = float(np.nanmax(np.abs(found[0] / exact - 1)))
    return result | {
        "points": len(shapes),
        "cells": math.prod(grid.shape),
        "off": off,
        "missing": int(np.isnan(found[0]).sum()),
    }


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


def growth(title: str, part: str, cases: list[tuple[object, ...]], by: str) -> list[dict[str, float]]:
    """Print a part at growing sizes and the slopes of its processor time; return what was found."""
    grown: list[dict[str, float]] = []
    for case in cases:
        found = child(part, *case)
        row(title, found, *((JOIN[1],) if case == (JOIN[0],) else ()))
        if "unplaced" in found:
            places = f"just outside all: {found['near']}; in no commune: {found['unplaced']}"
            print(f"{'':<34}{places}; of the processor time {found['joining']:.0%} is joining, the rest files")
        if grown:
            last = grown[-1]
            slope = math.log(found["processor"] / last["processor"]) / math.log(found[by] / last[by])
            print(f"{'':<34}slope {slope:.2f}" + (" MISSED" if slope > STEEPEST else ""), flush=True)
        grown.append(found)
    return grown


def draw(grown: dict[str, tuple[str, list[dict[str, float]]]], picture: Path) -> None:
    """Draw processor time and memory against the sizes, with a line of slope 1."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, len(grown), figsize=(10, 5.4), sharex="col", squeeze=False, layout="constrained")
    for (title, (by, found)), (above, below) in zip(grown.items(), panels.T, strict=True):
        sizes, seconds = ([one[name] for one in found] for name in (by, "processor"))
        above.loglog(sizes, seconds, "o-", color="#005b96")
        linear = [seconds[-1] * size / sizes[-1] for size in sizes]
        above.loglog(sizes, linear, ":", color="#777777", label="linear")
        above.set_title(title, fontsize=9)
        below.semilogx(sizes, [one["gb"] for one in found], "o-", color="#bd0026")
        below.set(xlabel=by, ylim=(0, None))
        for axis in (above.yaxis, below.xaxis):
            axis.set_minor_formatter("")
    panels[0, 0].set_ylabel("processor s")
    panels[0, 0].legend(fontsize=8)
    panels[1, 0].set_ylabel("peak of memory, GB")
    figure.suptitle("SIMULATED: a made-up country on one machine", fontsize=10)
    figure.savefig(picture, dpi=110)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--surfaces", nargs="*", choices=tuple(SURFACES), default=tuple(SURFACES))
    parser.add_argument("--kernels", nargs="+", default=["quartic", "gaussian"])
    parser.add_argument("--points", type=int, help="of the join, and of each surface, in place of the goals' own")
    parser.add_argument("--picture", type=Path, help="draw the growth into this file too")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        name, *values = json.loads(given.child)
        print(json.dumps({"surface": surface, "join": join, "zonal_sums": zonal_sums}[name](*values)))
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, GDAL {rasterio.__gdal_version__}; simulated")
    print(f"{'':<34}{'points':>10}{'cells':>12}{'clock s':>9}{'cpu s':>9}{'GB':>8}  goals")
    grown: dict[str, tuple[str, list[dict[str, float]]]] = {}
    if "surfaces" in given.parts:
        for name in given.surfaces:
            cell_m, n, seconds, gb = SURFACES[name]
            for kernel in given.kernels:
                row(f"{name}, {kernel}", child("surface", cell_m, given.points or n, kernel, 331_000), seconds, gb)
    if "join" in given.parts:
        sizes = [n for n in JOIN_GROWTH if n < (given.points or JOIN[0])] + [given.points or JOIN[0]]
        title = f"join to {COMMUNES:,} communes"
        grown[title] = "points", growth(title, "join", [(n,) for n in sizes], "points")
    if "zonal" in given.parts:
        for cell_m in ZONAL_CELLS_M:
            found = child("zonal_sums", cell_m)
            row(f"sums at {cell_m:g} m (points: communes)", found)
            print(f"{'':<34}farthest from the integral: {found['off']:.1e}; without a value: {found['missing']}")
    if "growth" in given.parts:
        surfaces = [(100.0, n, "quartic", 331_000) for n in (100_000, 1_000_000, 10_000_000)]
        grown["surface at 100 m"] = "points", growth("growth with points: 100 m", "surface", surfaces, "points")
        parts = [(100.0, 1_000_000, "quartic", area) for area in (331_000 / 16, 331_000 / 4, 331_000)]
        title = "growth with cells: 100 m"
        grown["surface at 100 m, same density"] = "cells", growth(title, "surface", parts, "cells")
    if given.picture:
        draw(grown, given.picture)


if __name__ == "__main__":
    main()
