"""How well the first ranking finds the true risk of simulated worlds, beside simpler rankings.

Worlds are those of the demo on the built-in layers (`models.simulate.simulate_programme`), ranked in the units of 2025.
Printed: the mean over worlds, with a 90 % interval of the mean, of Spearman's correlation with the true rate and of the
share of the true events in the ten communes ranked first, relative to the best possible ten.
"""

import argparse

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import stats

from geo import boundaries
from geo.border import cut_sectors
from geo.panel import SUSPECTED, build_panel, period_of
from geo.schema import VINTAGES
from models.baselines import GammaPoisson
from models.ranking import rank_outreach
from models.simulate import World, simulate_programme
from workflow.layers import gazetteer

OLD, NEW = VINTAGES
CRS = "EPSG:9205"
TOP = 10
REACHES_KM = (10, 15, 20, 30)


def scores(world: World, communes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return expected events a year by commune (rows) as each ranking sees them (columns), and the truth."""
    records = {name: world.tables[name] for name in ("cases", "absences", "outreach", "services")}
    panel = build_panel(communes, records, gazetteer(communes, CRS), *period_of(records))
    totals = panel.totals()
    new_code = boundaries.crosswalk().set_index("old_code")["new_code"]
    truth = world.truth["true_expected"].groupby(world.truth["commune_code"].map(new_code)).sum()
    events, people = totals["cases"] + totals["absences"], totals["population"]
    plain = GammaPoisson().fit(events, people * panel.years)
    columns = {
        "truth": truth.reindex(totals.index),
        "population": people,
        "cases": totals["cases"],
        "cases + absences": events,
        "gamma–Poisson, common mean": plain.rate_ * people,
    }
    for km in REACHES_KM:
        ranking = rank_outreach(communes, totals, panel.years, reach_m=1000 * km, crs=CRS)
        columns[f"gamma–Poisson, neighbours {km} km"] = ranking.set_index("commune_code")["expected"]
    return pd.DataFrame(columns).assign(people=people)


def judge(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each ranking of one world: correlation with the true rate, and share of the best possible top ten."""
    truth, people = table["truth"], table["people"]
    best = truth.nlargest(TOP).sum()
    rankings = table.drop(columns=["truth", "people"])
    return pd.DataFrame(
        {
            "Spearman, rate": {
                n: (column / people).corr(truth / people, method="spearman") for n, column in rankings.items()
            },
            "Spearman, events": {n: column.corr(truth, method="spearman") for n, column in rankings.items()},
            "top ten": {n: truth[column.nlargest(TOP).index].sum() / best for n, column in rankings.items()},
        }
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    worlds = parser.parse_args().worlds
    communes, old = boundaries.communes(NEW), boundaries.communes(OLD)
    sectors = cut_sectors(boundaries.border_line(), CRS, geometry_quality="approximate")
    crossings = boundaries.demo_crossings(OLD, sectors)
    judged = [
        judge(scores(simulate_programme(old, sectors, crossings, random_state=seed), communes))
        for seed in range(worlds)
    ]
    stacked = np.stack([one.to_numpy() for one in judged])
    half = stats.t.ppf(0.95, worlds - 1) * stacked.std(axis=0, ddof=1) / np.sqrt(worlds)
    print(f"{worlds} simulated worlds (seeds 0 to {worlds - 1}), 45 communes, events = cases + absences {SUSPECTED}")
    print(f"{'ranking':<36}" + "".join(f"{name:>20}" for name in judged[0].columns))
    for row, name in enumerate(judged[0].index):
        cells = (f"{stacked[:, row, k].mean():.3f} ± {half[row, k]:.3f}" for k in range(stacked.shape[2]))
        print(f"{name:<36}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
