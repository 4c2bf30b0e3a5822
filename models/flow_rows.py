"""Tables of costs, sectors and choices as the arrays of `models.flow_choice`, checked."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message, ModelError
from models.flow_choice import Chosen, Region

MONTHS = np.arange(1, 13)

Costs: TypeAlias = pd.DataFrame | Mapping[int, pd.DataFrame]
"""Hours from communes (index) to sectors (columns), infinite where no way leads; for the whole year or by month."""


class Ways(NamedTuple):
    """Costs and sectors.

    Attributes
    ----------
    origins, sectors
        Their names, in the order of the arrays.
    region
        The arrays.
    season
        Of each month, its position among the seasons, shape (12,).
    crossings
        Expected number by sector, shape (sectors,).
    """

    origins: pd.Index
    sectors: pd.Index
    region: Region
    season: NDArray[np.intp]
    crossings: NDArray[np.float64]


class Choices(NamedTuple):
    """What cases chose, and what was not used of them."""

    chosen: Chosen
    notes: tuple[Message, ...]


def read_ways(costs: Costs, sectors: pd.DataFrame | None) -> Ways:
    """Return costs and sectors as arrays.

    Raises
    ------
    ModelError
        If there is no origin or no sector, a month lacks costs, tables differ, or a value cannot be.
    """
    by_month = dict.fromkeys(MONTHS, costs) if isinstance(costs, pd.DataFrame) else dict(costs)
    if sorted(by_month) != MONTHS.tolist():
        raise ModelError("Travel times by month must be given for the months 1 to 12; got {n} months", n=len(by_month))
    tables = list({id(by_month[month]): by_month[month] for month in MONTHS}.values())
    origins, names = tables[0].index, tables[0].columns
    if not len(origins) or not len(names):
        raise ModelError("Flows need at least one commune and one border sector")
    if not (origins.is_unique and names.is_unique):
        raise ModelError("A commune or sector stands twice in the travel times; each may stand once")
    if not all(table.index.equals(origins) and table.columns.equals(names) for table in tables):
        raise ModelError("The travel times of all months must have the same communes and sectors in the same order")
    hours = np.stack([table.to_numpy(dtype=float) for table in tables])
    if np.isnan(hours).any() or (hours < 0).any():
        raise ModelError("Travel times must be 0 or more hours, infinite where no way leads; some are missing or less")
    position = {id(table): number for number, table in enumerate(tables)}
    season = np.array([position[id(by_month[month])] for month in MONTHS])
    length, crossings = _attractions(sectors, names)
    reached = np.isfinite(hours)
    region = Region(
        np.where(reached, hours, 0.0),
        reached,
        np.bincount(season, minlength=len(tables)) / 12,
        np.log(length / length.mean()),
        np.log1p(crossings),
    )
    return Ways(origins, names, region, season, crossings)


def read_choices(ways: Ways, cases: pd.DataFrame | None, outside_recorded: bool) -> Choices:
    """Return what cases chose: ``case_id``, ``commune_code``, ``sector_id``, and ``month`` if costs have seasons.

    Raises
    ------
    ModelError
        If a column is missing, or communes, sectors or months are not those of the costs.
    """
    if cases is None:
        cases = pd.DataFrame(columns=["case_id", "commune_code", "sector_id", "month"])
    needed = ["case_id", "commune_code", "sector_id"] + ["month"] * (len(ways.region.weights) > 1)
    if lacking := [name for name in needed if name not in cases]:
        raise ModelError("The cases lack the columns {columns}", columns=", ".join(lacking))
    origin, sector = ways.origins.get_indexer(cases["commune_code"]), ways.sectors.get_indexer(cases["sector_id"])
    strange = int((origin < 0).sum() + ((sector < 0) & cases["sector_id"].notna()).sum())
    if strange:
        raise ModelError("{n} rows of cases name communes or sectors that the travel times do not have", n=strange)
    season = np.zeros(len(cases), dtype=np.intp)
    if "month" in needed:
        if not cases["month"].isin(MONTHS).all():
            raise ModelError("Each case needs a month from 1 to 12, because the travel times have seasons")
        season = ways.season[cases["month"].to_numpy(dtype=int) - 1]
    case, _ = pd.factorize(cases["case_id"])
    count = case.max(initial=-1) + 1
    first = np.array([np.argmax(case == number) for number in range(count)], dtype=np.intp)
    if (case < 0).any() or (origin != origin[first][case]).any() or (season != season[first][case]).any():
        raise ModelError("Each case needs a case_id, and its rows one commune and one month")
    sets = np.zeros((count, len(ways.sectors)), dtype=bool)
    sets[case[sector >= 0], sector[sector >= 0]] = True
    chosen = Chosen(season[first], origin[first], sets, outside_recorded)
    return _usable(ways.region, chosen)


def read_season(season: pd.Series | None) -> NDArray[np.float64]:
    """Return the share of a year's events in each month.

    Raises
    ------
    ModelError
        If it does not have the months 1 to 12, or values that are no shares.
    """
    if season is None:
        return np.full(12, 1 / 12)
    shares = season.reindex(MONTHS).to_numpy(dtype=float)
    if len(season) != 12 or not (np.isfinite(shares).all() and (shares >= 0).all() and shares.sum() > 0):
        raise ModelError("A season needs a share of 0 or more for each of the months 1 to 12")
    scaled: NDArray[np.float64] = shares / shares.sum()
    return scaled


def _attractions(sectors: pd.DataFrame | None, names: pd.Index) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lengths and expected crossings of the sectors; without a table all are alike."""
    if sectors is None:
        return np.ones(len(names)), np.zeros(len(names))
    if lost := int((~names.isin(sectors.index)).sum()):
        raise ModelError("{n} sectors of the travel times are not in the table of sectors", n=lost)
    table = sectors.loc[names]
    length, crossings = (table[name].to_numpy(dtype=float) for name in ("length_km", "crossings"))
    if not ((length > 0).all() and (crossings >= 0).all() and np.isfinite(length + crossings).all()):
        raise ModelError("Sectors need a length above 0 km and 0 or more crossings")
    return length, crossings


def _usable(region: Region, chosen: Chosen) -> Choices:
    """Leave out what cannot be: sectors that no way leads to; and other ways if they are not recorded like the rest."""
    outside = ~chosen.sectors.any(axis=1)
    reached = chosen.sectors & region.reached[chosen.season, chosen.origin]
    cut = ~outside & ~reached.any(axis=1)
    notes = []
    if cut.any():
        notes.append(
            Message(
                "{n} cases crossed where by the travel times no way leads from their commune; they are left out of the "
                "fit: look at crossing, commune and closed terrain",
                {"n": int(cut.sum())},
            )
        )
    unused = outside & (not chosen.outside_recorded)
    if unused.any():
        notes.append(
            Message(
                "{n} cases left by other ways; they are left out of the fit, because others like them may lack records",
                {"n": int(unused.sum())},
            )
        )
    used = ~cut & ~unused
    rows = chosen.season[used], chosen.origin[used], reached[used]
    return Choices(Chosen(*rows, chosen.outside_recorded), tuple(notes))
