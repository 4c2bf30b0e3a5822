"""The join: rows of records to communes, by code and vintage, by point, or by name."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.commune_names import A_SUM, CommuneNames, Meaning
from geo.contradictions import far_points, settle_code
from geo.errors import Message
from geo.names import is_whole
from geo.point_join import PointJoin
from geo.schema import PLACE
from geo.village_names import VillageNames

PLACEMENTS = ("code", "point", "near", "name", "fuzzy", "village", "unplaced", "refused")
"""How a row found its commune.

``near`` is a point just outside, ``fuzzy`` a name that is only alike, ``unplaced`` has none, ``refused`` a wrong one.
"""

NEAR_M = {"official": 100.0, "approximate": 3000.0}
"""How far outside all communes a point may lie and still belong to the nearest, by quality of the polygons."""

_WORDS = ["commune_code", "vintage", "commune", "district", "village"]
_TEXTS = ["unit_code", "placement", "column", "mend", "code", "vintage", "also"]


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
    former
        Names and codes of before (`geo.boundaries.former_names`), if they are to be found too.
    villages
        The user's list of villages (`geo.villages.load_villages`), if there is one.
    """

    communes: gpd.GeoDataFrame
    facts: dict[str, pd.DataFrame]
    crosswalk: pd.DataFrame
    crs: str
    former: pd.DataFrame | None = None
    villages: pd.DataFrame | None = None

    @property
    def vintage(self) -> str:
        """The vintage of the workspace's units."""
        return str(self.communes["vintage"].iloc[0])

    @cached_property
    def codes(self) -> dict[str, frozenset[str]]:
        """The codes of each vintage."""
        return {vintage: frozenset(table["commune_code"]) for vintage, table in self.facts.items()}

    @cached_property
    def former_codes(self) -> dict[str, tuple[str, str]]:
        """Codes that no vintage has any more, each with the code and vintage of the unit that it lies whole in."""
        if self.former is None or "former_code" not in self.former:
            return {}
        known = frozenset().union(*self.codes.values())
        gone = self.former[~self.former["former_code"].isin(known)]
        return dict(zip(gone["former_code"], zip(gone["commune_code"], gone["vintage"], strict=True), strict=True))

    @cached_property
    def names(self) -> CommuneNames:
        """The names of all vintages, ready to be asked."""
        return CommuneNames(self.facts, self.crosswalk, self.former)

    @cached_property
    def point_join(self) -> PointJoin:
        """The workspace's units, ready to be asked which of them holds a point."""
        return PointJoin(self.communes, self.crs)

    @cached_property
    def village_names(self) -> VillageNames | None:
        """The villages, each in the commune of its code, or of its point where the code has no commune any more."""
        if self.villages is None:
            return None
        units = place(self.villages[["commune_code", "vintage"]], self)["unit_code"]
        units = units.fillna(place(self.villages[["lon", "lat"]], self)["unit_code"])
        within = map(self.names.districts_of, self.villages["vintage"], self.villages["commune_code"])
        return VillageNames(self.villages["village"], units, within)


def place(rows: pd.DataFrame, gazetteer: Gazetteer, default_vintage: str | None = None) -> pd.DataFrame:
    """Find the commune of each row.

    A code is looked up in its row's vintage (or the default) and carried to the workspace's; a point is joined to
    the polygons; a name is matched as `geo.commune_names` does, within its district if that is given; a village by
    the user's list. A row that only names a district, or nothing, or a unit that was since split between several,
    stays unplaced. The first of code, point, commune and village that is given decides. A row whose code has the name
    of another commune beside it, or whose point lies far from the commune that it names, is refused.

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
        Index of ``rows``; ``unit_code`` (text or missing), ``placement`` (one of `PLACEMENTS`), and

        - for refused and unplaced rows ``column`` and ``reason`` (a Message), and ``mend``, what a name likely is;
        - ``repair`` (a Message) where a code or name was not read as written;
        - ``code`` and ``vintage``, as which it was read: a row that keeps the vintage is read so again;
        - ``also``, for rows that name no vintage, another one in which it is another place (see `vintage_doubts`).
    """
    rows = rows.reindex(columns=list(PLACE))
    rows = rows.astype({name: "str" for name in PLACE if name not in ("lon", "lat")})
    pointed = rows["lon"].notna() & rows["lat"].notna()
    by_point = rows["commune_code"].isna() & pointed
    # Few codes and names stand in many rows: each is looked up once.
    words = rows.loc[~by_point | rows["commune"].notna(), _WORDS]
    number = words.groupby(_WORDS, dropna=False, sort=False).ngroup()
    of_words = _by_words(words.drop_duplicates(ignore_index=True), gazetteer, default_vintage or gazetteer.vintage)
    of_words = of_words.iloc[number].set_axis(words.index)
    parts = [_by_point(rows.loc[by_point], gazetteer), of_words.loc[~by_point[of_words.index]]]
    found = pd.concat([part for part in parts if len(part)] or parts[:1]).loc[rows.index]
    return _without_far_points(found, rows, of_words.loc[pointed[of_words.index], "unit_code"], gazetteer)


