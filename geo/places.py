"""The join: rows of records to communes, by code and vintage, by point, or by name."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import STORED, metric_crs
from geo.errors import Message
from geo.names import bare, fold, tidy
from geo.schema import PLACE

PLACEMENTS = ("code", "point", "near", "name", "unplaced", "refused")
"""How a row found its commune: ``near`` is a point just outside, ``unplaced`` has none, ``refused`` has a wrong one."""

NEAR_M = {"official": 100.0, "approximate": 3000.0}
"""How far outside all communes a point may lie and still belong to the nearest, by quality of the polygons."""


@dataclass(frozen=True)
class Gazetteer:
    """What is needed to find a commune: the workspace's units, and the names and codes of every vintage.

    Attributes
    ----------
    communes
        The workspace's layer (`geo.schema.COMMUNES`), one vintage.
    facts
        For each known vintage, a table with ``commune_code``, ``name``, ``district``.
    crosswalk
        ``old_code`` → ``new_code``: every old unit lies whole in one new unit.
    crs
        The metric CRS for distances.
    """

    communes: gpd.GeoDataFrame
    facts: dict[str, pd.DataFrame]
    crosswalk: pd.DataFrame
    crs: str

    @property
    def vintage(self) -> str:
        """The vintage of the workspace's units."""
        return str(self.communes["vintage"].iloc[0])


def place(rows: pd.DataFrame, gazetteer: Gazetteer, default_vintage: str | None = None) -> pd.DataFrame:
    """Find the commune of each row.

    A code is looked up in its row's vintage (or the default) and carried to the workspace's; a point is joined to
    the polygons; a name is matched exactly, then folded, within its district if that is given. A row that only
    names a district, or nothing, or a unit that was since split between several, stays unplaced. The first of
    code, point and name that is given decides.

    Parameters
    ----------
    rows
        Records with any of the columns of `geo.schema.PLACE`.
    gazetteer
        The units.
    default_vintage
        Vintage of codes and names in rows that name none; the workspace's if not given.

    Returns
    -------
    pandas.DataFrame
        Index of ``rows``; ``unit_code`` (text or missing), ``placement`` (one of `PLACEMENTS`), ``column`` and
        ``reason`` (a Message, for refused and unplaced rows).
    """
    rows = rows.reindex(columns=list(PLACE))
    rows = rows.astype({name: "str" for name in PLACE if name not in ("lon", "lat")})
    vintage = rows["vintage"].fillna(default_vintage or gazetteer.vintage)
    by_code = rows["commune_code"].notna()
    by_point = ~by_code & rows["lon"].notna() & rows["lat"].notna()
    by_name = ~by_code & ~by_point & rows["commune"].notna()
    parts = [
        _by_point(rows.loc[by_point], gazetteer),
        _by_district(rows.loc[~by_code & ~by_point & ~by_name, "district"], gazetteer),
    ]
    for of_vintage in sorted(set(vintage)):
        here = vintage == of_vintage
        parts.append(_by_code(rows.loc[by_code & here, "commune_code"], of_vintage, gazetteer))
        parts.append(_by_name(rows.loc[by_name & here], of_vintage, gazetteer))
    return pd.concat([part for part in parts if len(part)] or parts[:1]).loc[rows.index]


class _Found:
    """Rows being placed: a commune, or else a reason why there is none."""

    def __init__(self, index: pd.Index, column: str, placement: str) -> None:
        self.index, self.column, self.placement = index, column, placement
        self.units = pd.Series(pd.NA, index=index, dtype="str")
        self.unplaced = np.full(len(index), fill_value=False)
        self.reasons = np.full(len(index), None, dtype=object)

    def explain(self, where: pd.Series | NDArray[np.bool_], reason: Message) -> None:
        """Give a reason to rows that have none yet."""
        self.reasons[np.asarray(where, dtype=bool) & (self.reasons == None)] = reason  # noqa: E711

    def table(self) -> pd.DataFrame:
        lost = self.units.isna().to_numpy()
        placement = np.where(lost, np.where(self.unplaced, "unplaced", "refused"), self.placement)
        return pd.DataFrame(
            {
                "unit_code": self.units,
                "placement": pd.Series(placement, index=self.index, dtype="str"),
                "column": pd.Series(self.column, index=self.index, dtype="str"),
                "reason": pd.Series(self.reasons, index=self.index, dtype=object).where(lost, None),
            }
        )


def _by_code(codes: pd.Series, vintage: str, gazetteer: Gazetteer) -> pd.DataFrame:
    found = _Found(codes.index, "commune_code", "code")
    known = codes.isin(gazetteer.facts[vintage]["commune_code"])
    _carry(found, codes.where(known), vintage, gazetteer)
    for other, table in gazetteer.facts.items():
        elsewhere = ~known & codes.isin(table["commune_code"])
        values = {"vintage": vintage, "other": other}
        found.explain(elsewhere, Message("is not a code of {vintage}; it is one of {other}: give the vintage", values))
    found.explain(~known, Message("is not the code of any commune"))
    return found.table()


