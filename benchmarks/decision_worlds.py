"""Provinces of known truth to decide in: risk, records, the ways people are moved, and what a planner knows of it all.

The 129 communes and the border are the built-in ones; all else is simulated. Risk, effort and records are those of
`models.worlds`. Movement is not as `BorderFlows` assumes: the pull falls by a power of the hours, not exponentially;
hours are not those the planner's relief gives, by a factor for each way; crossings are hidden; the sectors' own
attractions are alike nearby and have heavy tails; two or three routes take up to a third, whatever the way; the share
of other ways differs from commune to commune and not with access; and a crossing becomes known more often near a post.
"""

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.special import expit, logit
from worlds import CRS, units

from geo import boundaries
from geo.border import cut_sectors, face_communes
from geo.grid import Grid
from geo.raster import cells_in
from geo.schema import VINTAGES
from geo.terrain import build_terrain
from geo.travel import travel_times
from models.crossing_sectors import place_crossings, sector_table
from models.relief import simulate_relief
from models.worlds import RiskWorld, simulate_world

CELL_M = 500.0
ROAD_KMH = 12.0
"""Of teams on the way from their post."""
POSTS = 6
INLAND_KM = 4.0
KNOWN_NEAR, KNOWN_FAR, NEAR_KM = 0.6, 0.25, 15.0
"""Chance that a recorded case's crossing becomes known, within so many kilometres of a post and beyond."""
HIDDEN = 0.3
"""Crossings a sector that no list has."""
HOURS_SD, ATTRACTION_SD, ATTRACTION_REACH_KM = 0.3, 0.7, 20.0
MOST_ON_ROUTES = 1 / 3


@dataclass(frozen=True)
class Province:
    """What all worlds share: sectors, the known crossings on them, and the communes' cells."""

    sectors: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    table: pd.DataFrame
    grid: Grid
    cells: pd.DataFrame
    along_km: np.ndarray
    """Straight distances between the middles of sectors."""


@dataclass(frozen=True)
class DecisionWorld:
    """One world.

    Attributes
    ----------
    risk
        Events, records and effort.
    expected
        True events a year by commune.
    flow
        True crossings a year by sector.
    cases
        Recorded cases: ``case_id``, ``commune_code``, ``sector_id`` (missing where the crossing is not known),
        ``latest`` (of the last year).
    hours
        From communes to sectors, as the planner computes them.
    access
        Hours of teams from posts to sectors.
    """

    risk: RiskWorld
    expected: np.ndarray
    flow: np.ndarray
    cases: pd.DataFrame
    hours: pd.DataFrame
    access: pd.DataFrame


@cache
def province() -> Province:
    """Return what all worlds share."""
    communes = boundaries.communes(VINTAGES[0])
    sectors = cut_sectors(boundaries.border_line())
    sectors = sectors.assign(commune_code=face_communes(sectors, communes, CRS))
    crossings = boundaries.demo_crossings(VINTAGES[0], sectors)
    west, south, east, north = communes.to_crs(CRS).total_bounds
    grid = Grid.covering((west - 2000, east + 2000, south - 2000, north + 2000), CELL_M, CRS)
    owner = cells_in(communes, grid)
    row, col = np.nonzero(owner >= 0)
    codes = communes["commune_code"].to_numpy()[owner[row, col]]
    cells = pd.DataFrame({"commune_code": codes, "x": grid.eastings()[col], "y": grid.northings()[row]})
    middles = sectors.to_crs(CRS).geometry.interpolate(0.5, normalized=True)
    places = np.column_stack([middles.x, middles.y]) / 1000
    along = np.linalg.norm(places[:, None] - places, axis=2)
    return Province(
        sectors, crossings, sector_table(sectors, place_crossings(crossings, sectors, CRS)), grid, cells, along
    )


def simulate_decision_world(seed: int) -> DecisionWorld:
    """Simulate a world; ``data_kind`` of all of it is "simulated"."""
    risk = simulate_world(units(), random_state=seed)
    relief, ways, posting, moving = np.random.default_rng([seed, 6]).spawn(4)
    terrain = build_terrain(simulate_relief(province().grid, int(relief.integers(2**31))), province().grid)
    origins = units().set_index("commune_code").to_crs(CRS).representative_point()
    hours = travel_times(terrain, origins, province().sectors.set_index("sector_id").geometry, threads=1).hours
    expected = risk.truth["true_expected"].to_numpy()
    shares = _true_shares(hours.to_numpy(), ways)
    access, near = _posts(posting)
    cases = _cases(risk, shares, np.where(near, KNOWN_NEAR, KNOWN_FAR), hours, moving)
    return DecisionWorld(risk, expected, expected @ shares[:, :-1], cases, hours, access)


def _true_shares(hours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return where the events of each commune go, shape (communes, sectors + 1), the last by other ways."""
    communes, sectors = hours.shape
    taken = hours * np.exp(HOURS_SD * rng.normal(size=hours.shape))
    crossings = province().table["crossings"].to_numpy() + rng.poisson(HIDDEN, sectors)
    smooth = np.exp(-province().along_km / ATTRACTION_REACH_KM)
    own = ATTRACTION_SD * (np.linalg.cholesky(smooth) @ rng.normal(size=sectors) + 0.5 * rng.standard_t(3, sectors))
    weight = province().table["length_km"].to_numpy() * np.exp(own)
    weight = weight * (1 + crossings) ** rng.normal(1.5, 0.5) * (1 + taken) ** -rng.uniform(1, 3)
    among = weight / weight.sum(axis=1, keepdims=True)
    routes = np.zeros(sectors)
    chosen = rng.choice(sectors, rng.integers(2, 4), replace=False)
    routes[chosen] = rng.dirichlet(np.ones(chosen.size))
    on_routes = rng.uniform(0, MOST_ON_ROUTES)
    among = (1 - on_routes) * among + on_routes * routes
    other = expit(logit(0.3) + rng.normal() + 0.5 * rng.normal(size=communes))
    return np.column_stack([(1 - other)[:, None] * among, other])


def _posts(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Return hours from invented posts to sectors, and which sectors are near one."""
    # One behind each sixth of the sectors in their order, at a random one of them.
    at = [int(rng.choice(part)) for part in np.array_split(np.arange(len(province().sectors)), POSTS)]
    km = np.hypot(province().along_km[at], INLAND_KM)
    names = [f"P-{k}" for k in range(1, POSTS + 1)]
    return pd.DataFrame(km / ROAD_KMH, names, province().sectors["sector_id"].to_numpy()), km.min(axis=0) <= NEAR_KM


def _cases(
    world: RiskWorld, shares: np.ndarray, known: np.ndarray, hours: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the recorded cases; where they left is known of some that crossed a sector."""
    panel, year = world.panel, world.panel["month"].dt.year
    counts = panel["cases"].to_numpy(dtype=int)
    origin = np.repeat(hours.index.get_indexer(panel["commune_code"]), counts)
    exits = np.array([rng.choice(shares.shape[1], p=shares[commune]) for commune in origin])
    seen = rng.random(origin.size) < np.append(known, 0.0)[exits]
    sectors = np.append(hours.columns.to_numpy(dtype=object), None)
    return pd.DataFrame(
        {
            "case_id": np.arange(origin.size).astype(str),
            "commune_code": hours.index.to_numpy()[origin],
            "sector_id": np.where(seen, sectors[exits], None),
            "latest": np.repeat((year == year.max()).to_numpy(), counts),
        }
    )