def _without_far_points(
    found: pd.DataFrame, rows: pd.DataFrame, named: pd.Series, gazetteer: Gazetteer
) -> pd.DataFrame:
    """Refuse rows whose point lies far from the unit that their words name."""
    units = gazetteer.communes
    reach = NEAR_M[str(units["geometry_quality"].iloc[0])]
    far = far_points(rows.loc[named.index], named, units, gazetteer.crs, reach)
    far = far[found.loc[far.index, "placement"] != "refused"]
    if far.empty:
        return found
    found.loc[far.index] = pd.DataFrame({"placement": "refused", "column": "lon", "reason": far}, index=far.index)
    return found


def vintage_doubts(found: pd.DataFrame) -> list[Message]:
    """Return what to say once of a file whose codes or names, as `place` found them, are other places elsewhere."""
    pairs = found.dropna(subset=["also"]).groupby(["vintage", "also"]).size()
    return [
        Message(
            "{n} rows give a code or name that is another place in {other}; they were read as of {vintage}. "
            "If they are of {other}, add the file with --vintage {other}",
            {"n": int(n), "vintage": vintage, "other": other},
        )
        for (vintage, other), n in pairs.items()
    ]


def restore_zeros(codes: pd.Series, known: Collection[str]) -> pd.Series:
    """Give codes the leading zeros back that spreadsheets take, where that makes a known code.

    >>> list(restore_zeros(pd.Series(["3160", "03160", "9"]), {"03160"}))
    ['03160', '03160', '9']
    """
    padded = codes.str.removesuffix(".0").str.zfill(5)
    return codes.mask(padded.isin(known), padded)


def _by_words(rows: pd.DataFrame, gazetteer: Gazetteer, default: str) -> pd.DataFrame:
    """Place rows without a point: first what the words mean, then the workspace's unit of that."""
    as_written = rows["commune_code"]
    known = frozenset(gazetteer.former_codes).union(*gazetteer.codes.values())
    rows = rows.assign(commune_code=restore_zeros(as_written, known))
    given = rows["vintage"].notna()
    filled = rows.fillna({"vintage": default}).astype(object).where(lambda cells: cells.notna(), "")
    meanings = [_meaning(row, gazetteer, its_own) for row, its_own in zip(filled.itertuples(), given, strict=True)]
    found = pd.DataFrame(meanings, columns=list(Meaning._fields), index=rows.index)
    repaired = (
        found["repair"].isna() & found["code"].notna() & as_written.notna() & (rows["commune_code"] != as_written)
    )
    found.loc[repaired, "repair"] = [Message("read as {name}", {"name": code}) for code in found.loc[repaired, "code"]]
    return _carry(found, gazetteer)


def _meaning(row: Any, gazetteer: Gazetteer, given: bool) -> Meaning:
    """Return what a row's words mean; the first of code, commune, village and district that it gives decides."""
    if row.vintage not in gazetteer.codes:  # only in a store that another program wrote into
        return Meaning(
            column="vintage", reason=Message("is not one of: {allowed}", {"allowed": ", ".join(gazetteer.codes)})
        )
    if row.commune_code:
        coded = _code_meaning(row.commune_code, row.vintage, gazetteer, given)
        return _beside_a_name(row, coded, gazetteer, given) if coded.code and row.commune else coded
    if row.commune:
        return gazetteer.names.find(row.commune, row.district, row.vintage, given=given)
    within = gazetteer.names.district(row.district) if row.district else ""
    if within is None:
        reason = A_SUM if is_whole(row.district) else Message("is not the name of a district")
        return Meaning(column="district", reason=reason)
    if row.village and gazetteer.village_names:
        return gazetteer.village_names.find(row.village, within)
    return Meaning(placement="unplaced", column="district", reason=Message("has no place below the district"))


