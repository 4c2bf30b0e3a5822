"""Any file of points: a vector layer, or a table with coordinates, as places in a metric CRS."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from geo.crs import METRIC, STORED, file_crs, metric_crs, metric_crs_near
from geo.errors import CrsError, IntakeError, some_of
from geo.intake import read_table
from geo.intake.coordinate_cells import LAT, LON, Cells
from geo.intake.numbers import read_plain_numbers
from geo.intake.sheets import SUFFIXES as TABLE_SUFFIXES
from geo.names import fold
from geo.point_parquet import SUFFIX, Floats, open_points
from geo.vector import located, read_layer
from geo.vector_file import SUFFIXES

HEADINGS = {
    "lon": ("lon", "longitude", "long", "lng", "kinhdo", "x", "easting"),
    "lat": ("lat", "latitude", "vido", "y", "northing"),
}
"""What a column of coordinates may be called, without accents and spaces; degrees unless a CRS is named."""

ROUND_THE_AREA = 1.0
"""Degrees by which points may lie outside the area that a metric CRS is made for."""


@dataclass(frozen=True)
class PointFile:
    """The points of a file.

    Attributes
    ----------
    x, y
        Eastings and northings of single points, metres, shape (n,).
    crs
        The metric CRS that they are in.
    weights
        Events of each, shape (n,), or None where each is one event.
    without_place
        How many rows have no place; they are left out.
    simulated
        Whether a row says that it is simulated (``data_kind``).
    with_angles
        How many rows wrote degrees with minutes or a direction.
    """

    x: Floats
    y: Floats
    crs: CRS
    weights: Floats | None
    without_place: int
    simulated: bool
    with_angles: int = 0

    @property
    def points(self) -> gpd.GeoSeries:
        """The points as geometries, which take ten times the memory."""
        return gpd.GeoSeries.from_xy(self.x, self.y, crs=self.crs)


def read_points(
    path: Path,
    *,
    crs: str | None = None,
    metric: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    weights: str | None = None,
) -> PointFile:
    """Read points from a vector file, GeoParquet, or a CSV file or workbook with a column for each coordinate.

    Coordinates of a table are read as those of records are (`geo.intake.coordinate_cells`): with a point or a comma, or
    as degrees, minutes and seconds. Each must stand in its column: what else could be meant is not guessed.

    Parameters
    ----------
    path
        The file.
    crs
        The CRS of the coordinates, for a file that declares none; a table's are WGS 84 degrees by default.
    metric
        The CRS to compute in, metres; by default EPSG:9205 where the points lie in its area.
    layer
        Name of the layer, for a file that has several.
    columns
        Columns of a table, ours → theirs, for ``lon`` and ``lat`` of other names.
    weights
        Name of a column with the events of each row.

    Raises
    ------
    IntakeError
        If the file cannot be read, has no points, a coordinate or weight is no number, or ``layer`` or ``columns`` name
        what such a file does not have.
    CrsError
        If the CRS is missing, cannot be that of the coordinates, or is not made for where they lie.
    """
    suffix = path.suffix.lower()
    if layer and suffix in (*TABLE_SUFFIXES, SUFFIX):
        raise IntakeError("{file}: a table has no layers; leave --layer out", file=path.name)
    if columns and suffix in (*SUFFIXES, SUFFIX):
        raise IntakeError("{file}: a layer holds its places itself; leave --column out", file=path.name)
    if suffix == SUFFIX:
        return _from_parquet(path, crs, metric, weights)
    if suffix in TABLE_SUFFIXES:
        frame = _from_table(path, crs, dict(columns or {}), weights)
    elif suffix in SUFFIXES or not path.is_file():
        frame = _from_layer(path, crs, layer, weights)
    else:
        kinds = ", ".join((*TABLE_SUFFIXES, *SUFFIXES, SUFFIX))
        raise IntakeError("{file}: expected one of {kinds}", file=path.name, kinds=kinds)
    missing = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    placed = frame[~missing].explode(ignore_index=True)
    if placed.empty:
        raise IntakeError("{file}: there is no row with a place", file=path.name)
    simulated = "data_kind" in placed and bool((placed["data_kind"] == "simulated").any())
    own = placed["weight"].to_numpy(dtype=np.float64) if weights else None
    with_angles = int(frame["angles"].sum()) if "angles" in frame else 0
    places = (placed.geometry.x.to_numpy(), placed.geometry.y.to_numpy())
    x, y, chosen = _in_metres(path.name, *places, placed.crs, metric)
    return PointFile(x, y, chosen, own, int(missing.sum()), simulated, with_angles)


def _from_parquet(path: Path, crs: str | None, metric: str | None, weights: str | None) -> PointFile:
    """Read GeoParquet chunk by chunk; what is kept of a row are its coordinates and its weight."""
    with open_points(path) as file:
        if weights and weights not in file.columns:
            raise IntakeError("{file}: there is no column {columns}", file=path.name, columns=weights)
        wanted = [name for name in (weights, "data_kind") if name in file.columns]
        used = file_crs(path.name, file.crs, crs, file.extent())
        kept: list[tuple[Floats, ...]] = []
        simulated, done = False, 0
        for chunk in file.chunks(wanted):
            cells = chunk.table.to_pandas()
            cells.index += done + 1
            placed = np.isfinite(chunk.x) & np.isfinite(chunk.y)
            simulated |= "data_kind" in cells and bool((cells["data_kind"][placed] == "simulated").any())
            own = [_numbers(path.name, cells[weights], weights).to_numpy(np.float64)] if weights else []
            kept.append(tuple(values[placed] for values in (chunk.x, chunk.y, *own)))
            done += placed.size
    x, y, *own = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    x, y, chosen = _in_metres(path.name, x, y, used, metric)
    return PointFile(x, y, chosen, own[0] if own else None, done - x.size, simulated)


def _from_layer(path: Path, crs: str | None, layer: str | None, weights: str | None) -> gpd.GeoDataFrame:
    frame = read_layer(path, kind="Point", crs=crs, layer=layer)
    frame.index += 1
    kept = {"geometry": frame.geometry}
    if weights:
        if weights not in frame:
            raise IntakeError("{file}: there is no column {columns}", file=path.name, columns=weights)
        kept["weight"] = _numbers(path.name, frame[weights], weights)
    if "data_kind" in frame:
        kept["data_kind"] = frame["data_kind"]
    return gpd.GeoDataFrame(kept, crs=frame.crs)


def _from_table(path: Path, crs: str | None, columns: dict[str, str], weights: str | None) -> gpd.GeoDataFrame:
    if strange := columns.keys() - HEADINGS.keys():
        raise IntakeError(
            "{file}: --column can name {known}, but not {columns}",
            file=path.name,
            known=", ".join(HEADINGS),
            columns=", ".join(sorted(strange)),
        )
    if weights:
        columns["weight"] = weights
    table = read_table(path).renamed(columns)
    cells = table.cells
    if table.ragged:
        rows = some_of(table.ragged)
        raise IntakeError("{file}: rows {rows} have more cells than there are headings", file=path.name, rows=rows)
    named = zip(_coordinate_columns(path.name, cells), (LON, LAT), strict=True)
    x, y = (_coordinates(path.name, cells[name], axis) for name, axis in named)
    half = cells.index[x.empty != y.empty]
    if len(half):
        rows = some_of(half)
        raise IntakeError("{file}: rows {rows} have one coordinate but not the other", file=path.name, rows=rows)
    geometry = shapely.points(x.numbers[:, 0], y.numbers[:, 0])
    geometry[x.empty] = None
    kept: dict[str, Any] = {"geometry": gpd.GeoSeries(geometry), "angles": x.angles | y.angles}
    if weights:
        kept["weight"] = _numbers(path.name, cells["weight"], weights).to_numpy()
    if "data_kind" in cells:
        kept["data_kind"] = cells["data_kind"].to_numpy()
    frame = gpd.GeoDataFrame(kept)
    return located(frame, path.name, crs or STORED) if not x.empty.all() else frame.set_crs(STORED)


def _coordinates(file: str, cells: pd.Series, axis: int) -> Cells:
    """Return a column taken apart, if each of its cells holds one coordinate of the axis, or none."""
    read = Cells.of(cells)
    wrong = read.bad | read.double | (read.axes[:, 0] == -axis)
    if wrong.any():
        raise IntakeError(
            "{file}: rows {rows} have no coordinate of its kind in the column {column}",
            file=file,
            rows=some_of(cells.index[wrong]),
            column=str(cells.name),
        )
    return read


def _coordinate_columns(file: str, cells: pd.DataFrame) -> tuple[str, str]:
    """Return the names of the columns of eastings (longitudes) and northings (latitudes)."""
    found = []
    for ours, known in HEADINGS.items():
        names = [ours] if ours in cells else [name for name in cells if _letters(name) in known]
        if len(names) != 1:
            raise IntakeError(
                "{file}: there must be one column {ours}, or one called {known}; or name it with --column {ours}=NAME",
                file=file,
                ours=ours,
                known=", ".join(known[1:]),
            )
        found.append(names[0])
    return found[0], found[1]


def _letters(heading: str) -> str:
    return "".join(filter(str.isalpha, fold(heading)))


def _numbers(file: str, cells: pd.Series, column: str) -> pd.Series:
    """Return a column of which each cell is a number."""
    values, bad = read_plain_numbers(cells)
    bad |= values.isna()
    if bad.any():
        raise IntakeError(
            "{file}: rows {rows} have no number in the column {column}",
            file=file,
            rows=some_of(cells.index[bad]),
            column=column,
        )
    return values


def _in_metres(file: str, x: Floats, y: Floats, crs: CRS, metric: str | None) -> tuple[Floats, Floats, CRS]:
    """Return coordinates in the CRS to compute in, if it is made for where the points lie.

    A projection far from its area gives distances that are wrong by any factor, without an error.
    """
    chosen = metric_crs(metric or METRIC)
    _check_area(file, *Transformer.from_crs(crs, STORED, always_xy=True).transform(x, y), chosen)
    return *Transformer.from_crs(crs, chosen, always_xy=True).transform(x, y), chosen


def _check_area(file: str, lon: Floats, lat: Floats, chosen: CRS) -> None:
    if chosen.area_of_use is None:
        return
    west, south, east, north = chosen.area_of_use.bounds
    beyond = (lon < west - ROUND_THE_AREA) | (lon > east + ROUND_THE_AREA)
    beyond |= (lat < south - ROUND_THE_AREA) | (lat > north + ROUND_THE_AREA)
    outside = int(beyond.sum())
    if outside == lon.size:
        raise CrsError(
            "{file}: all points lie outside the area that {crs} is made for; are x and y exchanged? Otherwise name "
            "another metric CRS, for example --metric-crs {other}",
            file=file,
            crs=chosen.to_string()[:60],
            other=metric_crs_near((lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2),
        )
    if outside:
        raise CrsError(
            "{file}: {n} of {all} points lie outside the area that {crs} is made for; correct them or leave them out",
            file=file,
            n=outside,
            all=lon.size,
            crs=chosen.to_string()[:60],
        )
