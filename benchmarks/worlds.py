"""How well the risk model finds the truth of simulated worlds, beside simpler rankings, and where it fails.

Worlds are those of `models.worlds` on the 129 communes, counted by quarter. Seeds 0 to 99 were for development; the
table is of seeds from 100 on. Printed are means over worlds with the half-width of their 90 % interval.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import argparse
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from in_pieces import each
from scipy import sparse, stats
from sklearn.linear_model import PoissonRegressor

from geo import boundaries
from geo.adjacency import touching
from geo.border import cut_sectors
from geo.density import KernelDensity
from geo.schema import VINTAGES
from geo.workers import LOCAL
from models.baselines import GammaPoisson
from models.bootstrap import estimate, ratios, resampling
from models.programme import describe_units
from models.risk import RiskModel
from models.worlds import Options, RiskWorld, simulate_world

CRS = "EPSG:9205"
WORLDS = 12
KDE_RADIUS_M = 20_000.0
BREAKING = {
    "no neighbour alike": Options(risk="independent"),
    "outliers": Options(risk="outliers"),
    "risk drifts": Options(risk="drifting"),
    "other detection curve": Options(curve="threshold"),
    "outreach chases reports": Options(policy="chasing"),
    "outreach at random": Options(policy="random"),
    "3 months of 10 missing": Options(missing=0.3),
    "wrong neighbours": Options(),
}
EFFORT = ["outreach", "mailboxes"]
COVARIATES = ["border", "remote_km"]
NOISE_SD = 0.5
"""Of the logarithm of effort as it is known, by commune, where it is noisy."""


@cache
def units() -> gpd.GeoDataFrame:
    """Return the communes, as the simulation knows them."""
    sectors = cut_sectors(boundaries.border_line(), CRS, geometry_quality="approximate")
    return describe_units(boundaries.communes(VINTAGES[0]), sectors, CRS)


@cache
def neighbours() -> "sparse.csr_array[Any]":
    """Return which of them touch."""
    return touching(units(), CRS)


def by_quarter(world: RiskWorld) -> pd.DataFrame:
    """Return the panel by quarter: counts of the months that are known, people in proportion to them."""
    known = world.panel["cases"].notna()
    monthly = world.panel.assign(
        quarter=world.panel["month"].dt.asfreq("Q"),
        events=world.events.ravel(),
        population=world.panel["population"] * known / 3,
    )
    sums = dict.fromkeys(("cases", "absences", "events", "population"), "sum")
    means, firsts = dict.fromkeys(EFFORT, "mean"), dict.fromkeys(COVARIATES, "first")
    return monthly.groupby(["commune_code", "quarter"], sort=False).agg(sums | means | firsts).reset_index()


def noisy(panel: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the panel with efforts as a careless office writes them down."""
    rng = np.random.default_rng(seed)
    codes = panel["commune_code"].unique()
    factors = pd.DataFrame(rng.lognormal(0, NOISE_SD, (len(codes), len(EFFORT))), index=codes, columns=EFFORT)
    return panel.assign(**{name: panel[name] * panel["commune_code"].map(factors[name]) for name in EFFORT})