def _beside_a_name(row: Any, coded: Meaning, gazetteer: Gazetteer, given: bool) -> Meaning:
    """Hold a code against the name that stands beside it."""
    others = [] if given else [vintage for vintage, codes in gazetteer.codes.items() if coded.code in codes]
    named = gazetteer.names.find(row.commune, row.district, row.vintage, given=given)

    def unit_of(code: str | None, vintage: str | None) -> str | None:
        unit = _carried(pd.Series([code]), pd.Series([vintage]), gazetteer).iloc[0]
        return None if pd.isna(unit) else str(unit)

    vintages = dict.fromkeys([str(coded.vintage), *others])
    return settle_code(coded, row.commune, named, gazetteer.names, vintages, unit_of)


def _code_meaning(code: str, vintage: str, gazetteer: Gazetteer, given: bool) -> Meaning:
    elsewhere = [other for other, codes in gazetteer.codes.items() if other != vintage and code in codes]
    if code in gazetteer.codes[vintage]:
        twin = (elsewhere[0], code) if elsewhere and not given else (None, None)
        return Meaning(code, vintage, "code", "commune_code", None, None, None, *twin)
    now, since = gazetteer.former_codes.get(code, (None, None))
    if now and (vintage == since or not given):
        said = Message("is a code of before {vintage}, read as {name}", {"vintage": since, "name": now})
        return Meaning(now, since, "code", "commune_code", repair=said)
    reason = Message("is not the code of any commune")
    if elsewhere:
        values = {"vintage": vintage, "other": elsewhere[0]}
        reason = Message("is not a code of {vintage}; it is one of {other}: give the vintage", values)
    return Meaning(column="commune_code", reason=reason)


def _carry(found: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Carry what was found to the workspace's units; what is several of them stays unplaced."""
    units = _carried(found["code"], found["vintage"], gazetteer)
    several = found["code"].notna() & units.isna()
    for vintage in found.loc[several, "vintage"].unique():
        values = {"vintage": vintage, "other": gazetteer.vintage}
        reason = Message("is a unit of {vintage} made of several units of {other}", values)
        found.loc[several & (found["vintage"] == vintage), "reason"] = reason
    twins = _carried(found["twin_code"], found["twin_vintage"], gazetteer)
    differs = found["twin_code"].notna() & (units.fillna("") != twins.fillna(""))
    return _table(
        unit_code=units,
        placement=found["placement"].mask(several, "unplaced"),
        column=found["column"],
        reason=found["reason"],
        mend=found["mend"],
        code=found["code"].where(found["vintage"].notna()),
        vintage=found["vintage"],
        repair=found["repair"],
        also=found["twin_vintage"].where(differs),
    )


def _carried(codes: pd.Series, vintages: pd.Series, gazetteer: Gazetteer) -> pd.Series:
    """Return the workspace's units of codes: old units lie whole in new ones; a new unit may be several old ones."""
    walk = gazetteer.crosswalk
    forward = walk.set_index("old_code")["new_code"]
    whole = walk[~walk["new_code"].duplicated(keep=False)].set_index("new_code")["old_code"]
    units, vintages = codes.astype("str"), vintages.astype("str")
    units = units.mask(vintages < gazetteer.vintage, units.map(forward))
    return units.mask(vintages > gazetteer.vintage, units.map(whole)).astype("str")


def _table(unit_code: pd.Series, **columns: object) -> pd.DataFrame:
    """Return the columns of what was found, in their types; messages are objects."""
    table = pd.DataFrame({"unit_code": unit_code, **columns}, index=unit_code.index)
    return table.astype({name: "str" if name in _TEXTS else object for name in table})


def _by_point(rows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Join points to polygons; what lies just outside all of them belongs to the nearest."""
    join, reach = gazetteer.point_join, NEAR_M[str(gazetteer.communes["geometry_quality"].iloc[0])]
    lon, lat = (rows[axis].to_numpy(dtype=np.float64) for axis in ("lon", "lat"))
    unit = join.holding(lon, lat)
    outside = np.flatnonzero(unit < 0)
    unit[outside] = join.near(lon[outside], lat[outside], reach)
    placement: NDArray[np.object_] = np.full(len(rows), "point", dtype=object)
    placement[outside] = np.where(unit[outside] < 0, "refused", "near")
    found = np.where(unit < 0, None, join.codes[unit])
    reason: NDArray[np.object_] = np.full(len(rows), None, dtype=object)
    reason[placement == "refused"] = Message("lies outside the province")
    nothing = dict.fromkeys(("mend", "code", "vintage", "repair", "also"))
    return _table(pd.Series(found, rows.index), placement=placement, column="lon", reason=reason, **nothing)
