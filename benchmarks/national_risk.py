"""What provinces gain from a national prior, and what one fit of the country costs beside it. All worlds are simulated.

Worlds: eight provinces of 8 to 100 communes on a square, quarters over five years, two streams, one effort, one
covariate. In half of them the provinces have common coefficients, in the others their levels and slopes differ. Each is
fitted three times: each province by itself, by province under the national prior, and as a whole. Printed are the means
over the worlds, with 90 % intervals, of the error of the log rates, of the rank correlation with the truth within a
province and across all, and how many 90 % intervals hold the truth: of the small provinces, and of all.

Country: 10,600 communes of 34 provinces by month over five years, both ways, each in a process of its own.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("NUMBA_NUM_THREADS", "2")

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from risk_speed import simulated
from scipy import ndimage, sparse, stats
from scipy.spatial import KDTree

from models.national_risk import NationalRiskModel
from models.risk import RiskModel

SIDE, QUARTERS = 16, 20
SIZES = (8, 8, 10, 10, 30, 40, 50, 100)
SMALL = 10
"""A province of no more communes is small."""
WORLDS = 12
DIFFERENT = {"alike": (0.0, 0.0), "differing": (0.5, 0.25)}
"""Standard deviations between provinces of levels and of slopes."""
NOTICED = {"cases": (0.15, 0.4), "absences": (0.4, 0.6)}
"""At mean effort, and the part of the attention that no effort brings."""
COMMUNES, PROVINCES = 10_600, 34


def world(seed: int, levels: float, slopes: float) -> tuple[pd.DataFrame, "sparse.csr_array", pd.Series]:
    """Return a panel, the adjacency, and the events that even effort would record in a year, by unit."""
    rng = np.random.default_rng(seed)
    n = SIDE * SIDE
    line = sparse.diags_array([np.ones(SIDE - 1)] * 2, offsets=[1, -1], shape=(SIDE, SIDE))
    grid = sparse.csr_array(sparse.kron(line, sparse.eye_array(SIDE)) + sparse.kron(sparse.eye_array(SIDE), line))
    of = np.repeat(np.arange(len(SIZES)), SIZES)
    field, x = (ndimage.gaussian_filter(rng.normal(size=(SIDE, SIDE)), 1.5).ravel() for _ in range(2))
    field, x = (values / values.std() for values in (field, x + 0.1 * rng.normal(size=n)))
    slope, level = 0.6 + slopes * rng.normal(size=len(SIZES)), levels * rng.normal(size=len(SIZES))
    rate = np.exp(level[of] + slope[of] * x + 0.4 * field + 0.3 * rng.normal(size=n)) / 4_000
    people = rng.integers(1_000, 12_000, n)
    # Agencies look where there is little: what is noticed runs against what happens.
    effort = np.exp(-0.5 * x)[:, None] * rng.gamma(4.0, 0.25, (n, 1)) * rng.gamma(8.0, 1 / 8, (n, QUARTERS))
    effort /= effort.mean()
    columns, truth = {}, np.zeros(n)
    for name, (noticed, floor) in NOTICED.items():
        attention = -np.log1p(-noticed) * (floor + (1 - floor) * effort)
        columns[name] = rng.poisson((rate * people)[:, None] / 4 * -np.expm1(-attention)).ravel()
        truth += rate * people * noticed
    periods = pd.period_range("2019Q1", periods=QUARTERS, freq="Q")
    codes = [f"{k:05d}" for k in range(n)]
    index = pd.MultiIndex.from_product([codes, periods], names=["commune_code", "month"])
    more = {"population": people, "x": x, "province_code": [f"{k + 1:02d}" for k in of]}
    columns |= {"effort": effort.ravel()} | {name: np.repeat(values, QUARTERS) for name, values in more.items()}
    return pd.DataFrame(columns, index=index), grid[:n, :n], pd.Series(truth, codes)


def ways(panel: pd.DataFrame, grid: "sparse.csr_array") -> dict[str, pd.DataFrame]:
    """Return the predictions of the three ways."""
    asked = {"effort": ["effort"], "covariates": ["x"], "draws": 500}
    by_unit = panel["province_code"].groupby(level=0).first()
    apart = []
    for code in by_unit.unique():
        inside = np.flatnonzero(by_unit == code)
        own = panel[panel["province_code"] == code]
        apart.append(RiskModel(**asked).fit(own, grid[inside][:, inside]).predict())
    return {
        "each by itself": pd.concat(apart),
        "national prior": NationalRiskModel(**asked).fit(panel, grid).predict(),
        "as a whole": RiskModel(**asked).fit(panel, grid).predict(),
    }


def scores(found: pd.DataFrame, truth: pd.Series, of: pd.Series, communes: pd.Series) -> dict[str, float]:
    """Return how well predictions meet the truth in the provinces of some communes."""
    table = found.loc[communes[communes].index]
    true = truth.loc[table.index]
    people = table["expected"] / table["rate"]
    within = [
        stats.spearmanr(table.loc[code, "rate"], (true / people).loc[code])[0]
        for code in (part.index for _, part in table.groupby(of.loc[table.index]))
    ]
    return {
        "error of log rate": float(np.sqrt(np.mean(np.log(table["expected"] / true) ** 2))),
        "rank correlation within": float(np.mean(within)),
        "rank correlation across": stats.spearmanr(table["rate"], true / people)[0],
        "90 % intervals hold, %": 100 * float(((table["lower"] <= true) & (true <= table["upper"])).mean()),
    }


def worlds() -> None:
    """Print the tables of the worlds."""
    rows = []
    for kind, (levels, slopes) in DIFFERENT.items():
        for seed in range(WORLDS):
            panel, grid, truth = world(seed, levels, slopes)
            of = panel["province_code"].groupby(level=0).first()
            events = panel[["cases", "absences"]].sum(axis=1).groupby(panel["province_code"]).sum()
            small = of.map(of.value_counts()) <= SMALL
            for way, found in ways(panel, grid).items():
                for name, chosen in (("small", small), ("all", small | True)):
                    values = scores(found, truth, of, chosen) | {"events": events[of[chosen].unique()].mean()}
                    rows.append({"world": kind, "provinces": name, "way": way, "seed": seed} | values)
    table = pd.DataFrame(rows)
    measures = [name for name in table.columns if name not in ("world", "provinces", "way", "seed", "events")]
    for (kind, name), part in table.groupby(["world", "provinces"], sort=False):
        print(f"\n{kind}, {name} provinces: {part['events'].mean():.0f} events each, {WORLDS} worlds")
        print(f"{'':<16}" + "".join(f"{measure:>26}" for measure in measures))
        by_way = part.set_index(["way", "seed"])[measures]
        for way in part["way"].unique():
            print(f"{way:<16}" + "".join(f"{_told(by_way.loc[way, measure]):>26}" for measure in measures))
        for other in ("each by itself", "as a whole"):
            gain = by_way.loc["national prior"] - by_way.loc[other]
            print(f"{'− ' + other:<16}" + "".join(f"{_told(gain[measure]):>26}" for measure in measures), flush=True)


def _told(values: pd.Series) -> str:
    half = stats.t.ppf(0.95, len(values) - 1) * values.std() / np.sqrt(len(values))
    return f"{values.mean():.3f} ± {half:.3f}"


def country(way: str) -> None:
    """Print what one way costs."""
    panel, grid = simulated(COMMUNES)
    side = int(np.ceil(np.sqrt(COMMUNES)))
    places = np.divmod(np.arange(COMMUNES), side)
    sites = np.random.default_rng(1).choice(COMMUNES, PROVINCES, replace=False)
    of = KDTree(np.column_stack(places)[sites]).query(np.column_stack(places))[1]
    panel["province_code"] = np.repeat([f"{k + 1:02d}" for k in of], len(panel) // COMMUNES)
    kind = NationalRiskModel if way == "national prior" else RiskModel
    kind(effort=["effort"], covariates=["east"]).fit(*_first(panel, grid))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    begin, busy = time.perf_counter(), time.process_time()
    kind(effort=["effort"], covariates=["east"]).fit(panel, grid)
    seconds, worked = time.perf_counter() - begin, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{way:<16}{seconds:>10.0f}{worked:>13.0f}{before:>18.0f}{peak:>10.0f}", flush=True)


def _first(panel: pd.DataFrame, grid: "sparse.csr_array") -> tuple[pd.DataFrame, "sparse.csr_array"]:
    """Return twenty communes, whose fit compiles."""
    codes = panel.index.unique("commune_code")[:20]
    return panel.loc[codes], grid[:20, :20]


def main() -> None:
    """Print the tables."""
    if len(sys.argv) > 1:
        country(sys.argv[1])
        return
    worlds()
    print(f"\n{COMMUNES:,} communes of {PROVINCES} provinces by month over five years")
    print(f"{'':<16}{'seconds':>10}{'processor s':>13}{'MB before the fit':>18}{'peak MB':>10}", flush=True)
    for way in ("as a whole", "national prior"):
        subprocess.run([sys.executable, __file__, way], check=True)


if __name__ == "__main__":
    main()