def _carry(found: _Found, codes: pd.Series, vintage: str, gazetteer: Gazetteer) -> None:
    """Carry codes to the workspace's vintage: old units lie whole in new ones; a new unit may be several old ones."""
    codes = codes.astype("str")
    walk = gazetteer.crosswalk
    if vintage == gazetteer.vintage:
        found.units = codes
    elif vintage < gazetteer.vintage:
        found.units = codes.map(walk.set_index("old_code")["new_code"]).astype("str")
    else:
        whole = walk[~walk["new_code"].duplicated(keep=False)]
        found.units = codes.map(whole.set_index("new_code")["old_code"]).astype("str")
        split = codes.notna() & found.units.isna()
        values = {"vintage": vintage, "other": gazetteer.vintage}
        found.unplaced |= split.to_numpy()
        found.explain(split, Message("is a unit of {vintage} made of several units of {other}", values))


def _by_point(rows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Join points to polygons by a spatial index; of overlapping polygons the one with the smaller code is taken."""
    units = gazetteer.communes.sort_values("commune_code", ignore_index=True)
    codes = units["commune_code"].to_numpy()
    points = gpd.GeoSeries.from_xy(rows["lon"], rows["lat"], crs=STORED, index=rows.index)
    inside, near = _Found(rows.index, "lon", "point"), _Found(rows.index, "lon", "near")
    position, unit = units.sindex.query(points, predicate="intersects")
    position, first = np.unique(position, return_index=True)
    inside.units.iloc[position] = codes[unit[first]]
    outside = inside.units.isna()
    if not outside.any():
        return inside.table()
    position, unit = _nearest(points[outside], units, gazetteer.crs)
    near.units.loc[points[outside].index[position]] = codes[unit]
    near.explain(near.units.isna(), Message("lies outside the province"))
    return pd.concat([inside.table()[~outside], near.table()[outside]])


def _nearest(points: gpd.GeoSeries, units: gpd.GeoDataFrame, crs: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return positions of points that lie just outside all units, and of the units they are nearest to."""
    metric = points.to_crs(metric_crs(crs))
    usable = np.flatnonzero(np.isfinite(metric.x) & np.isfinite(metric.y))
    reach = NEAR_M[str(units["geometry_quality"].iloc[0])]
    index = units.to_crs(metric_crs(crs)).sindex
    position, unit = index.nearest(metric.iloc[usable], return_all=False, max_distance=reach)
    return usable[position], unit


def _by_name(rows: pd.DataFrame, vintage: str, gazetteer: Gazetteer) -> pd.DataFrame:
    found = _Found(rows.index, "commune", "name")
    codes = pd.Series(pd.NA, index=rows.index, dtype="str")
    # Few names stand in many rows: look each (name, district) up once.
    for (name, district), group in rows.fillna({"district": ""}).groupby(["commune", "district"], sort=False):
        matches = _candidates(gazetteer.facts[vintage], str(name), str(district))
        here = rows.index.isin(group.index)
        if len(matches) == 1:
            codes[here] = matches[0]
        elif matches:
            found.explain(here, Message("is the name of more than one commune: give the district or the code"))
    found.explain(codes.isna(), Message("is not the name of a commune of {vintage}", {"vintage": vintage}))
    _carry(found, codes, vintage, gazetteer)
    return found.table()


def _candidates(facts: pd.DataFrame, name: str, district: str) -> list[str]:
    """Return the codes that a name can mean: exact matches if there are any, else folded ones."""
    if district and facts["district"].notna().any():
        facts = facts[facts["district"].map(fold, na_action="ignore") == fold(district)]
    whole, named = facts["name"].map(lambda unit: tidy(unit).lower()), tidy(name).lower()
    for matches in (whole == named, facts["name"].map(bare) == bare(name), facts["name"].map(fold) == fold(name)):
        if matches.any():
            return list(facts.loc[matches, "commune_code"])
    return []


def _by_district(districts: pd.Series, gazetteer: Gazetteer) -> pd.DataFrame:
    found = _Found(districts.index, "district", "")
    known = {fold(name) for table in gazetteer.facts.values() for name in table["district"].dropna()}
    wrong = districts.notna() & ~districts.map(fold, na_action="ignore").isin(known)
    found.unplaced = ~wrong.to_numpy()
    found.explain(wrong, Message("is not the name of a district"))
    found.explain(~wrong, Message("has no place below the district"))
    return found.table()
