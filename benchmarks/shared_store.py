"""A shared store beside the file: writing and reading a table of simulated cases, as ratios of times.

Starts a PostgreSQL of its own, see `tests.postgres`, and prints its version.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from geo.store import Store
from geo.stores import open_store
from tests.postgres import Cluster, binaries


def simulated_cases(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 5000, n), unit="D")
    texts = {
        "case_id": [f"simulated-{number:09d}" for number in range(n)],
        "commune_code": [f"{code:05d}" for code in rng.integers(3000, 3200, n)],
        "vintage": "2025-07-01",
        "source": "police",
        "data_kind": "simulated",
    }
    frame = pd.DataFrame(texts).astype("str")
    return frame.assign(
        date=days.astype("datetime64[ns]"),
        lon=rng.uniform(102, 104, n),
        lat=rng.uniform(21, 22, n),
        victims=pd.array(rng.integers(1, 4, n), dtype="Int64"),
    )


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measured(store: Store, cases: pd.DataFrame, rounds: int) -> dict[str, float]:
    store.names()
    works = {"write": lambda: store.write({"cases": cases}), "read": lambda: store.read("cases")}
    return {name: min(seconds(work) for _ in range(rounds)) for name, work in works.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    programs = binaries()
    if programs is None:
        print("PostgreSQL with PostGIS is not installed: nothing measured")
        return
    cluster = Cluster(programs, set())
    try:
        address = cluster.address(cluster.new_database())
        with tempfile.TemporaryDirectory() as folder:
            cases = simulated_cases(given.rows)
            file = measured(open_store(f"{folder}/layers.gpkg"), cases, given.rounds)
            shared = measured(open_store(address), cases, given.rounds)
        print(f"{given.rows:,} rows; PostgreSQL {cluster.execute('SHOW server_version')[0][0]}, on the same machine")
        print("| | rows/s, file | rows/s, database | time, database : file |\n|---|---|---|---|")
        for name in file:
            rates = [f"{given.rows / times[name]:,.0f}" for times in (file, shared)]
            print(f"| {name} | {rates[0]} | {rates[1]} | {shared[name] / file[name]:.1f} |")
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
