"""Gi* and local Moran's I beside esda, and false alarms: 10,000 cells, 999 permutations, one run.

What is timed is from values and weights in memory to p-values, after a first call that compiled, both sides in one
thread (`n_jobs=1`); esda as it does by default, and without keeping its simulations, which is its faster way. Times are
processor time, the shortest of calls in turns; other work on the machine does not lengthen it. What a second thread
gains is told by the clock.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib import metadata

import numpy as np
from esda import G_Local, Moran_Local
from libpysal.graph import Graph
from libpysal.weights import lat2W

from models.emerging import emerging_hotspots, space_time_g
from models.hotspots import local_g, local_moran

SIDE = 100
PERMUTATIONS = 999
ROUNDS = 9
PERIODS = 60
WORLDS, EVENTS_A_YEAR = 100, 15


def seconds(
    calls: dict[str, Callable[[], object]],
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Return the shortest time of each call, made in turns after one that is not timed."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            begin = clock()
            call()
            if turn:
                taken[name].append(clock() - begin)
    return {name: min(times) for name, times in taken.items()}


def main() -> None:
    """Print the table."""
    versions = {name: metadata.version(name) for name in ("esda", "libpysal", "numba", "numpy", "scipy")}
    print(platform.python_version(), versions, f"{os.cpu_count()} processors", flush=True)
    weights = lat2W(SIDE, SIDE, rook=False)
    graph = Graph.from_W(weights)
    matrix = weights.sparse
    # Counts with clusters: ties, as real counts have them.
    rng = np.random.default_rng(0)
    values = rng.poisson(np.exp(0.3 * (graph.transform("R").sparse @ rng.normal(0, 3, SIDE * SIDE)))).astype(float)
    same = {"permutations": PERMUTATIONS}
    binary = graph.transform("B").assign_self_weight(1)

    def g_of_esda(keep: bool) -> G_Local:
        return G_Local(values, binary, transform="B", star=None, seed=1, n_jobs=1, keep_simulations=keep, **same)

    def moran_of_esda(keep: bool) -> Moran_Local:
        return Moran_Local(values, graph, seed=1, n_jobs=1, keep_simulations=keep, **same)

    work = {
        "Gi*": (g_of_esda, lambda jobs: local_g(values, matrix, n_jobs=jobs, **same)),
        "local Moran": (moran_of_esda, lambda jobs: local_moran(values, matrix, n_jobs=jobs, **same)),
    }
    print(f"{'seconds':<13}{'esda':>9}{'not kept':>9}{'ours':>9}   ratios; goal > 1    second thread")
    warnings.simplefilter("ignore")  # esda announces another alternative hypothesis for its next release
    for name, (theirs, ours) in work.items():
        calls = {"kept": partial(theirs, True), "not kept": partial(theirs, False), "ours": partial(ours, 1)}
        times = seconds(calls)
        ratios = times["kept"] / times["ours"], times["not kept"] / times["ours"]
        by_clock = seconds({"one": partial(ours, 1), "two": partial(ours, 2)}, clock=time.perf_counter)
        columns = "".join(f"{time:>9.3f}" for time in times.values())
        verdict = f"{ratios[0]:.1f}, {ratios[1]:.1f}: {'met' if min(ratios) > 1 else 'MISSED'}"
        print(f"{name:<13}{columns}   {verdict:<20}x {by_clock['one'] / by_clock['two']:.2f}", flush=True)
    esda_g, esda_moran = g_of_esda(False), moran_of_esda(False)
    table, moran = local_g(values, matrix, **same), local_moran(values, matrix, **same)
    print(f"largest difference of z of Gi* {np.abs(table['z'] - esda_g.Zs).max():.1e}, of I", end=" ")
    print(f"{np.abs(moran['i'] - esda_moran.Is).max():.1e}")
    # Without ties: on ties esda counts only what is beyond the observed sum, in one of the two directions.
    smooth = rng.gamma(2.0, size=SIDE * SIDE)
    g = G_Local(smooth, binary, transform="B", star=None, seed=1, n_jobs=1, keep_simulations=False, **same)
    ours_g = local_g(smooth, matrix, **same)
    p = np.minimum(ours_g["p_high"], ours_g["p_low"])
    chance = np.sqrt(2 / np.pi * 2 * p * (1 - p) / PERMUTATIONS)
    print(f"p-values of Gi* {np.abs(p - g.p_sim).mean():.4f} apart; by chance {chance.mean():.4f}")

    cube = rng.poisson(values[:, None], (SIDE * SIDE, PERIODS))
    patterns = {"patterns": lambda: emerging_hotspots(space_time_g(cube, matrix, permutations=0))}
    print(f"emerging hot spots, {SIDE**2} cells x {PERIODS} periods: {seconds(patterns, 1)['patterns']:.1f} s")
    part = {"permuted": lambda: space_time_g(cube[:, :12], matrix, permutations=PERMUTATIONS)}
    print(f"Gi* of {SIDE**2} cells x 12 periods, {PERMUTATIONS} permutations: {seconds(part, 1)['permuted']:.1f} s")
    print_few_events()


def print_few_events() -> None:
    """Print how often chance is called hot, and a true hot spot found, where events are as few as here."""
    rng = np.random.default_rng(0)
    matrix = lat2W(7, 7, rook=False).sparse
    rates = np.full(49, EVENTS_A_YEAR / 12 / 49)
    cubes = rng.poisson(rates[:, None], (WORLDS, 49, 24))
    for name, permutations in (("the normal distribution", 0), ("conditional permutations", 9_999)):
        alarms = [(space_time_g(cube, matrix, permutations=permutations)["spot"] == "hot").any() for cube in cubes]
        print(f"{EVENTS_A_YEAR} events a year on 49 units by chance: by {name}", end=" ")
        print(f"{sum(alarms)} of {WORLDS} cubes of 24 months have a hot bin", flush=True)
    core = 16
    rates[[8, 9, 10, 15, core, 17, 22, 23, 24]] *= 5
    cubes = rng.poisson(rates[:, None], (WORLDS, 49, 24))
    in_map = sum(local_g(cube.sum(axis=1), matrix)["spot"][core] == "hot" for cube in cubes)
    in_cube = sum((space_time_g(cube, matrix)["spot"][core] == "hot").any() for cube in cubes)
    print(
        f"nine units five times as risky: the core is hot in {in_map} of {WORLDS} maps of 24 months together", end=" "
    )
    print(f"and in some month of {in_cube} cubes")


if __name__ == "__main__":
    main()
