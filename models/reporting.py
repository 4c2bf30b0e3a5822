"""What is noticed of what happens: cases and absences, recorded the likelier the harder someone looks."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.spatial.distance import cdist

from geo.crs import STORED
from models.programme import END, MONTHS, YEARS, at_communes, numbered, random_days, random_points, typed

CASES_2017, VICTIMS_2017, OFFENDERS_2017 = 15, 16, 32
ABSENCES = 296
"""Over the five years: the published figure is "nearly 300"."""
CLEARED = 12
"""Absences among them that were something else, such as work elsewhere."""

EFFORT_WEIGHTS = {"outreach": 0.5, "mailboxes": 0.2, "clubs": 0.1, "posts": 0.2}
"""Shares in the effort to notice, each part scaled to a mean of 1 over communes and months."""
HALF_LIFE_MONTHS = 6.0
"""After so long half of what a session taught is forgotten."""
POST_REACH_M = 10_000.0
CASE_FLOOR, ABSENCE_FLOOR = 0.3, 1.0
"""Noticing without any effort, against 1 at mean effort: families miss their own even where no one asks."""
REPORT_DELAY_DAYS = 45.0

PRECISION_SHARES = {"point": 0.12, "district": 0.04}
"""The other cases are known by commune."""
SOURCES = {"police": 0.5, "border_guard": 0.2, "hotline": 0.1, "mailbox": 0.1, "return": 0.1}
AGE_BANDS = {"12-15": 0.15, "16-17": 0.25, "18-24": 0.35, "25-39": 0.2, "unknown": 0.05}
RETURNED = 0.2
CROSSING_KNOWN, CROSSING_REACH_M = 0.4, 20_000.0


def effort(units: gpd.GeoDataFrame, tables: dict[str, pd.DataFrame], crs: str) -> NDArray[np.float64]:
    """Return how hard each commune was looked at, with mean 1; shape (months, units).

    Sessions per inhabitant, forgotten with `HALF_LIFE_MONTHS`; mailboxes; clubs per inhabitant; posts nearby.
    """
    people = units["population"].to_numpy(dtype=float).clip(min=1)
    outreach, services, posts = tables["outreach"], tables["services"], tables["posts"]
    remembered = _by_month(units, outreach, "date", outreach["sessions"].to_numpy(dtype=float)) / people
    for month in range(1, len(MONTHS)):
        remembered[month] += remembered[month - 1] * 0.5 ** (1 / HALF_LIFE_MONTHS)
    mailbox = services["kind"] == "mailbox"
    guards = gpd.GeoSeries.from_xy(posts["lon"], posts["lat"], crs=STORED).to_crs(crs)
    away = cdist(units[["x", "y"]], np.column_stack([guards.x, guards.y]))
    parts = {
        "outreach": remembered,
        "mailboxes": _by_month(units, services[mailbox], "since", 1.0).cumsum(axis=0),
        "clubs": _by_month(units, services[~mailbox], "since", 1.0).cumsum(axis=0) / people,
        "posts": np.tile(np.exp(-away / POST_REACH_M) @ posts["teams"].to_numpy(dtype=float), (len(MONTHS), 1)),
    }
    total: NDArray[np.float64] = sum(EFFORT_WEIGHTS[name] * part / part.mean() for name, part in parts.items())
    return total


def _by_month(
    units: gpd.GeoDataFrame, rows: pd.DataFrame, day: str, amount: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum rows into (months, units); what is older than the first month counts in it."""
    month = ((rows[day].dt.year - YEARS[0]) * 12 + rows[day].dt.month - 1).clip(lower=0)
    unit = pd.Index(units["commune_code"]).get_indexer(rows["commune_code"])
    sums = np.zeros((len(MONTHS), len(units)))
    np.add.at(sums, (month.to_numpy(), unit), amount)
    return sums


