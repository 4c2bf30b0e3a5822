"""Which communes first: expected events a year, each rank with the parts that make it."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import metric_crs
from geo.density import KernelDensity
from geo.errors import Message
from models.baselines import GammaPoisson

PSEUDO_EVENTS = 1.0
"""Events at the province's rate that are added to the neighbours': keeps the rate of a lonely commune finite."""

PER = 10_000
"""Rates are shown per so many persons and year."""

WEAK_WEIGHT = 0.5
"""A commune whose own data weigh less than this is ranked mostly by its neighbours: its data are weak."""


def rank_outreach(
    communes: gpd.GeoDataFrame,
    totals: pd.DataFrame,
    years: float,
    *,
    reach_m: float,
    crs: str,
) -> pd.DataFrame:
    """Rank communes for outreach by the events expected in a year.

    Events are cases and suspected absences. A commune's rate is the posterior mean of a gamma–Poisson model
    (`models.baselines.GammaPoisson`) whose prior mean is the rate around it: the ratio of the kernel densities of
    events and of population at risk (Bithell 1990) over all *other* communes, taken at their centres. So each rate
    is a weighted mean of two parts that a planner can be told: the commune's own rate and its neighbours'.

    Parameters
    ----------
    communes
        `geo.schema.COMMUNES`, any CRS.
    totals
        One row per commune (`geo.panel.Panel.totals`).
    years
        Length of the period.
    reach_m
        Radius of the quartic kernel of the neighbours' rate, metres of ``crs``.
    crs
        Metric CRS.

    Returns
    -------
    pandas.DataFrame
        Sorted by rank: ``rank`` (ties share the best rank), ``commune_code``, ``name``, ``district``, ``expected``
        (events a year) with its 90 % interval ``lower``, ``upper``; ``rate``, ``own_rate``, ``neighbour_rate`` (per
        `PER` persons and year), ``own_weight``; the counts; ``sessions_per_1000``; ``weak_data``; ``reasons``
        (tuples of Message).
    """
    table = totals.reindex(communes["commune_code"])
    population = table["population"].clip(lower=1).to_numpy(dtype=float)
    events = (table["cases"] + table["absences"]).to_numpy(dtype=float)
    exposure = population * years
    centres = communes.to_crs(metric_crs(crs)).representative_point()
    around, known_from = _rate_around(centres.x.to_numpy(), centres.y.to_numpy(), events, exposure, reach_m)
    model = GammaPoisson().fit(events, exposure, around, known_from)
    lower, upper = model.interval(0.9)
    ranking = (
        communes[["commune_code", "name", "district"]]
        .reset_index(drop=True)
        .assign(
            expected=model.rate_ * population,
            lower=lower * population,
            upper=upper * population,
            rate=model.rate_ * PER,
            own_rate=events / exposure * PER,
            neighbour_rate=around * PER,
            own_weight=model.own_weight_,
            weak_data=model.own_weight_ < WEAK_WEIGHT,
            sessions_per_1000=1000 * table["sessions"].to_numpy() / population,
        )
    )
    counts = ["cases", "victims", "absences", "sessions", "services", "population"]
    ranking[counts] = table[counts].to_numpy()
    ranking[["cases", "victims", "absences", "sessions", "population"]] = ranking[
        ["cases", "victims", "absences", "sessions", "population"]
    ].astype("int64")
    ranking.insert(0, "rank", rank_of(ranking["expected"]))
    ranking["reasons"] = [_reasons(row, years) for row in ranking.itertuples()]
    return pd.DataFrame(ranking.sort_values(["rank", "commune_code"], ignore_index=True))


def rank_of(score: pd.Series) -> pd.Series:
    """Return ranks from 1 for the highest score; scores equal to nine digits share the best of their ranks."""
    scale = score.abs().max() or 1.0
    return (score / scale).round(9).rank(method="min", ascending=False).astype("int64")


def _rate_around(
    x: np.ndarray, y: np.ndarray, events: np.ndarray, exposure: np.ndarray, reach_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rate of the other communes, with `PSEUDO_EVENTS` at the province's rate, and from how many events."""
    if not events.sum():
        # Nothing was recorded: one pseudo-event over the whole exposure ranks communes by population alone.
        return np.full(len(events), PSEUDO_EVENTS / exposure.sum()), np.full(len(events), PSEUDO_EVENTS)
    peak = KernelDensity(bandwidth_m=reach_m).fit(x[:1], y[:1]).at(x[:1], y[:1])[0]

    def of_others(weights: np.ndarray) -> np.ndarray:
        with_own: np.ndarray = KernelDensity(bandwidth_m=reach_m).fit(x, y, weights).at(x, y) / peak
        without: np.ndarray = np.maximum(with_own - weights, 0.0)
        return without

    province = events.sum() / exposure.sum()
    around = of_others(events) + PSEUDO_EVENTS
    return around / (of_others(exposure) + PSEUDO_EVENTS / province), around


def _reasons(row: Any, years: float) -> tuple[Message, ...]:
    if row.cases + row.absences == 0:
        recorded = Message("nothing recorded in {years} years: silence is not safety", {"years": years})
    else:
        recorded = Message(
            "{cases} cases and {absences} suspected absences in {years} years",
            {"cases": row.cases, "absences": row.absences, "years": years},
        )
    rates = Message(
        "own rate {own}, neighbours' rate {around} per 10,000 people a year (own data weigh {weight} %)",
        {"own": row.own_rate, "around": row.neighbour_rate, "weight": round(100 * row.own_weight)},
    )
    effort = Message(
        "{population} people, {sessions} outreach sessions",
        {"population": row.population, "sessions": row.sessions},
    )
    return recorded, rates, effort
