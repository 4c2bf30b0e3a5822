"""A commune layer of any other place: its units are what the file says, for nothing else is known of them."""

from collections.abc import Collection, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.checks import Finding, check_polygons, repair_polygons
from geo.communes import OWN_FIGURES, CommuneLayer, as_code, used_columns
from geo.crs import check_scale, metric_crs
from geo.errors import Message, SchemaError
from geo.names import sound
from geo.schema import CODE, COMMUNES
from geo.vector import read_layer

REQUIRED = ("commune_code", "name", "population")
OPTIONAL = ("district", "women_children")


def load_own_communes(
    path: Path,
    *,
    vintage: str,
    crs: str,
    declared_crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    repair: Collection[str] = (),
) -> CommuneLayer:
    """Read the communes of a province, several, or the whole country, as the file has them.

    No column is guessed: each is called as ours, or named. Areas are measured; how long a border each
    commune has is not known.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile or zipped Shapefile.
    vintage
        The unit system that the file is said to be of.
    crs
        The metric CRS in which areas are measured; it must be one for all of the layer.
    declared_crs, layer, repair
        See `geo.communes.load_communes`.
    columns
        Our column names → the file's: `REQUIRED`, and ``district``, the unit that a commune's name is unique in: the
        district or, since 2025, the province.

    Raises
    ------
    IntakeError, CrsError
        See `geo.vector.read_layer` and `geo.crs.check_scale`.
    SchemaError
        If a column is missing, or codes, names or populations are not whole. What the checks of the polygons find is
        returned.
    """
    file = read_layer(path, kind="Polygon", crs=declared_crs, layer=layer)
    used = _named(file, dict(columns or {}), path.name)
    units = _units(file, used, path.name)
    units, repairs = repair_polygons(units, crs, repair)
    metric = units.geometry.to_crs(metric_crs(crs))
    west, south, east, north = metric.total_bounds
    check_scale(metric_crs(crs), [west, east], [south, north])
    units = units.assign(
        vintage=vintage,
        area_km2=metric.area / 1e6,
        border_km_laos=np.nan,
        border_km_china=np.nan,
        geometry_quality="official",
    ).sort_values("commune_code", ignore_index=True)
    findings = [used_columns(used), *_shared_names(units), *repairs, *check_polygons(units, crs)]
    return CommuneLayer(COMMUNES.validate(units[list(COMMUNES.columns)]), tuple(findings))


def _named(file: gpd.GeoDataFrame, columns: dict[str, str], name: str) -> dict[str, str]:
    """Return ours → theirs of the columns that are named, or called as ours."""
    if unknown := sorted(columns.keys() - {*REQUIRED, *OPTIONAL}):
        raise SchemaError("A commune layer has no column {columns}", columns=", ".join(unknown))
    used = {ours: columns.get(ours, ours) for ours in (*REQUIRED, *OPTIONAL)}
    used = {ours: theirs for ours, theirs in used.items() if ours in (*REQUIRED, *columns) or theirs in file}
    if absent := [ours for ours, theirs in used.items() if theirs not in file]:
        raise SchemaError(
            "{file}: there is no column {columns}; name it with --column {first}=NAME; the file has {found}",
            file=name,
            columns=", ".join(used[ours] for ours in absent),
            first=absent[0],
            found=", ".join(map(str, file.columns.drop("geometry"))),
        )
    return used


def _units(file: gpd.GeoDataFrame, used: Mapping[str, str], name: str) -> gpd.GeoDataFrame:
    """Return the file in our columns, if each unit has a code of its own, a name and a population."""
    texts = {ours: file[used[ours]].astype("str").str.strip() for ours in used if ours not in OWN_FIGURES}
    figures = {ours: pd.to_numeric(file[used[ours]], errors="coerce") for ours in OWN_FIGURES if ours in used}
    codes = texts["commune_code"].fillna("").map(as_code)
    wrong = {
        "commune_code": ~codes.str.fullmatch(CODE) | codes.duplicated(keep=False),
        "name": texts["name"].fillna("") == "",
        "population": ~(figures["population"] >= 0),
    }
    if any(rows.any() for rows in wrong.values()):
        raise SchemaError(
            "{file}: of {n} units {codes} have no code of five digits of their own, {names} no name, and {people} no "
            "population; correct the file, or name its columns with --column",
            file=name,
            n=len(file),
            codes=int(wrong["commune_code"].sum()),
            names=int(wrong["name"].sum()),
            people=int(wrong["population"].sum()),
        )
    whole = {ours: column.round().astype("Int64") for ours, column in figures.items()}
    nothing = {
        "district": pd.Series(pd.NA, file.index, dtype="str"),
        "women_children": pd.Series(pd.NA, file.index, dtype="Int64"),
    }
    return gpd.GeoDataFrame({**nothing, **texts, **whole, "commune_code": codes}, geometry=file.geometry, crs=file.crs)


def _shared_names(units: gpd.GeoDataFrame) -> list[Finding]:
    """Say which names several units bear: a record that says no more is not placed."""
    sounds = units["name"].map(sound)
    shared = sounds.duplicated(keep=False)
    within = pd.DataFrame({"district": units["district"].fillna("").map(sound), "name": sounds}).duplicated(keep=False)
    if not shared.any():
        return []
    message = Message(
        "{n} units share their name with another one, {m} of them within one district or province: a record with the "
        "name alone is not placed; give its code",
        {"n": int(shared.sum()), "m": int(within.sum())},
    )
    return [Finding("shared", "info", message)]
