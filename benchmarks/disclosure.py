"""What single records lose by leaving: a surface of points and the planners' surface, attacked alike, side by side.

``python -m benchmarks.disclosure [worlds]``. All records are made up: 15 cases at random places of random communes
of the built-in province, communes drawn by their population. The attacker is that of the tests (`tests.inversion`).
"""

import sys
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from geo import boundaries
from geo.crs import METRIC
from geo.density import KernelDensity
from geo.density.ratio import PER
from geo.grid import Grid
from geo.raster import mask_outside
from geo.workspace import Settings
from tests.inversion import distances, invert
from workflow.analysis import commune_cells, recorded_surface

CASES, YEARS = 15, 5.0
CELL_M = 2500.0
"""Of the surfaces, and of the attacker's lattice; smaller ones take him hours."""
KINDS = {"command: of the points": True, "planner: of commune counts": False}


def main() -> None:
    """Print the tables."""
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"numpy {np.__version__}, scipy {scipy.__version__}; {worlds} worlds of {CASES} made-up cases")
    print("| surface | bandwidth km | median error km | within 1 km |\n|---|---|---|---|", flush=True)
    for bandwidth in (5_000.0, 10_000.0, 15_000.0):
        for name, points in KINDS.items():
            told(f"{name} | {bandwidth / 1000:g}", [attacked(seed, bandwidth, points=points) for seed in range(worlds)])
    told("guess: the middle of the commune | –", [guessed(seed) for seed in range(100)])
    print("\n| all cases moved within their communes | cells that change |\n|---|---|")
    for name, points in KINDS.items():
        print(f"| {name} | {changed(worlds, points=points):.1f} % |")


def told(name: str, errors: list[np.ndarray]) -> None:
    """Print a row."""
    all_errors = np.concatenate(errors)
    print(f"| {name} | {np.median(all_errors):.3f} | {100 * (all_errors <= 1).mean():.1f} % |", flush=True)


def province() -> gpd.GeoDataFrame:
    """Return the built-in communes in metres."""
    return boundaries.communes("2025-07-01").to_crs(METRIC)


def world(communes: gpd.GeoDataFrame, seed: int, moved: int = 0) -> pd.DataFrame:
    """Return cases: ``commune_code``, ``x``, ``y`` in metres; ``moved`` draws other places in the same communes."""
    rng = np.random.default_rng(seed)
    population = communes["population"].to_numpy(dtype=float)
    chosen = rng.choice(len(communes), CASES, p=population / population.sum())
    shapes = communes.geometry.iloc[chosen].reset_index(drop=True)
    at = shapes.sample_points(1, rng=np.random.default_rng([seed, moved])).centroid
    return pd.DataFrame({"commune_code": communes["commune_code"].to_numpy()[chosen], "x": at.x, "y": at.y})


def surface(
    communes: gpd.GeoDataFrame, cases: pd.DataFrame, bandwidth: float, *, points: bool, cell_m: float = CELL_M
) -> tuple[np.ndarray, Grid]:
    """Return events per km², as an attacker has them from the surface and from what is known to everybody."""
    west, south, east, north = communes.total_bounds
    grid = Grid.covering((west, east, south, north), cell_m, METRIC)
    density = partial(KernelDensity, kernel="quartic", bandwidth_m=bandwidth)
    if points:
        return density().fit(cases["x"], cases["y"]).to_grid(grid), grid
    settings = Settings.checked({"surface": {"bandwidth_m": bandwidth, "kernel": "quartic", "cell_m": cell_m}})
    cells = commune_cells(communes, grid)
    events = cases["commune_code"].value_counts().reindex(communes["commune_code"], fill_value=0)
    people = communes.set_index("commune_code")["population"].astype(float)
    totals = pd.DataFrame({"cases": events, "absences": 0, "population": people})
    ratio = recorded_surface(cells, totals, YEARS, grid, communes, settings)
    share = 1 / cells.groupby("commune_code")["commune_code"].transform("size")
    person_years = cells["commune_code"].map(people) * YEARS * share
    at_risk = density().fit(cells["x"], cells["y"], person_years).to_grid(grid)
    return mask_outside(ratio * at_risk / PER, grid, communes), grid


def attacked(seed: int, bandwidth: float, *, points: bool, cell_m: float = CELL_M) -> np.ndarray:
    """Return how far the attacker's places are from the true ones, km."""
    communes = province()
    cases = world(communes, seed)
    values, grid = surface(communes, cases, bandwidth, points=points, cell_m=cell_m)
    return distances(invert_on(grid, values, bandwidth), cases[["x", "y"]].to_numpy() / 1000)


def invert_on(grid: Grid, density: np.ndarray, bandwidth: float) -> np.ndarray:
    """Return the attacker's places on a grid of events per km², km."""
    x, y = np.meshgrid(grid.eastings() / 1000, grid.northings() / 1000)
    return invert(density.ravel(), x.ravel(), y.ravel(), bandwidth / 1000, CASES, grid.cell_m / 1000)


def guessed(seed: int) -> np.ndarray:
    """Return how far the middle of its commune is from each case, km: what counts by commune alone give away."""
    communes = province().set_index("commune_code")
    cases = world(communes.reset_index(), seed)
    middles = communes.geometry.centroid.loc[cases["commune_code"]]
    return np.hypot(middles.x.to_numpy() - cases["x"], middles.y.to_numpy() - cases["y"]).to_numpy() / 1000


def changed(worlds: int, *, points: bool) -> float:
    """Return the share of cells, of those with a value, that are not the same after all cases moved, in percent."""
    communes = province()
    shares = []
    for seed in range(worlds):
        one, other = (surface(communes, world(communes, seed, moved), 5_000.0, points=points)[0] for moved in (0, 1))
        there = (np.nan_to_num(one) > 0) | (np.nan_to_num(other) > 0)
        shares.append((one[there] != other[there]).mean())
    return 100 * float(np.mean(shares))


if __name__ == "__main__":
    main()
