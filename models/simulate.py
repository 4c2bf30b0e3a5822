"""A simulated province of known truth: latent risk → events → reporting → records.

The world of the demo is one of `models.worlds`, with every record written out: five years whose last adds up to the
programme that the province published for 2017.
Nothing in it happened, and every row says so.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import METRIC, metric_crs
from models.programme import (
    describe_units,
    simulate_outreach,
    simulate_patrols,
    simulate_posts,
    simulate_services,
)
from models.reporting import effort, record
from models.worlds import Options, calendar, true_rates

OPTIONS = Options()
"""The world's risk; what agencies do, and what is recorded, has the totals of the programme instead."""


@dataclass(frozen=True)
class World:
    """A simulated province: what is true, and what was recorded.

    Attributes
    ----------
    truth
        One row per commune: ``commune_code``, ``vintage``, ``true_rate`` (events per person-year) and
        ``true_expected`` (events per year), both means over the five years; ``data_kind`` is "simulated".
    tables
        ``cases``, ``absences``, ``outreach``, ``services``, ``posts``, ``patrols`` in the columns of
        `geo.schema.TABLES`; every identifier begins with SIM.
    """

    truth: pd.DataFrame
    tables: dict[str, pd.DataFrame]


def simulate_programme(
    communes: gpd.GeoDataFrame,
    sectors: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    *,
    crs: str = METRIC,
    random_state: int = 0,
) -> World:
    """Simulate 2013–2017, with the published totals of 2017.

    Parameters
    ----------
    communes
        `geo.schema.COMMUNES`, one vintage; records are coded in its units.
    sectors
        `geo.schema.BORDER`.
    crossings
        `geo.schema.CROSSINGS`; one without a position stands at the centre of its commune.
    crs
        Metric CRS for distances.
    random_state
        Seed: the same layers and seed give the same world.

    Raises
    ------
    CrsError
        If ``crs`` is not in metres.
    ModelError
        If no commune has a border.
    """
    metric_crs(crs)
    # One stream of random numbers a step: what changes in one leaves the others as they were.
    risk, happening, acting, noticing = np.random.default_rng(random_state).spawn(4)
    units = describe_units(communes, sectors, crs)
    exits = crossing_points(units, crossings, crs)
    tables = {
        "outreach": simulate_outreach(units, acting),
        "services": simulate_services(units, acting),
        "posts": simulate_posts(units, acting),
        "patrols": simulate_patrols(sectors, exits, crs, acting),
    }
    rate = true_rates(units, OPTIONS, risk)[:, 0]
    expected = rate * units["population"].to_numpy(dtype=float)
    events = true_events(np.outer(calendar(OPTIONS.years), expected / 12), happening)
    events = events.assign(effort=effort(units, tables, crs)[events["month"], events["unit"]])
    tables |= record(units, events, exits, noticing)
    truth = units[["commune_code", "vintage"]].assign(true_rate=rate, true_expected=expected, data_kind="simulated")
    return World(pd.DataFrame(truth), {name: tables[name].assign(data_kind="simulated") for name in sorted(tables)})


def true_events(expected: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    """Return the events that happen: one row each, with the positions of its ``month`` and ``unit``.

    Parameters
    ----------
    expected
        Expected events, shape (months, units); the counts are Poisson.
    """
    counts = rng.poisson(expected)
    month, unit = counts.nonzero()
    times = counts[month, unit]
    return pd.DataFrame({"month": np.repeat(month, times), "unit": np.repeat(unit, times)})


def crossing_points(units: gpd.GeoDataFrame, crossings: gpd.GeoDataFrame, crs: str) -> gpd.GeoSeries:
    """Return a point in ``crs`` for each ``crossing_id``: its position, or else the centre of its commune."""
    unit = pd.Index(units["commune_code"]).get_indexer(crossings["commune_code"])
    centres = gpd.GeoSeries.from_xy(*units[["x", "y"]].to_numpy()[unit].T, index=crossings.index, crs=crs)
    placed = crossings.geometry.to_crs(crs).fillna(centres)
    return placed.set_axis(crossings["crossing_id"].to_numpy(dtype=object))
