"""Draws of flows as the tables that planners read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message
from models.flow_rows import MONTHS, Ways
from models.ranks import summarise

LEVEL = 0.9
"""Of the intervals."""
NAMED = 3
"""How many communes a sector's reasons name."""

Floats = NDArray[np.float64]


class FlowDraws(NamedTuple):
    """Draws, the last axis of the first three.

    Attributes
    ----------
    risk, outside_share
        Events a year by commune, and the share of them that leaves by other ways, shape (communes, draws).
    monthly
        Events a year in each month by sector, shape (12, sectors, draws).
    feeding
        Mean events a year from commune to sector, shape (communes, sectors).
    pull
        By how much its crossings raise the attraction of a sector, mean, shape (sectors,).
    """

    risk: Floats
    monthly: Floats
    outside_share: Floats
    feeding: Floats
    pull: Floats


@dataclass(frozen=True)
class Flows:
    """Where events leave.

    Attributes
    ----------
    sectors
        Index ``sector_id``: ``expected`` (events a year) with its 90 % interval ``lower``, ``upper``;
        ``expected_rank``, ``p_top5``, ``p_top10``, ``p_top20`` (`models.ranks.summarise`); ``crossings`` (expected
        number), ``crossing_factor`` (by how much they raise the attraction), ``reasons`` (tuples of Message).
    months
        Index ``sector_id``, ``month`` (1 to 12): ``expected`` with ``lower``, ``upper``.
    feeders
        ``sector_id``, ``commune_code``, ``expected`` (events a year), ``share`` (of the sector's flow): the communes of
        each sector, from the greatest share down.
    origins
        Index ``commune_code``: ``expected`` (its risk), ``outside`` (events a year of it by other ways than over a
        sector), ``outside_share`` with ``lower``, ``upper``, ``nearest_hours`` (to the nearest sector, in the best
        month).
    draws
        Events a year, index ``sector_id``, a column for each draw.
    notes
        What a reader must know of all this.
    """

    sectors: pd.DataFrame
    months: pd.DataFrame
    feeders: pd.DataFrame
    origins: pd.DataFrame
    draws: pd.DataFrame
    notes: tuple[Message, ...]


def flow_tables(
    draws: FlowDraws, communes: pd.Index, ways: Ways, names: pd.Index, hours: Floats, notes: tuple[Message, ...]
) -> Flows:
    """Return the tables; ``names`` are those of the communes, ``hours`` theirs to the nearest sector."""
    sector_ids = ways.sectors.rename("sector_id")
    yearly = draws.monthly.sum(axis=0)
    sectors = summarise(yearly, sector_ids, LEVEL).assign(crossings=ways.crossings, crossing_factor=draws.pull)
    sectors["reasons"] = [
        tuple(_reasons(ways, j, draws.feeding[:, j], names, draws.pull[j])) for j in range(len(sector_ids))
    ]
    return Flows(
        sectors,
        _by_month(draws.monthly, sector_ids),
        _feeders(draws.feeding, communes, sector_ids),
        _origins(draws, communes.rename("commune_code"), hours),
        pd.DataFrame(yearly, sector_ids),
        notes,
    )


def _by_month(monthly: Floats, sector_ids: pd.Index) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([sector_ids, MONTHS], names=["sector_id", "month"])
    rows = monthly.transpose(1, 0, 2).reshape(len(index), -1)
    lower, upper = _interval(rows)
    return pd.DataFrame({"expected": rows.mean(axis=1), "lower": lower, "upper": upper}, index=index)


def _feeders(feeding: Floats, communes: pd.Index, sector_ids: pd.Index) -> pd.DataFrame:
    commune, sector = feeding.nonzero()
    expected = feeding[commune, sector]
    table = pd.DataFrame(
        {
            "sector_id": sector_ids[sector],
            "commune_code": communes[commune],
            "expected": expected,
            "share": expected / feeding.sum(axis=0)[sector],
        }
    )
    order = np.lexsort((commune, -table["share"].to_numpy(), sector))
    return table.iloc[order].reset_index(drop=True)


def _origins(draws: FlowDraws, communes: pd.Index, hours: Floats) -> pd.DataFrame:
    lower, upper = _interval(draws.outside_share)
    columns = {
        "expected": draws.risk.mean(axis=1),
        "outside": (draws.risk * draws.outside_share).mean(axis=1),
        "outside_share": draws.outside_share.mean(axis=1),
        "lower": lower,
        "upper": upper,
        "nearest_hours": hours,
    }
    return pd.DataFrame(columns, index=communes)


def _interval(rows: Floats) -> tuple[Floats, Floats]:
    lower, upper = np.quantile(rows, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=1)
    return lower, upper


def _reasons(ways: Ways, sector: int, feeding: Floats, names: pd.Index, pull: float) -> Iterator[Message]:
    if not ways.region.reached[..., sector].any():
        yield Message("by the travel times no way leads from any commune to this sector")
        return
    if not feeding.sum() > 0:
        yield Message("no event is expected in the communes from which this sector can be reached")
        return
    first = [i for i in np.argsort(-feeding, kind="stable")[:NAMED] if feeding[i] > 0]
    shares = 100 * feeding[first] / feeding.sum()
    listed = ", ".join(f"{names[i]} ({share:.0f} %)" for i, share in zip(first, shares, strict=True))
    yield Message("moved here above all from {feeders}", {"feeders": listed})
    if ways.crossings[sector] > 0:
        yield Message("crossings here: attraction × {factor}", {"factor": pull})
