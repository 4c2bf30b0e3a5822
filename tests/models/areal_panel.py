"""Small panels for the tests of challengers and of their evaluation."""

import numpy as np
import pandas as pd


def yearly(counts, people, first=2015, **columns):
    """Return a panel of years: counts (units, years), people and further columns by unit."""
    counts = np.asarray(counts)
    n, years = counts.shape
    index = pd.MultiIndex.from_product(
        [[f"u{i}" for i in range(n)], pd.period_range(str(first), periods=years, freq="Y")],
        names=["commune_code", "month"],
    )
    more = {name: np.repeat(values, years) for name, values in columns.items()}
    return pd.DataFrame({"cases": counts.ravel(), "population": np.repeat(people, years), **more}, index=index)


def world(seed=0, side=5, years=4, level=3.0, freq="Q"):
    """Return a panel over a square whose risk rises from west to east, its adjacency and its true yearly means."""
    rng = np.random.default_rng(seed)
    n, per_year = side * side, {"Q": 4, "Y": 1, "M": 12}[freq]
    east = np.tile(np.linspace(-1, 1, side), side)
    north = np.repeat(np.linspace(-1, 1, side), side)
    people = rng.integers(500, 4000, n)
    truth = level * np.exp(1.5 * east) * people / 2000
    times = pd.period_range("2015-01", periods=years * per_year, freq=freq)
    counts = rng.poisson(np.repeat(truth[:, None] / per_year, len(times), axis=1))
    index = pd.MultiIndex.from_product([[f"u{i}" for i in range(n)], times], names=["commune_code", "month"])
    columns = {"population": people, "east": east, "x": 10_000 * east, "y": 10_000 * north}
    panel = pd.DataFrame(
        {"cases": counts.ravel(), **{name: np.repeat(v, len(times)) for name, v in columns.items()}}, index=index
    )
    line = np.eye(side, k=1) + np.eye(side, k=-1)
    return panel, np.kron(line, np.eye(side)) + np.kron(np.eye(side), line), truth
