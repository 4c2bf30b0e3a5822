"""Loading a commune layer from an office's file: foreign columns recognised, units matched with the facts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.boundaries import facts
from geo.checks import Finding, check_polygons, repair_polygons
from geo.errors import Message, SchemaError
from geo.names import fold
from geo.schema import COMMUNES
from geo.vector import read_layer

OWN_FIGURES = ("population", "women_children")
"""Columns whose figures a file may bring; otherwise the facts' are used."""


MOST_NAMES = 0.2
"""With a larger share of names that do not fit their codes, the layer is taken to be of another vintage."""


@dataclass(frozen=True)
class CommuneLayer:
    """A commune layer in the columns of `geo.schema.COMMUNES`, and what its checks found."""

    communes: gpd.GeoDataFrame
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.level != "error" for finding in self.findings)


def load_communes(
    path: Path,
    *,
    vintage: str,
    crs: str,
    declared_crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    repair: Collection[str] = (),
    known: pd.DataFrame | None = None,
) -> CommuneLayer:
    """Read an official commune layer and match its units with the facts of ``vintage``.

    Units are matched by code; those left over by folded name within their district, then by folded name alone
    where that is unique.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile or zipped Shapefile.
    vintage
        The unit system of the file, one of `geo.schema.VINTAGES`.
    crs
        The metric CRS in which areas are measured.
    declared_crs
        CRS of a file that declares none.
    layer
        Layer name, for a file of several.
    columns
        Our column names → the file's, for what is not recognised by itself: ``commune_code``, ``name``,
        ``district``, ``population``, ``women_children``.
    repair
        Names of `geo.checks.REPAIRS` that may be carried out.
    known
        Facts of the units, as `geo.boundaries.facts` has them; by default the built-in ones of the vintage.

    Raises
    ------
    IntakeError, CrsError
        See `geo.vector.read_layer`.
    SchemaError
        If units cannot be matched, are missing or doubled. What the checks of the polygons find is returned.
    """
    known = facts(vintage) if known is None else known
    file = read_layer(path, kind="Polygon", crs=declared_crs, layer=layer)
    used = _recognise(file, known, dict(columns or {}), path.name)
    file["commune_code"] = _match(file, used, known)
    findings = [
        used_columns(used),
        _check_units(file, known, path.name, vintage),
        *_check_names(file, used, known, vintage),
    ]
    file, repairs = repair_polygons(file, crs, repair)
    official = float(known["area_km2"].sum())
    findings += [*repairs, *check_polygons(file, crs, official)]
    return CommuneLayer(_standard(file, used, known, vintage), tuple(findings))


def _recognise(file: gpd.GeoDataFrame, known: pd.DataFrame, columns: dict[str, str], name: str) -> dict[str, str]:
    """Find the columns by their content: the one most of whose values the facts know."""
    absent = [theirs for theirs in columns.values() if theirs not in file]
    if absent:
        raise SchemaError(
            "{file}: there is no column {columns}; the file has {found}",
            file=name,
            columns=", ".join(absent),
            found=", ".join(file.columns.drop("geometry")),
        )
    unknown = sorted(set(columns) - {"commune_code", "name", "district", *OWN_FIGURES})
    if unknown:
        raise SchemaError("A commune layer has no column {columns}", columns=", ".join(unknown))
    text = {
        column: file[column].astype("str").fillna("")
        for column in file.columns.drop("geometry")
        if not pd.api.types.is_float_dtype(file[column])
    }
    wanted = {
        "commune_code": (as_code, set(known["commune_code"])),
        "name": (fold, {fold(unit) for unit in known["name"]}),
        "district": (fold, {fold(unit) for unit in known["district"].dropna()}),
    }
    for ours, (reading, values) in wanted.items():
        share = {column: cells.map(reading).isin(values).mean() for column, cells in text.items()}
        # Accents and the kind of unit tell a full name from its simplified twin: prefer the longer text.
        best = max(share, key=lambda column: (share[column], text[column].str.len().sum()), default=None)
        if ours not in columns and best is not None and share[best] >= 0.5:
            columns[ours] = best
    for ours in OWN_FIGURES:
        if ours in file:
            columns.setdefault(ours, ours)
    if not {"commune_code", "name"} & set(columns):
        raise SchemaError(
            "{file}: no column holds the codes or names of the units; say which with --column commune_code=NAME",
            file=name,
        )
    return columns


