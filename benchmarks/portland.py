"""Month-ahead forecasts of burglaries and vehicle thefts in Portland, beside simple baselines.

The data are those of the 2017 forecasting challenge of the National Institute of Justice: ``crimes_bur.csv``,
``crimes_veh.csv`` (``occ_date``, ``x_coordina``, ``y_coordina`` in EPSG:2913, feet) and the police districts,
``districts.shp``. They are not part of the project: the folder is the first argument.

Each month is forecast from what happened before it, on cells of 600 feet whose centres lie in a district, counted from
the districts' south-western corner. Events of the month in no such cell are left out of its hit rate. Printed: PAI,
mean over months with a 95 % interval (bootstrap over months), at 1, 5 and 20 % of the area, ties exactly averaged; and
the ratio of each mean to that of the best baseline, with the interval of a paired bootstrap over months.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sklearn
from affine import Affine

from geo.density import KernelDensity
from geo.grid import Grid
from models.hit_rates import best_hits, hits
from models.surface import SurfaceForecast

CRS = "EPSG:2838"
"""The same projection as the data's EPSG:2913, in metres."""

FOOT = 0.3048
CELL = 600 * FOOT
CRIMES = {"burglary": "crimes_bur.csv", "vehicle theft": "crimes_veh.csv"}
BUDGETS = (0.01, 0.05, 0.20)
DRAWS = 10_000
OURS = ("surface forecast", "… without the other crime")


class City(NamedTuple):
    """Cells, which of them are the study area, and dated points in metres."""

    grid: Grid
    mask: np.ndarray
    crimes: dict[str, pd.DataFrame]


def read(folder: Path, shift: float = 0.0) -> City:
    """Read the data; the cells start a share of a cell west and south of the districts' corner."""
    districts = gpd.read_file(folder / "districts.shp").set_crs("EPSG:2913", allow_override=True).to_crs(CRS)
    area = districts.union_all()
    west, south, east, north = area.bounds
    west, south = west - shift * CELL, south - shift * CELL
    rows, cols = int(np.ceil((north - south) / CELL)), int(np.ceil((east - west) / CELL))
    grid = Grid(CRS, Affine(CELL, 0, west, 0, -CELL, south + rows * CELL), (rows, cols))
    mask = shapely.contains_xy(area, *np.meshgrid(grid.eastings(), grid.northings()))
    crimes = {}
    for name, file in CRIMES.items():
        table = pd.read_csv(folder / file, parse_dates=["occ_date"])
        points = gpd.points_from_xy(table["x_coordina"], table["y_coordina"], crs="EPSG:2913").to_crs(CRS)
        crimes[name] = pd.DataFrame({"x": points.x, "y": points.y, "day": table["occ_date"]})
    return City(grid, mask, crimes)


def counts(city: City, events: pd.DataFrame) -> np.ndarray:
    west, east, south, north = city.grid.region
    rows, cols = city.grid.shape
    edges = np.linspace(south, north, rows + 1), np.linspace(west, east, cols + 1)
    return np.histogram2d(events["y"], events["x"], bins=edges)[0][::-1]


def baselines(city: City, past: pd.DataFrame, start: pd.Timestamp) -> dict[str, np.ndarray]:
    def kernel(feet: float, weights: np.ndarray | None = None) -> np.ndarray:
        density = KernelDensity("gaussian", feet * FOOT, tolerance=1e-6)
        return density.fit(past["x"], past["y"], weights).to_grid(city.grid)

    age = (start - past["day"]).dt.days.to_numpy()
    return {
        "random (no information)": np.ones(city.grid.shape),
        "counts, all history": counts(city, past),
        "counts, last 12 months": counts(city, past[past["day"] >= start - pd.DateOffset(years=1)]),
        **{f"Gaussian KDE {feet} ft, all history": kernel(feet) for feet in (300, 600, 1200, 2400)},
        "Gaussian KDE 600 ft, half-life 365 days": kernel(600, 0.5 ** (age / 365)),
    }


