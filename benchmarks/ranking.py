"""How well the ranking of a run finds the true risk of simulated provinces, beside simpler rankings.

Worlds are those of the demo on the built-in layers (`models.simulate.simulate_programme`), ranked in the units of 2025
with what the workspace would know: effort from the records, covariates from the layers. Printed: the mean over worlds,
with a 90 % interval of the mean, of Spearman's correlation with the true rate and of the share of the true events in
the ten communes ranked first, relative to the best possible ten; and how often the 90 % interval of a commune's share
of all events holds the truth.
"""

import argparse

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import stats

from geo import boundaries
from geo.adjacency import touching
from geo.border import cut_sectors, face_communes
from geo.covariates import commune_covariates
from geo.effort import effort_columns
from geo.panel import SUSPECTED, build_panel, period_of
from geo.schema import VINTAGES
from models.baselines import GammaPoisson
from models.neighbour_rates import fit_around_neighbours
from models.risk import RiskModel
from models.simulate import World, simulate_programme
from workflow.layers import gazetteer

OLD, NEW = VINTAGES
CRS = "EPSG:9205"
TOP = 10


def scores(
    world: World, communes: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, covariates: pd.DataFrame
) -> tuple[pd.DataFrame, float]:
    """Return expected events a year by commune (rows) as each ranking sees them (columns), and a coverage."""
    records = {name: world.tables[name] for name in ("cases", "absences", "outreach", "services")}
    panel = build_panel(communes, records, gazetteer(communes, CRS), *period_of(records))
    totals = panel.totals()
    new_code = boundaries.crosswalk().set_index("old_code")["new_code"]
    truth = world.truth["true_expected"].groupby(world.truth["commune_code"].map(new_code)).sum()
    events, people = totals["cases"] + totals["absences"], totals["population"]
    plain = GammaPoisson().fit(events, people * panel.years)
    centres = communes.to_crs(CRS).representative_point()
    x, y = centres.x.to_numpy(), centres.y.to_numpy()
    around = fit_around_neighbours(x, y, events.to_numpy(float), people.to_numpy(float) * panel.years)
    faced = face_communes(sectors, communes, CRS).set_axis(sectors["sector_id"])
    effort = effort_columns(panel, world.tables["patrols"], faced).table
    table, beside = panel.table.join(effort).join(covariates), touching(communes, CRS)
    names, facts = list(effort), list(covariates)
    models = {
        "risk model, no effort, no covariates": RiskModel(),
        "risk model, no effort": RiskModel(covariates=facts),
        "risk model, no covariates": RiskModel(effort=names),
        "risk model, as a run fits it": RiskModel(effort=names, covariates=facts),
    }
    fitted = {name: model.fit(table, beside) for name, model in models.items()}
    columns = {
        "truth": truth.reindex(totals.index),
        "population": people,
        "cases": totals["cases"],
        "cases + absences": events,
        "gamma–Poisson, common mean": plain.rate_ * people,
        "gamma–Poisson, neighbours": around.rate_ * people,
        **{name: model.predict()["expected"] for name, model in fitted.items()},
    }
    draws = fitted["risk model, as a run fits it"].draws_
    lower, upper = np.quantile(draws / draws.sum(axis=0), [0.05, 0.95], axis=1)
    share = (columns["truth"] / columns["truth"].sum()).to_numpy()
    return pd.DataFrame(columns).assign(people=people), float(((lower <= share) & (share <= upper)).mean())


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
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    arguments = parser.parse_args()
    worlds, seeds = arguments.worlds, range(arguments.first, arguments.first + arguments.worlds)
    communes, old = boundaries.communes(NEW), boundaries.communes(OLD)
    sectors = cut_sectors(boundaries.border_line(), CRS, geometry_quality="approximate")
    crossings = boundaries.demo_crossings(OLD, sectors)
    covariates = commune_covariates(communes, sectors, boundaries.demo_crossings(NEW, sectors), CRS)
    judged, covered = [], []
    for seed in seeds:
        world = simulate_programme(old, sectors, crossings, random_state=seed)
        table, coverage = scores(world, communes, sectors, covariates)
        judged.append(judge(table))
        covered.append(coverage)
    stacked = np.stack([one.to_numpy() for one in judged])
    half = stats.t.ppf(0.95, worlds - 1) * stacked.std(axis=0, ddof=1) / np.sqrt(worlds)
    print(f"{worlds} simulated worlds (seeds from {seeds[0]}), 45 communes, events = cases + absences {SUSPECTED}")
    print(f"{'ranking':<36}" + "".join(f"{name:>20}" for name in judged[0].columns))
    for row, name in enumerate(judged[0].index):
        cells = (f"{stacked[:, row, k].mean():.3f} ± {half[row, k]:.3f}" for k in range(stacked.shape[2]))
        print(f"{name:<36}" + "".join(f"{cell:>20}" for cell in cells))
    print(f"90 % intervals of a commune's share of all events, as a run fits it: {np.mean(covered):.3f} hold the truth")


if __name__ == "__main__":
    main()
