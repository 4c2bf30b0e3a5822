"""Which border sectors first: over which of them people are moved, from where, and how much they were watched."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import Message
from models.flow_tables import NAMED, Flows
from models.ranking import rank_of

FLOWN = ["expected", "lower", "upper", "p_top10", "crossings", "crossing_factor"]


def rank_sectors(
    sectors: pd.DataFrame, flows: Flows, names: pd.Series, patrol_hours: pd.Series | None = None
) -> pd.DataFrame:
    """Rank border sectors for patrols by the flow that is expected over them.

    Parameters
    ----------
    sectors
        `geo.schema.BORDER` with ``commune_code``: the commune that each sector faces.
    flows
        Over these sectors (`models.flows.BorderFlows.predict`).
    names
        What communes are called, by code.
    patrol_hours
        Hours of patrol in the last twelve months by ``sector_id``, if patrols were recorded. They do not count.

    Returns
    -------
    pandas.DataFrame
        Sorted by rank: ``rank`` (ties share the best rank), ``sector_id``, ``neighbour``, ``length_km``,
        ``commune_code``, ``score`` (share of the flow over the border, sums to 1), ``expected`` (events a year) with
        its 90 % interval ``lower``, ``upper``; ``p_top10``: how sure it is that the sector is among the first tenth;
        ``crossings`` (expected number), ``crossing_factor`` (by how much they raise the attraction), ``feeders``
        (names of the communes that give most), ``patrol_hours``, ``reasons`` (tuples of Message).
    """
    found = flows.sectors.loc[sectors["sector_id"]]
    total = found["expected"].sum()
    ranking = sectors[["sector_id", "neighbour", "length_km", "commune_code"]].set_index("sector_id", drop=False)
    ranking = ranking.assign(
        score=found["expected"] / total if total > 0 else 0.0,
        **found[FLOWN],
        feeders=_feeders(flows, names).reindex(found.index).fillna(""),
        patrol_hours=np.nan if patrol_hours is None else patrol_hours.reindex(found.index).fillna(0.0),
        reasons=found["reasons"],
    ).reset_index(drop=True)
    ranking.insert(0, "rank", rank_of(ranking["expected"]))
    ranking["reasons"] = [(*row.reasons, *_watched(row)) for row in ranking.itertuples()]
    return pd.DataFrame(ranking.sort_values(["rank", "sector_id"], ignore_index=True))


def _feeders(flows: Flows, names: pd.Series) -> pd.Series:
    """Return the communes that give most to each sector, by name."""
    first = flows.feeders.groupby("sector_id").head(NAMED)
    named = first["commune_code"].map(names).fillna(first["commune_code"])
    listed: pd.Series = named.groupby(first["sector_id"]).agg(", ".join)
    return listed


def _watched(row: Any) -> Iterator[Message]:
    if np.isfinite(row.patrol_hours):
        yield Message("{hours} patrol hours in the last 12 months", {"hours": math.floor(row.patrol_hours + 0.5)})
