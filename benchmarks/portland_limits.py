"""How far any ranking could beat the simple baselines in Portland: worlds like it, with known rates.

The rates of a world scatter around the surface forecast for the first month as the counts of the months did: gamma
with the shape that makes those counts, negative binomial, most likely. As many events as had been recorded are drawn
from the rates as the past, at random places in their cells and on random days of four years; the baselines and a new
surface forecast (one stream is all that there is) see these. Beside them: the best ranking that there is for who knows
the first forecast and the shape exactly (the gamma–Poisson mean), and the true rates, which no finite past tells.
Printed: expected PAI, mean over worlds, and its ratio to the best baseline with the 95 % interval of the mean.

The first forecast holds chance of its own past, so these worlds are rougher than the city and counts do better here.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from portland import BUDGETS, City, baselines, counts, ours, read
from scipy import optimize, stats

from models.hit_rates import hits
from models.surface import SurfaceForecast

WORLDS = 20
START, DAYS = pd.Timestamp("2016-03-01"), 1460


def most_likely_shape(totals: np.ndarray, mean: np.ndarray) -> float:
    def loss(log_shape: float) -> float:
        shape = np.exp(log_shape)
        return -float(stats.nbinom.logpmf(totals, shape, shape / (shape + mean)).sum())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-4, 6), method="bounded").x))


def world(
    city: City, chances: np.ndarray, shape: float, n_past: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return the PAI of each ranking in one world at the budgets."""
    rates = chances * rng.gamma(shape, 1 / shape, chances.size)
    happened = rng.poisson(n_past * rates / rates.sum())
    rows, cols = np.nonzero(city.mask)
    cells = np.repeat(np.arange(chances.size), happened)
    west, _, _, north = city.grid.region
    past = pd.DataFrame(
        {
            "x": west + (cols[cells] + rng.random(cells.size)) * city.grid.cell_m,
            "y": north - (rows[cells] + rng.random(cells.size)) * city.grid.cell_m,
            "day": START - pd.to_timedelta(rng.integers(1, DAYS + 1, cells.size), unit="D"),
        }
    )
    surfaces = {
        name: surface[city.mask]
        for name, surface in baselines(city, past, START).items()
        if "12 months" not in name and "half-life" not in name
    }
    model = SurfaceForecast(horizon_days=30)
    model.fit(past["x"], past["y"], past["day"].to_numpy(), city.grid, until=START, mask=city.mask)
    surfaces["the surface forecast"] = model.predict()[city.mask]
    surfaces["the best that the past allows"] = chances * (shape + happened) / (shape + n_past * chances)
    surfaces["the true rates"] = rates
    return {name: hits(surface, rates, None, BUDGETS) / rates.sum() / BUDGETS for name, surface in surfaces.items()}


def report(tables: dict[str, np.ndarray]) -> None:
    """Print means over worlds, and ratios to the best baseline with 95 % intervals; tables (worlds, budgets)."""
    simple = [name for name in tables if not name.startswith("the ")]
    best = [max(simple, key=lambda name: tables[name][:, k].mean()) for k in range(len(BUDGETS))]
    reference = np.column_stack([tables[name][:, k] for k, name in enumerate(best)])
    for name, table in tables.items():
        line = f"{name:<42}" + "".join(f"{value:7.2f}" for value in table.mean(axis=0))
        if name not in simple:
            ratios = table / reference
            half = stats.t.ppf(0.975, WORLDS - 1) * ratios.std(axis=0, ddof=1) / np.sqrt(WORLDS)
            line += "   ratio" + "".join(f"  {m:.3f} ± {h:.3f}" for m, h in zip(ratios.mean(axis=0), half, strict=True))
        print(line)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="without it nothing is measured")
    parser.add_argument("--first", default="2016-03")
    parser.add_argument("--last", default="2017-05")
    args = parser.parse_args()
    if args.folder is None:
        print("Portland: not measured; give the folder of the data")
        return
    city = read(args.folder)
    start, end = pd.Period(args.first, "M").start_time, (pd.Period(args.last, "M") + 1).start_time
    rng = np.random.default_rng(0)
    for crime, events in city.crimes.items():
        forecast = dict(ours(city, crime, start, 31))["surface forecast"][city.mask]
        chances = forecast / forecast.sum()
        totals = counts(city, events[(events["day"] >= start) & (events["day"] < end)])[city.mask]
        shape = most_likely_shape(totals, chances * totals.sum())
        n_past = int((events["day"] < start).sum())
        worlds = [world(city, chances, shape, n_past, rng) for _ in range(WORLDS)]
        print(f"\n{crime}: {WORLDS} worlds, shape {shape:.2f}, {n_past:,} past events; PAI at 1, 5, 20 % of the area")
        report({name: np.array([one[name] for one in worlds]) for name in worlds[0]})


if __name__ == "__main__":
    main()
