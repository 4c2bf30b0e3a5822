"""Real sparse counts of areas, held out in time: whether the risk model finds more than counting does.

Data of other fields than this project's, which libpysal ships in its wheel and the R package surveillance with it:

- ``stl``: homicides in 78 counties around St. Louis, 1979–84, 1984–88, 1988–93, with population. For development.
- ``sids2``: sudden infant deaths in 100 counties of North Carolina, 1974–78 and 1979–84, with births. Held out.
- ``burkitt``: 188 dated cases of Burkitt's lymphoma in West Nile, 1961–75, counted by year in cells of 10 × 10 units
  of their coordinates, the cells within 10 of the convex hull of all cases; people are not known: each cell counts
  alike. Held out.
- ``imdepi``: cases of invasive meningococcal disease in the 413 districts of Germany, 2002–08, by year, with population
  (areal.R; needs R and surveillance, else it is left out). Held out.

Which are held out was laid down before any number of theirs was looked at, and nothing was changed after. The risk
model has no effort and no covariate here; all that it adds to counts is people, neighbours and shrinkage. Printed: hit
rates at 10 % of the units, pooled over the forecasts, with 90 % intervals, and the risk model's as a multiple of each
other ranking's with paired intervals. Counts of thousands leave little room between rankings, and so data sets are also
thinned: 60 or 200 events of the past are kept at random, as if no more had been noticed, and all of the last period is
to be found; 20 times, with intervals of the mean over these (not of the chance of that one period). Goals: 1.25 ×
cumulative counts, 1.05 × the best simple ranking, which is chosen by hindsight, which finds the "best possible".
"""

import argparse
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from geo.adjacency import touching
from geo.errors import ModelError
from models.bootstrap import estimate, ratios, resampling
from models.evaluate import HEADLINE, evaluate
from models.gaussian_process import GaussianProcess
from models.hit_rates import best_hits, hit_rate
from models.kernel_ratio import KernelRatio
from models.pooled import LEVEL
from models.regressions import RidgeRegression
from models.risk import RiskModel
from models.simple_rankings import CumulativeCount, EmpiricalBayes, LastYearCount, Population
from models.stack import Stack

SIMPLE = {
    "cumulative counts": CumulativeCount,
    "counts of the last period": LastYearCount,
    "population": Population,
    "gamma–Poisson rates": EmpiricalBayes,
    "kernel ratio × population": KernelRatio,
}
HELD_OUT = ("sids2", "burkitt", "imdepi")
CELL = 10.0
PAST_EVENTS = (60, 200)
THINNINGS = 20


class Counts(NamedTuple):
    """A data set: a panel with places, its neighbours, and how many periods come before the first forecast."""

    panel: pd.DataFrame
    neighbours: "sparse.csr_array"
    least: int


def stl() -> Counts:
    layer = gpd.read_file(libpysal.examples.get_path("stl_hom.shp")).set_crs("EPSG:4326").to_crs("EPSG:32615")
    periods = {0: ("HC7984", "PO7984"), 1: ("HC8488", "PO8488"), 2: ("HC8893", "PO8893")}
    return _areas(layer, periods, "EPSG:32615", least=1)


def sids2() -> Counts:
    layer = gpd.read_file(libpysal.examples.get_path("sids2.shp")).set_crs("EPSG:4267").to_crs("EPSG:32617")
    return _areas(layer, {0: ("SID74", "BIR74"), 1: ("SID79", "BIR79")}, "EPSG:32617", least=1)


