"""Cells that name a commune together with its village or district: “Bản A Pa Chải, xã Sín Thầu, huyện Mường Nhé”."""

import re
from functools import cache

import pandas as pd

from geo import boundaries
from geo.errors import Message
from geo.names import DISTRICT_KINDS, fold, is_whole, kind_of, sound
from geo.schema import VINTAGES
from geo.village_names import fold_village

IN_PARTS = Message("names several units in one cell and was read in its parts")

_BETWEEN = re.compile(r"\s*[,;()]\s*|\s+[-–—]\s+")


def in_parts(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """Return rows whose cells of communes hold communes only, and which rows were read in parts.

    Parameters
    ----------
    cells
        Rows in our columns, text or None. A part that contradicts the row's own village or district is not taken.
    """
    if "commune" not in cells:
        return cells, cells.index[:0]
    read = {text: parts for text in cells["commune"].dropna().unique() if (parts := parts_of(text))}
    rows = cells.index[cells["commune"].isin(list(read))]
    of_rows = pd.DataFrame([read[text] for text in cells.loc[rows, "commune"]], index=rows, dtype=object)
    of_rows = of_rows.reindex(columns=["commune", "district", "village"])
    for name in ("district", "village"):
        own = cells.reindex(columns=[name]).loc[rows, name]
        other = own.notna() & of_rows[name].notna() & (own.map(fold, "ignore") != of_rows[name].map(fold, "ignore"))
        of_rows[name] = own.where(own.notna(), of_rows[name])
        of_rows, rows = of_rows[~other.loc[rows]], rows[~other.loc[rows]]
    if rows.empty:
        return cells, rows
    filled = cells.copy()
    for name in of_rows.columns[of_rows.notna().any()]:
        if name not in filled:
            filled[name] = pd.Series(None, filled.index, dtype=object)
        filled.loc[rows, name] = of_rows[name]
    return filled, rows


def parts_of(text: str) -> dict[str, str] | None:
    """Return the commune, district and village that a text names, None if it is not one of each at most.

    >>> parts_of("Bản A Pa Chải, xã Sín Thầu, huyện Mường Nhé")
    {'village': 'Bản A Pa Chải', 'commune': 'xã Sín Thầu', 'district': 'huyện Mường Nhé'}
    >>> parts_of("xã Sín Thầu (Mường Nhé)"), parts_of("Sín Thầu - Nậm Kè")
    ({'commune': 'xã Sín Thầu', 'district': 'Mường Nhé'}, None)
    """
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) > 1 and is_whole(parts[-1]):
        parts.pop()
    elif len(parts) == 1:
        return None
    read: dict[str, str] = {}
    for place, part in enumerate(parts):
        name = _unit(part, last=place == len(parts) - 1 > 0)
        if name in read or "district" in read or (name == "village" and read):
            return None
        read[name] = part
    return read if "commune" in read else None


def _unit(part: str, *, last: bool) -> str:
    kind = kind_of(part)
    if kind in DISTRICT_KINDS or (last and not kind and sound(part) in _districts()):
        return "district"
    return "village" if not kind and fold_village(part) != fold(part) else "commune"


@cache
def _districts() -> frozenset[str]:
    return frozenset(map(sound, boundaries.facts(VINTAGES[0])["district"].dropna()))
