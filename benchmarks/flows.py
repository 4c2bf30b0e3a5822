"""Flows to the border on simulated movement of known truth: how good, and how sure, by number of known crossings.

The communes and the border are the built-in ones; relief, risk, movement, crossings' positions and cases are simulated.
In some worlds movement is as `BorderFlows` assumes, with parameters drawn from its prior; in others the pull falls by a
power of the hours instead of exponentially, or three sectors, wherever they lie, take a quarter of all. Beside stand a
plain baseline, nearby risk × crossings, which knows no hours and no cases, and the counts of the known cases.
"""

import platform
from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy.special import logit
from scipy.stats import rankdata, spearmanr

from geo import boundaries
from geo.border import cut_sectors, face_communes
from geo.crs import METRIC
from geo.density import KernelDensity
from geo.grid import Grid
from geo.raster import cells_in
from geo.terrain import build_terrain
from geo.travel import TravelTimes, travel_times
from models.crossing_sectors import place_crossings, sector_table
from models.flows import BorderFlows
from models.relief import simulate_relief

WORLDS, DRAWS, CELL_M = 20, 400, 500.0
CASES = (0, 15, 60)
RISK_SD, RISK_ERROR_SD = 0.8, 0.4
"""Spread of the communes' log risk, and of what is not known of it."""
KINDS = ("as assumed", "power of the hours", "three sectors take a quarter")


class Province:
    """What all worlds share: travel times on foot, sectors with their crossings, and the cells of the communes."""

    def __init__(self) -> None:
        self.communes = boundaries.communes("2025-07-01")
        sectors = cut_sectors(boundaries.border_line())
        self.sectors = sectors.assign(commune_code=face_communes(sectors, self.communes, METRIC))
        self.crossings = boundaries.demo_crossings("2025-07-01", self.sectors)
        west, south, east, north = self.communes.to_crs(METRIC).total_bounds
        self.grid = Grid.covering((west - 2000, east + 2000, south - 2000, north + 2000), CELL_M, METRIC)
        self.table = sector_table(self.sectors, place_crossings(self.crossings, self.sectors, METRIC))
        owner = cells_in(self.communes, self.grid)
        row, col = np.nonzero(owner >= 0)
        codes = self.communes["commune_code"].to_numpy()[owner[row, col]]
        x, y = self.grid.eastings()[col], self.grid.northings()[row]
        self.cells = pd.DataFrame({"commune_code": codes, "x": x, "y": y})

    def times(self, seed: int) -> TravelTimes:
        """Return travel times over a simulated relief."""
        terrain = build_terrain(simulate_relief(self.grid, seed), self.grid)
        origins = self.communes.set_index("commune_code").to_crs(METRIC).representative_point()
        return travel_times(terrain, origins, self.sectors.set_index("sector_id").geometry)