def burkitt() -> Counts:
    """Return the yearly counts of cells; a unit of the coordinates is taken as a kilometre for the kernels."""
    cases = gpd.read_file(libpysal.examples.get_path("burkitt.shp"))
    year = 1960 + cases["T"].to_numpy() // 365.25
    x, y = cases["X"].to_numpy(dtype=float), cases["Y"].to_numpy(dtype=float)
    area = shapely.MultiPoint(np.column_stack([x, y])).convex_hull.buffer(CELL)
    west, south, east, north = area.bounds
    columns, rows = (np.arange(low, high, CELL) + CELL / 2 for low, high in ((west, east), (south, north)))
    centre = np.array([(a, b) for b in rows for a in columns])
    inside = shapely.contains_xy(area, centre[:, 0], centre[:, 1])
    place = ((y - south) // CELL).astype(int) * len(columns) + ((x - west) // CELL).astype(int)
    years = np.arange(year.min(), year.max() + 1)
    counts = pd.crosstab(place, year).reindex(index=np.arange(len(centre)), columns=years, fill_value=0)
    inside |= counts.sum(axis=1).to_numpy() > 0
    centre, counts = centre[inside], counts[inside]
    apart = np.abs(centre[:, None] - centre).max(axis=2)
    touch = sparse.csr_array(((apart > 0) & (apart < 1.5 * CELL)).astype(float))
    panel = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(centre)), len(years)),
            "period": np.tile(years, len(centre)),
            "events": counts.to_numpy().ravel(),
            "people": 1.0,
            "x": np.repeat(1000 * centre[:, 0], len(years)),
            "y": np.repeat(1000 * centre[:, 1], len(years)),
        }
    )
    return Counts(panel, touch, 5)


def imdepi() -> Counts | None:
    """Return the yearly counts of districts, or nothing where R lacks the package."""
    script = Path(__file__).with_name("areal.R")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            done = subprocess.run(["Rscript", script, scratch], capture_output=True, text=True, check=True)
        except FileNotFoundError:
            return None
        if done.stdout.startswith("missing"):
            return None
        print(done.stdout.strip())
        folder, text = Path(scratch), {"unit": str}
        cases, people, rings = (pd.read_csv(folder / f"{n}.csv", dtype=text) for n in ("cases", "people", "rings"))
    years = np.arange(2002, 2009)
    shapes = {
        unit: shapely.union_all([shapely.Polygon(ring[["x", "y"]]) for _, ring in part[~part["hole"]].groupby("ring")])
        for unit, part in rings.groupby("unit")
    }
    outline = np.array([shapes[unit] for unit in people["unit"]])
    one, other = shapely.STRtree(outline).query(outline, predicate="dwithin", distance=0.05)
    size = len(people), len(people)
    touch = sparse.csr_array((np.ones((one != other).sum()), (one[one != other], other[one != other])), shape=size)
    counts = pd.crosstab(cases["unit"], cases["year"]).reindex(index=people["unit"], columns=years, fill_value=0)
    middle = shapely.point_on_surface(outline)
    columns = {"people": people["people"], "x": 1000 * shapely.get_x(middle), "y": 1000 * shapely.get_y(middle)}
    panel = pd.DataFrame(
        {
            "unit": np.repeat(people["unit"], len(years)).to_numpy(),
            "period": np.tile(years, len(people)),
            "events": counts.to_numpy().ravel(),
            **{name: np.repeat(np.asarray(values, dtype=float), len(years)) for name, values in columns.items()},
        }
    )
    return Counts(panel, touch, 3)


def _areas(layer: gpd.GeoDataFrame, periods: dict[int, tuple[str, str]], crs: str, least: int) -> Counts:
    middle = layer.representative_point()
    parts = [
        pd.DataFrame(
            {
                "unit": np.arange(len(layer)),
                "period": period,
                "events": layer[events].to_numpy(dtype=int),
                "people": layer[people].to_numpy(dtype=float),
                "x": middle.x,
                "y": middle.y,
            }
        )
        for period, (events, people) in periods.items()
    ]
    return Counts(pd.concat(parts, ignore_index=True), touching(layer, crs), least)


def compare(data: Counts) -> pd.DataFrame:
    """Return the hit rates of all rankings and the risk model's as multiples of them."""
    models = models_of()
    found = evaluate(models, data.panel, data.neighbours, exposure="people", least=data.least)
    rows = []
    for name in found.scores["model"].unique():
        hits = found.scores.query("model == @name and metric == 'hit_rate' and of == 'units' and budget == 0.1").iloc[0]
        score = found.scores.query("model == @name and metric == 'log_score'").iloc[0]
        times = found.pooled.ratio("risk model", name, HEADLINE)
        rows.append(
            {
                "ranking": name,
                "hit rate at 10 %": _told(hits["value"], hits["lower"], hits["upper"], 3),
                "log score": f"{score['value']:.4f}",
                "risk model's is so many times it": _told(*times, 2),
                "_hits": hits["value"],
            }
        )
    table = pd.DataFrame(rows)
    pei = found.scores.query("metric == 'pei' and of == 'units' and budget == 0.1").iloc[0]
    ceiling = table["_hits"].iloc[0] / pei["value"]
    events, windows = int(found.windows["events"].sum()), len(found.windows)
    print(f"{events} events in {windows} forecasts; {found.resampled} drawn again; best possible {ceiling:.3f}")
    print(f"best simple ranking by hindsight: {_best(table)}")
    return table.drop(columns="_hits")


