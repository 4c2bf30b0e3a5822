"""Which border sectors first: the risk of the communes near them, and the crossings on them."""

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import metric_crs
from geo.density import KernelDensity
from geo.errors import Message
from models.ranking import rank_of

FEEDERS = 3
"""How many communes are named as the source of a sector's nearby risk."""


@dataclass(frozen=True)
class Reach:
    """How far things count, metres, and how strongly crossings pull."""

    patrol_m: float
    crossing_m: float
    crossing_pull: float


def rank_patrol(
    sectors: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    outreach: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    reach: Reach,
    crs: str,
    patrol_hours: pd.Series | None = None,
) -> pd.DataFrame:
    """Rank border sectors for patrols by nearby origin risk × the pull of crossings.

    ``nearby_risk`` is the kernel density, at the sector's midpoint, of the events a year that are expected in each
    commune, spread evenly over its cells. ``crossing_density`` is the kernel density of crossings at the midpoint; a
    crossing whose position is unknown is spread over its commune's sectors that face its neighbour. The score is
    nearby_risk × (1 + pull × crossing_density / mean crossing_density), shown as a share of the whole border's.

    Parameters
    ----------
    sectors
        `geo.schema.BORDER` with ``commune_code``: the commune that each sector borders.
    crossings
        `geo.schema.CROSSINGS`; may be empty.
    outreach
        The result of `models.ranking.rank_outreach`.
    cells
        The communes' cells: ``commune_code``, ``x``, ``y`` in metres of ``crs``.
    reach
        Radii and pull.
    crs
        Metric CRS.
    patrol_hours
        Hours of patrol in the last twelve months by ``sector_id``, if patrols were recorded.

    Returns
    -------
    pandas.DataFrame
        Sorted by rank: ``rank``, ``sector_id``, ``neighbour``, ``length_km``, ``commune_code``, ``score`` (share, sums
        to 1), ``nearby_risk`` (events per year and km²), ``crossing_density`` (crossings per km²), ``crossing_factor``,
        ``feeders`` (names), ``patrol_hours``, ``reasons`` (tuples of Message).
    """
    lines = sectors.to_crs(metric_crs(crs)).geometry
    middle = lines.interpolate(0.5, normalized=True)
    x, y = middle.x.to_numpy(), middle.y.to_numpy()
    by_commune = _nearby_risk(x, y, outreach, cells, reach.patrol_m)
    density = _crossing_density(x, y, sectors, crossings, reach.crossing_m, crs)
    mean = density.mean()
    factor = 1 + reach.crossing_pull * density / mean if mean > 0 else np.ones_like(density)
    score = by_commune.sum(axis=1).to_numpy() * factor
    ranking = (
        sectors[["sector_id", "neighbour", "length_km", "commune_code"]]
        .reset_index(drop=True)
        .assign(
            score=score / score.sum() if score.sum() > 0 else 0.0,
            nearby_risk=by_commune.sum(axis=1).to_numpy(),
            crossing_density=density,
            crossing_factor=factor,
            feeders=_feeders(by_commune, outreach),
            patrol_hours=_hours(sectors["sector_id"], patrol_hours),
        )
    )
    ranking.insert(0, "rank", rank_of(ranking["score"]))
    ranking["reasons"] = [_reasons(row) for row in ranking.itertuples()]
    return pd.DataFrame(ranking.sort_values(["rank", "sector_id"], ignore_index=True))


def _nearby_risk(
    x: np.ndarray, y: np.ndarray, outreach: pd.DataFrame, cells: pd.DataFrame, radius_m: float
) -> pd.DataFrame:
    """Return each commune's part (columns) of the risk density at each sector (rows); the parts add up."""
    expected = outreach.set_index("commune_code")["expected"]
    return pd.DataFrame(
        {
            code: KernelDensity(kernel="quartic", bandwidth_m=radius_m)
            .fit(own["x"].to_numpy(), own["y"].to_numpy(), np.full(len(own), expected[code] / len(own)))
            .at(x, y)
            for code, own in cells.groupby("commune_code", sort=True)
        }
    )


def _crossing_density(
    x: np.ndarray,
    y: np.ndarray,
    sectors: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    radius_m: float,
    crs: str,
) -> np.ndarray:
    """Return crossings per km² at the sectors, with unknown positions spread over their commune's sectors."""
    px, py, weights = [], [], []
    placed = crossings[crossings.geometry.notna() & ~crossings.geometry.is_empty].to_crs(metric_crs(crs))
    px += list(placed.geometry.x)
    py += list(placed.geometry.y)
    weights += [1.0] * len(placed)
    for crossing in crossings[~crossings.index.isin(placed.index)].itertuples():
        here = (
            (sectors["commune_code"] == crossing.commune_code) & (sectors["neighbour"] == crossing.neighbour)
        ).to_numpy()
        px += list(x[here])
        py += list(y[here])
        weights += [1.0 / here.sum()] * int(here.sum())
    if not weights:
        return np.zeros_like(x)
    density: np.ndarray = KernelDensity(kernel="quartic", bandwidth_m=radius_m).fit(px, py, weights).at(x, y)
    return density


def _feeders(by_commune: pd.DataFrame, outreach: pd.DataFrame) -> list[str]:
    names = outreach.set_index("commune_code")["name"]
    feeders = []
    for row in by_commune.to_numpy():
        first = np.argsort(-row, kind="stable")[:FEEDERS]
        feeders.append(", ".join(names[by_commune.columns[i]] for i in first if row[i] > 0))
    return feeders


def _hours(sector_ids: pd.Series, patrol_hours: pd.Series | None) -> np.ndarray:
    if patrol_hours is None:
        return np.full(len(sector_ids), np.nan)
    hours: np.ndarray = patrol_hours.reindex(sector_ids).fillna(0.0).to_numpy()
    return hours


def _reasons(row: Any) -> tuple[Message, ...]:
    if not row.feeders:
        return (Message("no commune at risk is in reach of this sector"),)
    reasons = [Message("risk nearby, from {feeders}", {"feeders": row.feeders})]
    if row.crossing_factor > 1.005:
        reasons.append(Message("crossings near: × {factor}", {"factor": row.crossing_factor}))
    if np.isfinite(row.patrol_hours):
        reasons.append(
            Message("{hours} patrol hours in the last 12 months", {"hours": math.floor(row.patrol_hours + 0.5)})
        )
    return tuple(reasons)