def evenly_noticed(panel: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the panel with as many records, noticed alike everywhere."""
    rng = np.random.default_rng(seed)
    events = panel["events"].to_numpy(dtype=int)
    shares = {name: panel[name].sum() / events.sum() for name in ("cases", "absences")}
    return panel.assign(**{name: rng.binomial(events, share) for name, share in shares.items()})


def simple_rankings(panel: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the expected events of the rankings that must be beaten."""
    total = panel.groupby("commune_code", sort=False)[["cases", "absences"]].sum().astype(float)
    first = panel.groupby("commune_code", sort=False)[COVARIATES].first()
    people = units()["population"].to_numpy(dtype=float)
    cases, both = total["cases"].to_numpy(), total.sum(axis=1).to_numpy()
    x, y = units()["x"].to_numpy(), units()["y"].to_numpy()
    around = KernelDensity(bandwidth_m=KDE_RADIUS_M).fit(x, y, both).at(x, y)
    around /= KernelDensity(bandwidth_m=KDE_RADIUS_M).fit(x, y, people).at(x, y)
    design = ((first - first.mean()) / first.std()).to_numpy()
    regression = PoissonRegressor(alpha=1e-3).fit(design, both / people * 1000, sample_weight=people / 1000)
    return {
        "people": people,
        "case counts": cases,
        "empirical-Bayes rate, cases": GammaPoisson().fit(cases, people).rate_ * people,
        "cases + absences": both,
        "empirical-Bayes rate, cases + absences": GammaPoisson().fit(both, people).rate_ * people,
        "KDE ratio, cases + absences": around * people,
        "Poisson regression on covariates": regression.predict(design) * people,
    }


def model(counts: tuple[str, ...] = ("cases", "absences"), effort: tuple[str, ...] = tuple(EFFORT)) -> RiskModel:
    """Return the model."""
    return RiskModel(counts, effort=effort, covariates=COVARIATES, period="quarter")


def judge(expected: np.ndarray, world: RiskWorld) -> dict[str, float]:
    """Return the scores of a ranking.

    They are its correlations with the truth, its share of the best possible top tenth, and the share of an allocation
    by it that would be elsewhere if the truth were known.
    """
    truth = world.truth["true_expected"].to_numpy()
    people = units()["population"].to_numpy(dtype=float)
    places = int(np.ceil(0.1 * truth.size))
    # Ties are broken at random; the noise is too small to matter elsewhere.
    order = np.argsort(-expected - 1e-9 * np.random.default_rng(0).random(truth.size))
    return {
        "Spearman, events": stats.spearmanr(expected, truth)[0],
        # Added noise too small to matter breaks the ties of a rate that is the same everywhere.
        "Spearman, rate": stats.spearmanr(expected / people + 1e-15 * np.arange(truth.size), truth / people)[0],
        "top tenth": truth[order[:places]].sum() / np.sort(truth)[::-1][:places].sum(),
        "misplaced": 0.5 * np.abs(expected / expected.sum() - truth / truth.sum()).sum(),
    }


def default_world(seed: int) -> tuple[dict[str, dict[str, float]], pd.DataFrame]:
    """Return the scores of all rankings of a default world, and what the model says of each commune with the truth."""
    world = simulate_world(units(), random_state=seed)
    panel = by_quarter(world)
    rankings = simple_rankings(panel)
    fits = {
        "model, cases only": (model(("cases",)), panel),
        "model, cases only, blind to effort": (model(("cases",), ()), panel),
        "model, blind to effort": (model(effort=()), panel),
        "model, noisy effort": (model(), noisy(panel, seed)),
        "model": (model(), panel),
        "model, as many records, effort even": (model(effort=()), evenly_noticed(panel, seed)),
        "model that sees every event": (model(("events",), ()), panel),
    }
    scores = {name: judge(expected, world) for name, expected in rankings.items()}
    for name, (estimator, table) in fits.items():
        said = estimator.fit(table, neighbours()).predict()
        scores[name] = judge(said["expected"].to_numpy(), world)
        if name == "model":
            told = said.assign(truth=world.truth["at_mean_effort"].to_numpy(), seed=seed)
    return scores, told


def breaking_world(case: tuple[str, int]) -> tuple[str, dict[str, dict[str, float]]]:
    """Return the scores of the model and of the simple rankings in a world that breaks an assumption."""
    name, seed = case
    world = simulate_world(units(), BREAKING[name], random_state=seed)
    panel, graph = by_quarter(world), neighbours()
    if name == "wrong neighbours":
        shuffled = np.random.default_rng(seed).permutation(graph.shape[0])
        graph = graph[shuffled][:, shuffled]
    scores = {key: judge(expected, world) for key, expected in simple_rankings(panel).items()}
    # Months that are missing are nobody's in the fit; the people of the forecast are all there are.
    full = panel.assign(population=panel["commune_code"].map(units().set_index("commune_code")["population"]))
    scores["model"] = judge(model().fit(panel, graph).predict(full)["expected"].to_numpy(), world)
    return name, scores


def mean_and_half(values: Any) -> tuple[float, float]:
    """Return the mean over worlds and the half-width of its 90 % interval."""
    array = np.asarray(values, dtype=float)
    half = stats.t.ppf(0.95, array.size - 1) * array.std(ddof=1) / np.sqrt(array.size)
    return float(array.mean()), float(half)


def shown(values: Any) -> str:
    """Return mean ± half."""
    mean, half = mean_and_half(values)
    return f"{mean:.3f} ± {half:.3f}"


def print_default(results: list[tuple[dict[str, dict[str, float]], pd.DataFrame]]) -> None:
    """Print the rankings of the default worlds, the gap that knowing effort closes, and calibration."""
    names, measures = list(results[0][0]), ["Spearman, events", "Spearman, rate", "top tenth", "misplaced"]
    print(f"\n{'ranking':<42}" + "".join(f"{name:>20}" for name in measures))
    for name in names:
        cells = (shown([scores[name][measure] for scores, _ in results]) for measure in measures)
        print(f"{name:<42}" + "".join(f"{cell:>20}" for cell in cells))
    told = pd.concat([table for _, table in results])
    inside = (told["lower"] <= told["truth"]) & (told["truth"] <= told["upper"])
    print(f"\n90 % intervals cover the truth: {shown(inside.groupby(told['seed']).mean())}")
    for k in (5, 10, 20):
        places = int(np.ceil(k / 100 * (told["seed"] == told["seed"].iloc[0]).sum()))
        first = told.groupby("seed")["truth"].rank(ascending=False) <= places
        bins = pd.cut(told[f"p_top{k}"], [-0.01, 0.05, 0.2, 0.5, 0.8, 1.01])
        grouped = pd.DataFrame({"said": told[f"p_top{k}"], "was": first.astype(float)}).groupby(bins, observed=True)
        table = grouped.agg(said=("said", "mean"), was=("was", "mean"), n=("was", "size"))
        error = np.average(np.abs(table["said"] - table["was"]), weights=table["n"])
        bars = ", ".join(f"{row.said:.2f}: {row.was:.2f} ({row.n})" for row in table.itertuples())
        print(f"P(in the top {k} %): calibration error {error:.3f}; said: was (communes) {bars}")


GAP_POLICIES = ("expected", "random", "chasing")
GAP_FITS = ("blind to effort", "effort known", "effort noisy", "effort even", "every event")


def gap_world(case: tuple[str, int]) -> tuple[str, dict[str, float]]:
    """Return what the model misplaces in a world, as it sees effort, or would see counts without its bias."""
    policy, seed = case
    world = simulate_world(units(), Options(policy=policy), random_state=seed)
    panel = by_quarter(world)
    fits = (
        (model(effort=()), panel),
        (model(), panel),
        (model(), noisy(panel, seed)),
        (model(effort=()), evenly_noticed(panel, seed)),
        (model(("events",), ()), panel),
    )
    said = (estimator.fit(table, neighbours()).predict()["expected"].to_numpy() for estimator, table in fits)
    return policy, {name: judge(one, world)["misplaced"] for name, one in zip(GAP_FITS, said, strict=True)}


def recovered(table: pd.DataFrame, name: str, unthinned: str) -> str:
    """Return the part of the gap that a fit closes, with its 90 % interval by drawing the worlds again."""
    above, below = (table["blind to effort"] - table[column] for column in (name, unthinned))
    drawn = resampling(len(table), 4000, np.random.default_rng(0))
    part = estimate(*ratios(above.to_numpy(), below.to_numpy(), drawn), level=0.9)
    return f"{part.value:.0%} ({part.lower:.0%} to {part.upper:.0%})"


def print_gap(results: list[tuple[str, dict[str, float]]]) -> None:
    """Print which part of the loss by uneven effort is recovered."""
    print("\nMisplaced share of an allocation, by where outreach was held:")
    print(f"{'outreach':<12}" + "".join(f"{name:>18}" for name in GAP_FITS))
    for policy in GAP_POLICIES:
        table = pd.DataFrame([fits for name, fits in results if name == policy])
        print(f"{policy:<12}" + "".join(f"{shown(table[name]):>18}" for name in GAP_FITS))
        for unthinned in ("effort even", "every event"):
            known, noise = (recovered(table, name, unthinned) for name in ("effort known", "effort noisy"))
            print(f"{'':<12}recovered of the gap to '{unthinned}': {known}; with noisy effort {noise}")


def print_breaking(results: list[tuple[str, dict[str, dict[str, float]]]]) -> None:
    """Print the model beside the best simple ranking in the worlds that break its assumptions."""
    print(f"\n{'world':<26}{'model':>16}{'best simple':>16}{'difference':>18}  which")
    every: list[np.ndarray] = []
    for name in BREAKING:
        worlds = [scores for kind, scores in results if kind == name]
        simple = [key for key in worlds[0] if key != "model"]
        of = {key: np.array([scores[key]["Spearman, events"] for scores in worlds]) for key in worlds[0]}
        best = max(simple, key=lambda key: of[key].mean())
        apart = shown(of["model"] - of[best])
        print(f"{name:<26}{shown(of['model']):>16}{shown(of[best]):>16}{apart:>18}  {best}")
        every.append(of["model"])
    print(f"{'mean of all':<26}{shown(np.mean(every, axis=0)):>16}")


def family_world(seed: int) -> float:
    """Return by how much a negative binomial betters the log score of a world's last year, over all its counts."""
    panel = by_quarter(simulate_world(units(), random_state=seed))
    late = panel["quarter"] > panel["quarter"].max() - 4
    poisson, negative_binomial = (
        model().set_params(family=family).fit(panel[~late], neighbours()).log_score(panel[late])
        for family in ("poisson", "negative_binomial")
    )
    return float((negative_binomial - poisson).sum()) * units().shape[0] * 2


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=100, help="first seed")
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--only", choices=["default", "gap", "breaking", "family"], default=None)
    parser.add_argument("--scheduler", default=LOCAL, help="of a cluster: tcp://host:8786; see in_pieces.py")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.worlds)
    print(f"SIMULATED: {asked.worlds} worlds a row, seeds {seeds[0]} to {seeds[-1]}; 129 communes, 5 years")
    print("15 cases and 60 absences of 100 events are recorded in the first year")
    if asked.only in (None, "default"):
        print_default(each(default_world, seeds, asked.scheduler))
    if asked.only in (None, "gap"):
        cases = [(policy, seed) for policy in GAP_POLICIES for seed in seeds]
        print_gap(each(gap_world, cases, asked.scheduler))
    if asked.only in (None, "breaking"):
        cases = [(name, seed) for name in BREAKING for seed in seeds]
        print_breaking(each(breaking_world, cases, asked.scheduler))
    if asked.only in (None, "family"):
        apart = each(family_world, seeds, asked.scheduler)
        print(f"\nlog score of the last year, all counts, negative binomial less Poisson: {shown(np.array(apart))}")


if __name__ == "__main__":
    main()
