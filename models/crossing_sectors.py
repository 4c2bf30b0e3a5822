"""On which border sectors crossings lie, and so where cases with a known crossing went."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import metric_crs
from geo.errors import Message

OFFICIAL = "international"
"""Who leaves by a gate of this kind leaves by other ways than over a sector."""


class Crossed(NamedTuple):
    """Where cases went.

    Attributes
    ----------
    choices
        A row for each case and sector at which it may have crossed: ``case_id``, ``commune_code``, ``month`` (1 to
        12), ``sector_id``, missing where it left by another way.
    notes
        How many cases could not be used, and why.
    """

    choices: pd.DataFrame
    notes: tuple[Message, ...]


def place_crossings(crossings: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, crs: str) -> pd.DataFrame:
    """Return the sectors on which each crossing lies, or may lie.

    Parameters
    ----------
    crossings
        `geo.schema.CROSSINGS`. One with a position lies on the nearest sector of its neighbour; one without may lie on
        any of the sectors between its commune and its neighbour.
    sectors
        `geo.schema.BORDER` with ``commune_code``: the commune that each sector faces.
    crs
        Metric CRS.

    Returns
    -------
    pandas.DataFrame
        ``crossing_id``, ``sector_id``, ``share`` (1 / number of its sectors). An official gate has one row without a
        sector, a crossing that finds no sector none.
    """
    lines, points = sectors.to_crs(metric_crs(crs)).geometry, crossings.to_crs(metric_crs(crs)).geometry
    neighbours, communes = sectors["neighbour"].to_numpy(), sectors["commune_code"].to_numpy()
    rows = []
    for crossing, point in zip(crossings.itertuples(), points, strict=True):
        if crossing.kind == OFFICIAL:
            rows.append((crossing.crossing_id, None, 1.0))
            continue
        here = np.flatnonzero(neighbours == crossing.neighbour)
        if point is None or point.is_empty:
            here = here[communes[here] == crossing.commune_code]
        elif here.size:
            here = here[[int(np.argmin(lines.iloc[here].distance(point)))]]
        rows += [(crossing.crossing_id, sectors["sector_id"].iloc[j], 1 / here.size) for j in here]
    return pd.DataFrame(rows, columns=["crossing_id", "sector_id", "share"]).astype(
        {"crossing_id": "str", "sector_id": "str", "share": float}
    )


def sector_table(sectors: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Return what makes sectors attractive: ``length_km`` and ``crossings`` (expected number, without official gates).

    Parameters
    ----------
    sectors
        `geo.schema.BORDER`.
    placed
        Of `place_crossings`.
    """
    counted = placed.groupby("sector_id")["share"].sum()
    table = sectors.set_index("sector_id")[["length_km"]]
    return table.assign(crossings=counted.reindex(table.index).fillna(0.0).astype(float))


def crossed_sectors(cases: pd.DataFrame, placed: pd.DataFrame) -> Crossed:
    """Return where the cases with a known crossing went.

    Parameters
    ----------
    cases
        ``case_id``, ``commune_code`` (of origin, in the vintage of the costs; may be missing), ``date``,
        ``crossing_id`` (may be missing).
    placed
        Of `place_crossings`.
    """
    known = cases[cases["crossing_id"].notna()].assign(month=lambda rows: rows["date"].dt.month)
    unplaced = known["commune_code"].isna()
    lost = ~known["crossing_id"].isin(placed["crossing_id"])
    used = known[~unplaced & ~lost]
    choices = used[["case_id", "commune_code", "month", "crossing_id"]].merge(placed, on="crossing_id")
    choices = choices[["case_id", "commune_code", "month", "sector_id"]].drop_duplicates(ignore_index=True)
    notes = []
    if unplaced.any():
        notes.append(
            Message(
                "{n} cases with a known crossing have no commune of origin and cannot tell where its people leave",
                {"n": int(unplaced.sum())},
            )
        )
    if (lost & ~unplaced).any():
        notes.append(
            Message(
                "{n} cases name crossings that lie on no sector; add them to the crossings with commune and neighbour",
                {"n": int((lost & ~unplaced).sum())},
            )
        )
    return Crossed(choices, tuple(notes))
