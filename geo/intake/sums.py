"""Rows that may count what others of their file count: of a longer time, of a whole district, or on another sheet."""

from dataclasses import dataclass

import pandas as pd

from geo.names import fold
from geo.schema import PLACE

MONTHS = {"day": 0, "month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""How many months a date of a precision stands for."""

SUMMED = {"cases": "victims", "outreach": "sessions"}
"""The count of each table whose rows may be sums."""

_WHOSE = ("source", "agency", "kind")
_NAMES = ("commune", "district", "village")
_BELOW_A_DISTRICT = [name for name in PLACE if name not in ("district", "vintage")]


@dataclass(frozen=True)
class Covering:
    """Rows that cover the time and place of others.

    Attributes
    ----------
    parts, first
        For each such row that may be a sum: how many rows it covers, and the first of them.
    besides
        Rows that cover single days of others but are not their sum: they can be records of their own.
    """

    parts: pd.Series
    first: pd.Series
    besides: pd.Index


def has_sums(rows: pd.DataFrame) -> bool:
    """Tell whether any row could cover others: it has a period, or a district alone."""
    periods = "date_precision" in rows and rows["date_precision"].notna().any()
    return bool(periods or ("district" in rows and _of_district(rows).any()))


def covering(rows: pd.DataFrame, table: str) -> Covering:
    """Find rows that may be sums of others of the same office: of their time, or of their district.

    A row may be one if it covers another that has a period too, or if it counts as much as several rows of single
    days. Of rows that cover each other (a year, its half and its quarters) the shortest are the parts.

    Parameters
    ----------
    rows
        Typed rows of a file that bring no identifier.
    table
        ``"cases"`` or ``"outreach"``.
    """
    left = _measured(rows, table)
    found = []
    for months in sorted(set(MONTHS.values()) - {0}):
        wide = left[left["months"] == months]
        found.append(_covered(wide, left[left["months"] < months], "place", months))
        left = left.drop(index=found[-1].index[found[-1]["is_sum"]])
    for months in sorted(MONTHS.values()):
        wide = left[left["of_district"] & (left["months"] == months)]
        parts = left[~left["of_district"] & (left["months"] <= months)]
        found.append(_covered(wide, parts, "district", months))
        left = left.drop(index=found[-1].index[found[-1]["is_sum"]])
    covers = pd.concat(found)
    sums = covers[covers["is_sum"]].sort_index()
    besides = covers.index[~covers["is_sum"] & (covers["months"] > 0)]
    return Covering(sums["n"].astype(int), sums["first"].astype(int), besides.unique().difference(sums.index))


def repeated_on_sheets(rows: pd.DataFrame, sheet: pd.Series) -> pd.Series:
    """Find rows that say in all columns what a row of an earlier sheet says; return that row for each.

    Parameters
    ----------
    rows
        Typed rows of a file, without identifiers.
    sheet
        The number of the sheet of each.
    """
    said = _alike(rows, list(rows))
    earliest = sheet.groupby(said).transform("min")
    first = rows.index.to_series().groupby([said, sheet]).transform("min").groupby(said).transform("min")
    return first[sheet > earliest]


def _measured(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return for each row its time, its place and district as numbers of groups, and its count."""
    precision = rows["date_precision"] if "date_precision" in rows else pd.Series("day", rows.index)
    district = rows["district"] if "district" in rows else pd.Series(None, rows.index, dtype=object)
    return pd.DataFrame(
        {
            "day": rows["date"].astype("int64"),
            "month": rows["date"].dt.year * 12 + rows["date"].dt.month - 1,
            "months": precision.map(MONTHS).fillna(0).astype(int),
            "place": _alike(_by_code(rows), [*_BELOW_A_DISTRICT, "district", *_WHOSE]),
            "district": _alike(rows, ["district", *_WHOSE]).where(district.notna(), -1),
            "of_district": _of_district(rows.assign(district=district)),
            "count": rows[SUMMED[table]].astype(float),
        }
    )


def _of_district(rows: pd.DataFrame) -> pd.Series:
    return rows["district"].notna() & rows.reindex(columns=_BELOW_A_DISTRICT).isna().all(axis=1)


def _by_code(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without the names of communes that have a code: files spell them in many ways."""
    if "commune_code" not in rows:
        return rows
    named = [name for name in (*_NAMES, "lon", "lat") if name in rows]
    return rows.assign(**{name: rows[name].mask(rows["commune_code"].notna()) for name in named})


def _alike(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return a number for each group of rows that say the same; places may be spelled otherwise."""
    said = rows[[name for name in columns if name in rows]].copy()
    for name in set(_NAMES) & set(said):
        said[name] = said[name].map({text: fold(text) for text in said[name].dropna().unique()})
    return said.groupby(list(said), dropna=False).ngroup() if len(said.columns) else pd.Series(0, rows.index)


def _covered(wide: pd.DataFrame, parts: pd.DataFrame, where: str, months: int) -> pd.DataFrame:
    """Return the wide rows in whose place and time parts lie: how many, the first, and whether they may be its sum."""
    parts = parts[parts[where] >= 0]
    time = "month" if months else "day"
    by = [where, "time"]
    wide, parts = (one.assign(time=one[time] // months if months else one[time]) for one in (wide, parts))
    added = parts.groupby(by).agg(sum=("count", "sum"), n=("count", "size"), longest=("months", "max"))
    added["first"] = parts.index.to_series().groupby([parts[name] for name in by]).min()
    wide = wide.join(added, on=by, how="inner")
    return wide.assign(is_sum=(wide["longest"] > 0) | ((wide["n"] > 1) & (wide["sum"] == wide["count"])))
