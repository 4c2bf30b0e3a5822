"""How long a fit of the risk model takes, from a province to the country, by month over five years.

Communes are the cells of a square with simulated counts; medians of repeats, after one fit that compiles.
Beside the time on the clock stands that of the processors, which other work on the machine stretches less.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("NUMBA_NUM_THREADS", "2")

import resource
import time

import numpy as np
import pandas as pd
from scipy import sparse

from models.risk import RiskModel

MONTHS = 60
SIZES = ((45, 5, 2.0), (129, 5, None), (1_000, 3, None), (3_321, 1, None), (11_000, 1, 300.0))
"""Communes, repeats, and the goal in seconds."""


def simulated(n: int) -> tuple[pd.DataFrame, "sparse.csr_array[np.float64]"]:
    """Return a panel of n communes and their adjacency."""
    rng = np.random.default_rng(0)
    side = int(np.ceil(np.sqrt(n)))
    line = sparse.diags_array([np.ones(side - 1)] * 2, offsets=[1, -1], shape=(side, side))
    grid = sparse.csr_array(sparse.kron(line, sparse.eye_array(side)) + sparse.kron(sparse.eye_array(side), line))
    months = pd.period_range("2013-01", periods=MONTHS, freq="M")
    east = np.tile(np.linspace(-1, 1, side), side)[:n]
    rate = np.exp(0.8 * east + rng.normal(0, 0.5, n)) / 5000
    effort = rng.gamma(2.0, 0.5, (n, 1)) * rng.gamma(8.0, 1 / 8, (n, MONTHS))
    people = rng.integers(1000, 12_000, n)
    events = (rate * people / 12)[:, None] * np.ones(MONTHS)
    index = pd.MultiIndex.from_product([[f"{i:05d}" for i in range(n)], months], names=["commune_code", "month"])
    columns = {
        "cases": rng.poisson(events * -np.expm1(-0.15 * (0.3 + 0.7 * effort))).ravel(),
        "absences": rng.poisson(events * -np.expm1(-0.5 * (0.5 + 0.5 * effort))).ravel(),
        "population": np.repeat(people, MONTHS),
        "effort": effort.ravel(),
        "east": np.repeat(east, MONTHS),
    }
    return pd.DataFrame(columns, index=index), grid[:n, :n]


def main() -> None:
    """Print the table."""
    print(f"{'communes':>9}{'rows':>10}{'events':>8}{'seconds':>10}{'processor s':>13}{'peak MB':>9}")
    for n, repeats, goal in SIZES:
        panel, grid = simulated(n)
        model = RiskModel(effort=["effort"], covariates=["east"])
        model.fit(*simulated(20))
        taken, worked = [], []
        for _ in range(repeats):
            begin, busy = time.perf_counter(), time.process_time()
            model.fit(panel, grid)
            taken.append(time.perf_counter() - begin)
            worked.append(time.process_time() - busy)
        seconds = float(np.median(taken))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        missed = " MISSED" if goal is not None and seconds > goal else ""
        events = int(panel[["cases", "absences"]].to_numpy().sum())
        print(
            f"{n:>9}{len(panel):>10}{events:>8}{seconds:>10.2f}{np.median(worked):>13.2f}{peak:>9.0f}{missed}",
            flush=True,
        )


if __name__ == "__main__":
    main()
