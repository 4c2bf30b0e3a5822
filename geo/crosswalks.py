"""Crosswalks: the parts that units of two vintages share, with the people and the area of each part."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import boundaries
from geo.crs import metric_crs
from geo.errors import IntakeError, Message, SchemaError, some_of
from geo.intake.numbers import NOT_A, read_plain_numbers
from geo.intake.reading import read_table
from geo.schema import CODE, VINTAGES

WEIGHTS = {"population": "population", "area": "area_km2"}
"""By what a split unit can be divided, and the column of a crosswalk that says how large a part is."""

LEAST_SHARE = 0.001
"""A part with less of a unit's area is where two layers' lines run beside each other, and no part."""

_CODES = ["old_code", "new_code"]
_NO_CODE = Message("is not a code of five digits")


@dataclass(frozen=True)
class Crosswalk:
    """How the units of one vintage lie in those of another.

    Attributes
    ----------
    old, new
        The vintages; ``old`` is the one to carry from.
    parts
        One row for each pair of units that share ground: ``old_code``, ``new_code``, ``population``, ``area_km2``
        (missing where unknown), and ``whole``: the old unit lies whole in the new one.

    Raises
    ------
    SchemaError
        If a pair stands twice, or a weight is negative or infinite.
    """

    old: str
    new: str
    parts: pd.DataFrame

    def __post_init__(self) -> None:
        parts = self.parts.reindex(columns=[*_CODES, *WEIGHTS.values()]).sort_values(_CODES, ignore_index=True)
        parts = parts.astype({**dict.fromkeys(_CODES, "str"), **dict.fromkeys(WEIGHTS.values(), float)})
        weights = parts[list(WEIGHTS.values())].fillna(0.0)
        wrong = parts.duplicated(_CODES) | ~(np.isfinite(weights) & (weights >= 0)).all(axis=1)
        if wrong.any():
            raise SchemaError(
                "The crosswalk from {old} to {new} has pairs twice, or with a weight below zero: units {codes}",
                old=self.old,
                new=self.new,
                codes=", ".join(parts.loc[wrong, "old_code"].unique()[:8]),
            )
        whole = ~parts["old_code"].duplicated(keep=False)
        object.__setattr__(self, "parts", parts.assign(whole=whole))

    def backwards(self) -> "Crosswalk":
        """Return the crosswalk from the new units to the old ones."""
        return Crosswalk(
            self.new, self.old, self.parts.rename(columns={"old_code": "new_code", "new_code": "old_code"})
        )


CENSUS_DAY = "2019-04-01"
"""A day of the 130 units before 2020: when they took effect was not found."""


def builtin_crosswalks() -> tuple[Crosswalk, ...]:
    """Return what is known of Điện Biên's units: 130 before 2020, 129 until 2025, and 45.

    All of the 130 units lie whole in one of the 129, but for Thanh Luông, Thanh Hưng and Mường Báng: of each a part
    moved whose people and area were not found, so their counts are not carried, unless to the 45 units, where those of
    Mường Báng are together again. Who knows the parts can give a file (`read_crosswalk`).

    >>> [(walk.old, walk.new, int(walk.parts["whole"].sum())) for walk in builtin_crosswalks()]
    [('2019-04-01', '2020-01-01', 127), ('2019-04-01', '2025-07-01', 128), ('2020-01-01', '2025-07-01', 129)]
    """
    middle, new = VINTAGES
    since = builtin_crosswalk()
    census = since.parts.set_index("old_code")[list(WEIGHTS.values())]
    merged = boundaries.former_names().set_index("former_code")["commune_code"]
    merged = merged[~merged.index.isin(census.index)].rename_axis("old_code").rename("new_code").reset_index()
    moved = boundaries.moved_parts()
    same = pd.DataFrame({"old_code": census.index, "new_code": census.index})
    parts = pd.concat([same, merged, moved], ignore_index=True)
    # What is known of a unit of 2020 is known of the same one before, if nothing came or went.
    changed = pd.concat([merged, moved]).stack()
    weights = census.drop(index=changed[changed.isin(census.index)].unique())
    parts = parts.join(weights.reindex(parts["old_code"]).reset_index(drop=True))
    carried = parts.assign(new_code=parts["new_code"].map(since.parts.set_index("old_code")["new_code"]))
    carried = carried.drop_duplicates(_CODES)
    return Crosswalk(CENSUS_DAY, middle, parts), Crosswalk(CENSUS_DAY, new, carried), since


def builtin_crosswalk() -> Crosswalk:
    """Return the crosswalk of Điện Biên's 129 units of 2020 to the 45 of 2025: every old unit lies whole in a new one.

    Populations are those of the 2019 census, areas those of the approximate polygons.

    >>> walk = builtin_crosswalk()
    >>> len(walk.parts), bool(walk.parts["whole"].all()), int(walk.parts["population"].sum())
    (129, True, 598856)
    """
    old, new = VINTAGES
    areas = boundaries.facts(old).set_index("commune_code")["area_km2"]
    parts = boundaries.crosswalk()
    return Crosswalk(old, new, parts.assign(area_km2=parts["old_code"].map(areas)))


def read_crosswalk(path: Path, old: str, new: str) -> Crosswalk:
    """Read a crosswalk from a CSV or XLSX file.

    Parameters
    ----------
    path
        A table with the columns ``old_code`` and ``new_code``, and ``population``, ``area_km2`` or both; a unit that
        lies whole in another needs neither.
    old, new
        The days on which the two unit systems took effect, such as 2013-01-01.

    Raises
    ------
    IntakeError
        If the file cannot be read, lacks a column, or has a cell that is no code or no number.
    SchemaError
        See `Crosswalk`.
    """
    cells = read_table(path).cells
    missing = [name for name in _CODES if name not in cells]
    if missing:
        raise IntakeError("{file}: a crosswalk needs the columns old_code and new_code", file=path.name)
    parts = cells.reindex(columns=[*_CODES, *WEIGHTS.values()])
    problems = {name: (~parts[name].astype("str").str.match(CODE, na=False), _NO_CODE) for name in _CODES}
    for name in WEIGHTS.values():
        parts[name], unreadable = read_plain_numbers(parts[name])
        problems[name] = (unreadable, NOT_A["measure"])
    for name, (wrong, reason) in problems.items():
        if wrong.any():
            raise IntakeError(
                "{file}, rows {rows}: {column} {reason}",
                file=path.name,
                rows=some_of(parts.index[wrong]),
                column=name,
                reason=reason,
            )
    return Crosswalk(old, new, parts)


def overlay_crosswalk(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    crs: str,
    people: gpd.GeoDataFrame | None = None,
    *,
    least_share: float = LEAST_SHARE,
) -> Crosswalk:
    """Measure the parts that the units of two layers share.

    Areas are those of the polygons' intersections (areal weighting: Goodchild & Lam 1980, Geo-Processing 1,
    297-312). What an old unit has outside the new layer counts to its parts in proportion.

    Parameters
    ----------
    old, new
        Polygons with ``commune_code`` and ``vintage``, any CRS.
    crs
        The metric CRS in which areas are measured.
    people
        Points with a ``population``: villages, or houses. Without them the parts have no population.
    least_share
        Parts with less of an old unit's area are left out.

    Raises
    ------
    SchemaError
        If an old unit has no part in the new layer.
    """
    metric = metric_crs(crs)
    units = [
        layer[["commune_code", "geometry"]].rename(columns={"commune_code": code}).to_crs(metric)
        for layer, code in ((old, "old_code"), (new, "new_code"))
    ]
    pieces = gpd.overlay(*units, how="intersection", keep_geom_type=True)
    pieces["area_km2"] = pieces.area / 1e6
    pieces = pieces[
        pieces["area_km2"] >= least_share * pieces["old_code"].map(units[0].set_index("old_code").area / 1e6)
    ]
    lost = sorted(set(old["commune_code"]) - set(pieces["old_code"]))
    if lost:
        raise SchemaError("Units {codes} have no part in the other layer", codes=", ".join(lost[:8]))
    population = np.nan if people is None else _people_in(pieces, people)
    parts = pd.DataFrame(pieces.drop(columns="geometry")).assign(population=population)
    return Crosswalk(str(old["vintage"].iloc[0]), str(new["vintage"].iloc[0]), parts)


def _people_in(pieces: gpd.GeoDataFrame, people: gpd.GeoDataFrame) -> pd.Series:
    """Return the people of each piece; a point on a line between pieces counts to the first of them."""
    points = people[["population", "geometry"]].to_crs(pieces.crs).reset_index(drop=True)
    joined = points.sjoin(pieces[["geometry"]], predicate="intersects")
    joined = joined[~joined.index.duplicated()]
    return joined.groupby("index_right")["population"].sum().reindex(pieces.index, fill_value=0)
