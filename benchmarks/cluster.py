"""What dask adds: the same work by this process and by workers on this machine, of as many threads, in turns.

Each row runs in a process of its own, with a scheduler and workers of its own; records are made up.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
from scale import RADIUS_M, SURFACES, places

OVERHEAD = 1.15
ROUNDS = 5


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


def forecast_by(_: int, most: int = 2) -> tuple[Callable[[object, int], object], str]:
    """Return what evaluates the risk model on a made-up province, by at most so many windows, and its name."""
    from worlds import by_quarter, model, neighbours, units

    from models.evaluate import evaluate
    from models.simple_rankings import Population
    from models.worlds import Options, simulate_world

    panel = by_quarter(simulate_world(units(), Options(years=8), random_state=1))
    models = {"model": model().set_params(period="quarter"), "people": Population(period="quarter")}

    def work(workers: object, _: int) -> bytes:
        found = evaluate(models, panel, neighbours(), most=most, workers=workers, resamples=200)
        return found.scores.to_csv(index=False).encode()

    return work, "forward fits, 129 communes"


def worlds_by(_: int) -> tuple[Callable[[object, int], object], str]:
    """Return what makes and judges four worlds, each in one piece, and its name."""
    from worlds import family_world

    return lambda workers, _: list(workers.map(family_world, range(4))), "worlds, 129 communes"


def fitted_by(_: int, communes: int = 400, provinces: int = 8) -> tuple[Callable[[object, int], object], str]:
    """Return what fits the risk model to a country, province by province, and its name."""
    from risk_speed import simulated

    from models.national_risk import NationalRiskModel

    panel, neighbours = simulated(communes)
    province = np.repeat(np.arange(communes) * provinces // communes, len(panel) // communes)
    panel = panel.assign(province_code=province)

    def work(workers: object, _: int) -> bytes:
        model = NationalRiskModel(effort=["effort"], covariates=["east"]).fit(panel, neighbours, workers=workers)
        return model.draws_.tobytes()

    return work, f"risk of {communes:,} communes, {provinces} provinces"


def overhead(kind: str, workers: int, threads: int) -> dict[str, object]:
    """Return how long the plain process and so many workers take, in turns: seconds on the clock and of processors."""
    import numba
    from distributed import Client

    from geo.workers import InTurn, workers_at
    from tests.dask_cluster import OPTIONS, DaskCluster

    OPTIONS["PYTHONPATH"] += os.pathsep + str(Path(__file__).parent)
    kinds = {"tiles": drawn_by, "fits": forecast_by, "worlds": worlds_by, "provinces": fitted_by}
    work, title = kinds[kind](workers)
    numba.set_num_threads(threads)  # of the plain process; of a worker it is one
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
    found = child(kind, workers, threads)
    plain, plain_cpu, dask, dask_cpu = (min(of) for of in zip(*found["rounds"], strict=True))
    goal = f"goal {OVERHEAD}{' MISSED' if dask > OVERHEAD * plain else ''}" if threads == workers else "no goal"
    print(
        f"{found['title']}: plain process, {threads} threads {plain:.1f} s (processors {plain_cpu:.1f}); "
        f"{workers} workers {dask:.1f} s ({dask_cpu:.1f}); ratio {dask / plain:.2f}, of processors "
        f"{dask_cpu / plain_cpu:.2f}; {goal}; {'same bits' if found['same'] else 'OTHER BITS'}",
        flush=True,
    )


def child(kind: str, workers: int, threads: int) -> dict[str, object]:
    """Run a comparison in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", json.dumps([kind, workers, threads])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(overhead(*json.loads(given.child))))
        return
    cores = os.cpu_count() or 1
    print(f"dask.distributed {metadata.version('distributed')}; the shortest of {ROUNDS} in turns")
    cluster("tiles", cores, threads=cores)
    for kind in ("fits", "worlds", "provinces"):
        cluster(kind, 1, threads=1)
        cluster(kind, cores, threads=1)


if __name__ == "__main__":
    main()