def ours(city: City, crime: str, start: pd.Timestamp, days: int) -> Iterator[tuple[str, np.ndarray]]:
    own = city.crimes[crime]
    helpers = {
        name: (table["x"], table["y"], table["day"].to_numpy()) for name, table in city.crimes.items() if name != crime
    }
    for name, others in zip(OURS, (helpers, None), strict=True):
        model = SurfaceForecast(horizon_days=days)
        model.fit(own["x"], own["y"], own["day"].to_numpy(), city.grid, until=start, mask=city.mask, helpers=others)
        yield name, model.predict()


def month_scores(city: City, crime: str, month: pd.Period) -> dict[str, np.ndarray]:
    """Return the PAI of each forecast of a month at the budgets, and that of hindsight."""
    start, end = month.start_time, (month + 1).start_time
    events = city.crimes[crime]
    happened = counts(city, events[(events["day"] >= start) & (events["day"] < end)])[city.mask]
    forecasts = baselines(city, events[events["day"] < start], start)
    forecasts |= dict(ours(city, crime, start, (end - start).days))
    found = {name: hits(surface[city.mask], happened, None, BUDGETS) for name, surface in forecasts.items()}
    found["the month itself, by hindsight"] = best_hits(happened, None, BUDGETS)
    return {name: value / happened.sum() / BUDGETS for name, value in found.items()}


def report(crime: str, scores: dict[str, np.ndarray], resamples: np.ndarray) -> None:
    """Print means and ratios; ``scores`` by forecast, shape (months, budgets); ``resamples`` (draws, months)."""
    means = {name: table[resamples].mean(axis=1) for name, table in scores.items()}
    simple = [name for name in scores if name not in OURS and "hindsight" not in name]
    best = [max(simple, key=lambda name: scores[name][:, k].mean()) for k in range(len(BUDGETS))]
    print(f"\n{crime}: PAI at " + ", ".join(f"{b:.0%}" for b in BUDGETS) + " of the area (95 % interval)")
    for name, table in scores.items():
        low, high = np.percentile(means[name], [2.5, 97.5], axis=0)
        cells = (f"{m:5.2f} ({a:.2f}–{b:.2f})" for m, a, b in zip(table.mean(axis=0), low, high, strict=True))
        print(f"{name:<42}" + "".join(f"{cell:>22}" for cell in cells))
    for name in OURS:
        cells = []
        for k, other in enumerate(best):
            ratio = scores[name][:, k].mean() / scores[other][:, k].mean()
            low, high = np.percentile(means[name][:, k] / means[other][:, k], [2.5, 97.5])
            cells.append(f"{ratio:.3f} ({low:.3f}–{high:.3f})")
        print(f"{name + ' / best simple':<42}" + "".join(f"{cell:>22}" for cell in cells))
    print("best simple: " + "; ".join(best))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="without it nothing is measured")
    parser.add_argument("--first", default="2016-03")
    parser.add_argument("--last", default="2017-05")
    parser.add_argument("--shift", type=float, default=0.0, help="move the cells by this share of a cell")
    args = parser.parse_args()
    if args.folder is None:
        print("Portland: not measured; give the folder of the data")
        return
    months = pd.period_range(args.first, args.last, freq="M")
    city = read(args.folder, args.shift)
    print(f"{len(months)} months from {months[0]} to {months[-1]}, {city.mask.sum():,} cells of 600 ft,", end=" ")
    print(f"shift {args.shift}; numpy {np.__version__}, scikit-learn {sklearn.__version__}")
    resamples = np.random.default_rng(0).integers(0, len(months), (DRAWS, len(months)))
    for crime in city.crimes:
        began = time.perf_counter()
        by_month = [month_scores(city, crime, month) for month in months]
        report(crime, {name: np.array([one[name] for one in by_month]) for name in by_month[0]}, resamples)
        print(f"{(time.perf_counter() - began) / len(months):.1f} s a month")


if __name__ == "__main__":
    main()