def as_code(value: str) -> str:
    """Restore the leading zero that spreadsheets take from codes."""
    return value.removesuffix(".0").zfill(5)


def _match(file: gpd.GeoDataFrame, used: Mapping[str, str], known: pd.DataFrame) -> pd.Series:
    matched = pd.Series(pd.NA, index=file.index, dtype="str")
    if "commune_code" in used:
        codes = file[used["commune_code"]].astype("str").fillna("").map(as_code)
        matched = codes.where(codes.isin(known["commune_code"]))
    if "name" not in used:
        return matched
    keys = [["district", "name"], ["name"]] if "district" in used else [["name"]]
    folded = pd.DataFrame({ours: file[used[ours]].astype("str").fillna("").map(fold) for ours in keys[0]})
    for key in keys:
        lookup = known.assign(**{column: known[column].map(fold, na_action="ignore") for column in key})
        lookup = lookup[~lookup.duplicated(key, keep=False)].set_index(key)["commune_code"]
        lookup = lookup[~lookup.isin(matched)]
        found = pd.Series(
            lookup.reindex(pd.MultiIndex.from_frame(folded[key]) if len(key) > 1 else folded[key[0]]).to_numpy(),
            index=file.index,
        )
        matched = matched.fillna(found)
    return matched


def _check_units(file: gpd.GeoDataFrame, known: pd.DataFrame, name: str, vintage: str) -> Finding:
    codes = file["commune_code"]
    unmatched, doubled = int(codes.isna().sum()), sorted(set(codes[codes.duplicated() & codes.notna()]))
    missing = sorted(set(known["commune_code"]) - set(codes.dropna()))
    if unmatched or doubled or missing:
        raise SchemaError(
            "{file}: of {n} features {unmatched} match no unit of {vintage}, {doubled} units stand twice and "
            "{missing} of {expected} units are missing ({codes}); check --vintage, or name the columns with --column",
            file=name,
            n=len(file),
            unmatched=unmatched,
            vintage=vintage,
            doubled=len(doubled),
            missing=len(missing),
            expected=len(known),
            codes=", ".join((doubled + missing)[:8]) or "–",
        )
    return Finding(
        "count", "info", Message("{n} units of {vintage}, all matched", {"n": len(file), "vintage": vintage})
    )


def used_columns(used: Mapping[str, str]) -> Finding:
    """Say which columns of a file were used."""
    pairs = ", ".join(f"{ours} = {theirs}" for ours, theirs in sorted(used.items()))
    return Finding("columns", "info", Message("Columns used: {pairs}", {"pairs": pairs}))


def _check_names(file: gpd.GeoDataFrame, used: Mapping[str, str], known: pd.DataFrame, vintage: str) -> list[Finding]:
    """Compare names with the facts: codes were reused, so a right code with another name can be another unit."""
    if not {"commune_code", "name"} <= set(used):
        return []
    names = known.set_index("commune_code")["name"].map(fold)
    differ = file["commune_code"].map(names) != file[used["name"]].astype("str").fillna("").map(fold)
    if not differ.any():
        return []
    level = "error" if differ.mean() > MOST_NAMES else "warning"
    values = {
        "n": int(differ.sum()),
        "vintage": vintage,
        "codes": ", ".join(file["commune_code"][differ][:8]),
    }
    return [
        Finding(
            "names",
            level,
            Message(
                "{n} units bear another name than their code has in {vintage} ({codes}); is it the right vintage?",
                values,
            ),
        )
    ]


def _standard(file: gpd.GeoDataFrame, used: Mapping[str, str], known: pd.DataFrame, vintage: str) -> gpd.GeoDataFrame:
    figures = {
        ours: pd.to_numeric(file[used[ours]], errors="coerce").round().astype("Int64")
        for ours in OWN_FIGURES
        if ours in used
    }
    layer = file[["commune_code", "geometry"]].merge(known, on="commune_code", how="left").set_index(file.index)
    layer = layer.assign(vintage=vintage, women_children=pd.array([pd.NA] * len(layer), dtype="Int64")).assign(
        **figures
    )
    layer = layer.assign(geometry_quality="official").sort_values("commune_code", ignore_index=True)
    layer = gpd.GeoDataFrame(layer[list(COMMUNES.columns)], geometry="geometry", crs=file.crs)
    validated: gpd.GeoDataFrame = COMMUNES.validate(layer)
    return validated
