"""Loading a border line from an office's file."""

from collections.abc import Collection, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.border import cut_sectors
from geo.checks import Finding
from geo.errors import Message, SchemaError
from geo.names import fold
from geo.schema import NEIGHBOURS
from geo.vector import read_layer

_NEIGHBOURS = {
    "lao": "LAO",
    "la": "LAO",
    "laos": "LAO",
    "chn": "CHN",
    "cn": "CHN",
    "china": "CHN",
    "trung quoc": "CHN",
    "khm": "KHM",
    "kh": "KHM",
    "cambodia": "KHM",
    "campuchia": "KHM",
}
"""What files call the neighbouring countries, folded."""


def load_border(
    path: Path,
    *,
    crs: str,
    declared_crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    expected: Collection[str] = (),
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read border lines, keep those to Laos, China and Cambodia, and cut them into sectors.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile or zipped Shapefile with a column that names the neighbour.
    crs
        The workspace's metric CRS.
    declared_crs, layer
        See `geo.vector.read_layer`.
    columns
        ``{"neighbour": NAME}`` if the column is not recognised by its content.
    expected
        Neighbours whose border must not go unsaid: those of the border that this one replaces.

    Returns
    -------
    tuple
        `geo.schema.BORDER` in EPSG:4326, and what was found.

    Raises
    ------
    SchemaError
        If no line to a neighbour is found.
    """
    lines = read_layer(path, kind="LineString", crs=declared_crs, layer=layer)
    column = (columns or {}).get("neighbour") or _neighbour_column(lines, path.name)
    if column not in lines:
        raise SchemaError("{file}: there is no column {columns}", file=path.name, columns=column)
    neighbour = lines[column].astype("str").fillna("").map(fold).map(_NEIGHBOURS)
    if neighbour.isna().all():
        raise SchemaError(
            "{file}: the column {column} names no neighbour ({known})",
            file=path.name,
            column=column,
            known=", ".join(NEIGHBOURS),
        )
    kept = gpd.GeoDataFrame({"neighbour": neighbour}, geometry=lines.geometry).dropna(subset="neighbour")
    sectors = cut_sectors(kept, crs, geometry_quality="official")
    findings = [_lengths(sectors)]
    if missing := sorted(set(expected) - set(sectors["neighbour"])):
        message = Message(
            "There is no line to {missing}; that border has no sectors now", {"missing": ", ".join(missing)}
        )
        findings.append(Finding("missing", "warning", message))
    if len(kept) < len(lines):
        message = Message(
            "{n} lines that face no neighbour ({known}) were left out",
            {"n": len(lines) - len(kept), "known": ", ".join(NEIGHBOURS)},
        )
        findings.append(Finding("neighbour", "warning", message))
    return sectors, findings


def _neighbour_column(lines: gpd.GeoDataFrame, name: str) -> str:
    for column in lines.columns.drop("geometry"):
        if lines[column].astype("str").fillna("").map(fold).isin(_NEIGHBOURS).any():
            return str(column)
    raise SchemaError(
        "{file}: no column names the neighbour ({known}); say which with --column neighbour=NAME",
        file=name,
        known=", ".join(NEIGHBOURS),
    )


def _lengths(sectors: gpd.GeoDataFrame) -> Finding:
    km: pd.Series = sectors.groupby("neighbour")["length_km"].sum()
    lengths = ", ".join(f"{name} {km[name]:.0f} km" for name in NEIGHBOURS if name in km)
    return Finding("length", "info", Message("{n} sectors: {lengths}", {"n": len(sectors), "lengths": lengths}))