def true_shares(province: Province, hours: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return where the events of each commune go, the last column by other ways."""
    own = rng.normal(0, 0.5, hours.shape[1])
    pull = rng.normal(1.5, 0.75) * np.log1p(province.table["crossings"].to_numpy())
    decay = -hours / (3 * np.exp(0.8 * rng.normal()))
    if kind == "power of the hours":
        decay = -rng.uniform(1, 3) * np.log1p(hours)
    weight = province.table["length_km"].to_numpy() * np.exp(own + pull + decay)
    access = weight.sum(axis=1)
    odds = np.exp(logit(0.3) + rng.normal() + np.log(access).mean())
    shares = np.column_stack([weight, np.full(len(weight), odds)]) / (access + odds)[:, None]
    if kind == "three sectors take a quarter":
        routes = np.zeros_like(shares)
        routes[:, rng.choice(hours.shape[1], 3, replace=False)] = 1 / 3
        shares = 0.75 * shares + 0.25 * routes
    return shares


def captured(score: np.ndarray, flow: np.ndarray) -> float:
    """Return what the first tenth of the sectors holds of the true flow, over the most that a tenth can hold."""
    places = int(np.ceil(len(flow) / 10))
    jitter = np.random.default_rng(0).permutation(len(flow))
    first = np.lexsort((jitter, -score))[:places]
    return float(flow[first].sum() / np.sort(flow)[-places:].sum())


def near_risk(province: Province, expected: np.ndarray) -> np.ndarray:
    """Return the baseline: at a sector's midpoint the density of risk (20 km) × (1 + that of crossings (10 km)).

    Each commune's risk is spread evenly over its cells; the crossings' density is taken over its mean.
    """
    middle = province.sectors.to_crs(METRIC).geometry.interpolate(0.5, normalized=True)
    at = middle.x.to_numpy(), middle.y.to_numpy()
    cells = province.cells
    per_cell = pd.Series(expected, province.communes["commune_code"]) / cells["commune_code"].value_counts()
    weights = cells["commune_code"].map(per_cell).to_numpy()
    risk = KernelDensity(bandwidth_m=20_000.0).fit(cells["x"].to_numpy(), cells["y"].to_numpy(), weights).at(*at)
    gates = province.crossings.to_crs(METRIC).geometry
    density = KernelDensity(bandwidth_m=10_000.0).fit(gates.x.to_numpy(), gates.y.to_numpy()).at(*at)
    return risk * (1 + density / density.mean())


def one_world(province: Province, kind: str, seed: int) -> list[dict[str, object]]:
    """Return the measures of each method in one world."""
    rng = np.random.default_rng(seed)
    costs = province.times(seed).hours
    people = province.communes["population"].to_numpy(dtype=float)
    risk = people * np.exp(RISK_SD * rng.normal(size=len(people)))
    risk *= 100 / risk.sum()
    shares = true_shares(province, costs.to_numpy(), kind, rng)
    flow = risk @ shares[:, :-1]
    middle = risk * np.exp(RISK_ERROR_SD * rng.normal(size=len(risk)))
    noise = np.exp(RISK_ERROR_SD * rng.normal(size=(len(risk), DRAWS)))
    draws = pd.DataFrame(middle[:, None] * noise, costs.index)
    joint = (risk[:, None] * shares[:, :-1]).ravel()
    taken = rng.choice(joint.size, max(CASES), p=joint / joint.sum())
    origin, sector = np.divmod(taken, shares.shape[1] - 1)
    rows = [{"method": "nearby risk × crossings", "score": near_risk(province, middle)}]
    for count in CASES:
        columns = {"commune_code": costs.index[origin[:count]], "sector_id": costs.columns[sector[:count]]}
        cases = pd.DataFrame({"case_id": np.arange(count).astype(str), **columns})
        table = BorderFlows().fit(costs, cases, sectors=province.table).predict(draws).sectors
        inside = (table["lower"].to_numpy() <= flow) & (flow <= table["upper"].to_numpy())
        top = rankdata(-flow, method="ordinal") <= np.ceil(len(flow) / 10)
        brier = ((table["p_top10"].to_numpy() - top) ** 2).mean()
        row = {"score": table["expected"].to_numpy(), "covered": inside.mean(), "brier": brier}
        rows.append({"method": f"BorderFlows, {count} cases", **row})
        if count:
            counts = np.bincount(sector[:count], minlength=len(flow)).astype(float)
            rows.append({"method": f"counts of {count} cases", "score": counts})
    for row in rows:
        score = row.pop("score")
        row |= {"kind": kind, "spearman": spearmanr(score, flow).statistic, "captured": captured(score, flow)}
    return rows


def main() -> None:
    """Print means over the worlds, with half of the 95 % interval of the mean for the captured share."""
    print(
        f"Python {platform.python_version()}, numpy {version('numpy')}, scipy {version('scipy')}; {WORLDS} worlds each"
    )
    province = Province()
    for kind in KINDS:
        table = pd.DataFrame([row for seed in range(WORLDS) for row in one_world(province, kind, seed)])
        groups = table.groupby("method", sort=False)
        mean = groups[["spearman", "captured", "covered", "brier"]].mean()
        mean.insert(2, "±", 1.96 * groups["captured"].sem())
        print(f"\n{kind}:\n{mean.round(3).to_string()}", flush=True)
    share = np.ceil(len(province.table) / 10) / len(province.table)
    print(f"\nBrier score of P(in the top tenth) of a constant guess: {share * (1 - share):.3f}")


if __name__ == "__main__":
    main()