def thinned(data: Counts, past_events: int, thinnings: int) -> pd.DataFrame:
    """Return hit rates where few events of the past were noticed, and all of the last period are to be found."""
    last = data.panel["period"].max()
    before, after = data.panel[data.panel["period"] < last], data.panel[data.panel["period"] == last]
    share = past_events / before["events"].sum()
    future = after["events"].to_numpy()
    hits: dict[str, list[float]] = {}
    for seed in range(thinnings):
        few = before.assign(events=np.random.default_rng(seed).binomial(before["events"], share))
        for name, model in models_of().items():
            if name == "stack of all":
                continue
            try:
                expected = model.fit(few, data.neighbours).predict()["expected"]
            except ModelError:
                continue
            hits.setdefault(name, []).append(float(hit_rate(expected, future, None, 0.1)))
    drawn = resampling(thinnings, 2000, np.random.default_rng(0))
    ours, rows = np.array(hits["risk model"]), []
    for name, found in hits.items():
        theirs = np.array(found)
        times = estimate(*ratios(ours, theirs, drawn), LEVEL)
        rate = estimate(*ratios(theirs, np.ones(thinnings), drawn), LEVEL)
        rows.append((name, _told(*rate, 3), _told(*times, 2), theirs.mean()))
    table = pd.DataFrame(rows, columns=["ranking", "hit rate at 10 %", "risk model's is so many times it", "_hits"])
    ceiling = float(best_hits(future, None, 0.1)) / future.sum()
    print(f"{past_events} events of the past kept at random, {thinnings} times; best possible {ceiling:.3f}")
    print(f"best simple ranking by hindsight: {_best(table)}")
    return table.drop(columns="_hits")


def models_of() -> dict[str, Any]:
    common = {"counts": ["events"], "exposure": "people", "unit": "unit", "period": "period"}
    models = {"risk model": RiskModel(**common)} | {name: ranking(**common) for name, ranking in SIMPLE.items()}
    models |= {"ridge regression": RidgeRegression(**common), "Gaussian process": GaussianProcess(**common)}
    return models | {"stack of all": Stack(list(models.items()), ["events"], unit="unit", period="period")}


def _best(table: pd.DataFrame) -> str:
    simple = table[table["ranking"].isin(SIMPLE)]
    return str(simple.loc[simple["_hits"].idxmax(), "ranking"])


def _told(value: float, lower: float, upper: float, digits: int) -> str:
    return f"{value:.{digits}f} ({lower:.{digits}f}–{upper:.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", default=["stl", *HELD_OUT], help="which data sets")
    for name in parser.parse_args().data:
        data = {"stl": stl, "sids2": sids2, "burkitt": burkitt, "imdepi": imdepi}[name]()
        if data is None:
            print(f"\n{name}: left out, R or its package surveillance is missing")
            continue
        panel = data.panel
        past = panel.loc[panel["period"] < panel["period"].max(), "events"].sum()
        held_out = " (held out)" if name in HELD_OUT else ""
        size = f"{panel['unit'].nunique()} units, {panel['period'].nunique()} periods, {panel['events'].sum()} events"
        print(f"\n{name}{held_out}: {size}")
        print(compare(data).to_string(index=False))
        for past_events in PAST_EVENTS:
            if past_events < past / 2:
                print(thinned(data, past_events, THINNINGS).to_string(index=False))
    print("\n" + ", ".join(f"{name} {version(name)}" for name in ("libpysal", "numpy", "scikit-learn", "scipy")))


if __name__ == "__main__":
    main()