def record(
    units: gpd.GeoDataFrame, events: pd.DataFrame, exits: gpd.GeoSeries, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return the cases and absences that are recorded of the events (``month``, ``unit``, ``effort``)."""
    happened = random_days(events["month"].to_numpy(), rng)
    delay = pd.to_timedelta(rng.exponential(REPORT_DELAY_DAYS, len(events)).astype(int), unit="D")
    events = events.assign(date=happened, reported_on=happened + delay)
    seen = events["effort"].to_numpy()
    last_year = (happened.year == YEARS[-1]).astype(bool)
    solved = noticed(CASE_FLOOR + seen, last_year, CASES_2017, rng)
    # An absence that is reported after the five years is none yet.
    in_time = (events["reported_on"] <= END).to_numpy()
    missed = noticed((ABSENCE_FLOOR + seen) * in_time, in_time, ABSENCES - CLEARED, rng)
    return {
        "cases": _cases(units, events[solved], exits, rng),
        "absences": _absences(units, events.assign(solved=solved)[missed], rng),
    }


def noticed(
    attention: NDArray[np.float64], counted: NDArray[np.bool_], total: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which events are recorded: each with probability 1 − exp(−c · attention), given a known total.

    Parameters
    ----------
    attention
        Floor and effort at each event; c is such that ``total`` of the counted ones are expected.
    counted
        The events of which exactly ``total`` are recorded; there must be more of them.
    """

    def surplus(log_c: float) -> float:
        return float(-np.expm1(-np.exp(log_c) * attention[counted]).sum()) - total

    probability = -np.expm1(-np.exp(brentq(surplus, -20.0, 20.0)) * attention)
    while True:  # Rejection: about one draw in ten has the expected sum.
        drawn: NDArray[np.bool_] = rng.random(attention.size) < probability
        if drawn[counted].sum() == total:
            return drawn


def _cases(
    units: gpd.GeoDataFrame, events: pd.DataFrame, exits: gpd.GeoSeries, rng: np.random.Generator
) -> pd.DataFrame:
    events = events.sort_values("date", kind="stable", ignore_index=True)
    unit = events["unit"].to_numpy()
    people = pd.DataFrame({"victims": 1, "offenders": 1}, index=events.index)
    for rows in events.groupby(events["date"].dt.year).groups.values():
        for column, in_2017 in (("victims", VICTIMS_2017), ("offenders", OFFENDERS_2017)):
            more = round(len(rows) * in_2017 / CASES_2017) - len(rows)
            people.loc[rows, column] += rng.multinomial(more, np.full(len(rows), 1 / len(rows)))
    source = rng.choice(list(SOURCES), len(events), p=list(SOURCES.values()))
    inland = ~units["border"].to_numpy()[unit]
    rows = (
        _placed(units, unit, rng)
        .join(people)
        .assign(
            date=events["date"],
            crossing_id=_ways_out(units, unit, exits, rng),
            source=np.where(inland & (source == "border_guard"), "police", source),
        )
    )
    return typed(numbered(rows, "cases", "date"), "cases")


def _placed(units: gpd.GeoDataFrame, unit: NDArray[np.int64], rng: np.random.Generator) -> pd.DataFrame:
    """Return the place columns of cases, some known by point and some by district only."""
    counts = {name: round(share * unit.size) for name, share in PRECISION_SHARES.items()}
    given = [name for name, count in counts.items() for _ in range(count)]
    precision = rng.permutation(given + ["commune"] * (unit.size - len(given)))
    rows = at_communes(units, unit)
    precision[(precision == "district") & rows["district"].isna().to_numpy()] = "commune"
    points = random_points(units, unit, rng)
    rows.loc[precision != "commune", ["commune_code", "commune"]] = None
    rows.loc[precision == "point", ["vintage", "district"]] = None
    return rows.join(points[precision == "point"]).assign(precision=precision)


def _ways_out(
    units: gpd.GeoDataFrame, unit: NDArray[np.int64], exits: gpd.GeoSeries, rng: np.random.Generator
) -> NDArray[np.object_]:
    """Return the crossing of each case, or None: the nearer the likelier, by e per `CROSSING_REACH_M`."""
    ways = np.full(unit.size, None, dtype=object)
    if exits.empty:
        return ways
    away = cdist(units[["x", "y"]].to_numpy()[unit], np.column_stack([exits.x, exits.y]))
    # The largest of log weights with Gumbel noise falls on each with its weight (the Gumbel-max trick).
    chosen = np.argmax(-away / CROSSING_REACH_M + rng.gumbel(size=away.shape), axis=1)
    known = rng.random(unit.size) < CROSSING_KNOWN
    ways[known] = exits.index.to_numpy()[chosen[known]]
    return ways


def _absences(units: gpd.GeoDataFrame, events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return women reported absent: by events, and `CLEARED` others who left for reasons of their own."""
    n = len(events)
    status = np.where(events["solved"], "verified_trafficked", np.where(rng.random(n) < RETURNED, "returned", "open"))
    trafficked = at_communes(units, events["unit"].to_numpy()).assign(
        absent_since=events["date"].to_numpy(), reported_on=events["reported_on"].to_numpy(), status=status
    )
    people = units["population"].to_numpy(dtype=float)
    elsewhere = rng.choice(len(units), CLEARED, p=people / people.sum())
    left = random_days(rng.integers(0, len(MONTHS) - 3, CLEARED), rng)
    others = at_communes(units, elsewhere).assign(
        absent_since=left,
        reported_on=left + pd.to_timedelta(rng.integers(0, 60, CLEARED), unit="D"),
        status="cleared",
    )
    rows = pd.concat([trafficked, others], ignore_index=True)
    rows = rows.assign(sex="female", age_band=rng.choice(list(AGE_BANDS), len(rows), p=list(AGE_BANDS.values())))
    return typed(numbered(rows, "absences", "reported_on"), "absences")
