"""A covariate from any layer of the user's: raster, lines, points or areas, measured by commune."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import features, point_file, point_parquet, raster_file, vector, vector_file
from geo.crs import metric_crs
from geo.errors import IntakeError, Message
from geo.intake.sheets import SUFFIXES as TABLE_SUFFIXES
from geo.zonal import zonal

STATISTICS = {
    "raster": ("mean", "share", "count", "density"),
    "lines": ("density", "distance", "count"),
    "points": ("density", "distance", "count"),
    "areas": ("share", "distance"),
}
"""What can be measured of each kind of layer."""

UNITS = {
    ("raster", "share"): "1",
    ("raster", "count"): "count",
    ("raster", "density"): "per km2",
    ("lines", "density"): "km/km2",
    ("lines", "distance"): "km",
    ("lines", "count"): "lines",
    ("points", "density"): "per km2",
    ("points", "distance"): "km",
    ("points", "count"): "points",
    ("areas", "share"): "1",
    ("areas", "distance"): "km",
}
"""Units of the values; the mean of a raster has the raster's."""

SAID = {
    "raster": Message("a raster"),
    "lines": Message("lines"),
    "points": Message("points"),
    "areas": Message("areas"),
}

KINDS = {"Point": "points", "LineString": "lines", "Polygon": "areas"}

ELSEWHERE_KM = 100.0
"""If the nearest feature is farther than this from every commune, the layer is of another place."""


@dataclass(frozen=True)
class Measured:
    """A covariate by commune.

    Attributes
    ----------
    table
        Index ``commune_code``; ``value``, NaN where missing; ``coverage``, the share of the commune's area that the
        layer speaks of (1 for vector layers, which do not say where they end).
    layer
        A key of `STATISTICS`.
    unit
        Of the values; empty where the file does not say.
    simulated
        Whether the file says that it is simulated.
    """

    table: pd.DataFrame
    layer: str
    unit: str
    simulated: bool


def measure(
    communes: gpd.GeoDataFrame,
    path: Path,
    statistic: str,
    *,
    crs: str,
    classes: Collection[float] = (),
    band: int | None = None,
    declared_crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Measured:
    """Measure a layer by commune.

    Parameters
    ----------
    communes
        `geo.schema.COMMUNES`.
    path
        A raster (`geo.raster_file.SUFFIXES`), a vector file (`geo.vector_file.SUFFIXES`), or a table of points (CSV,
        XLSX).
    statistic
        ``"mean"`` of a raster; ``"share"`` of the commune's area in classes of a raster or within areas; ``"count"``
        of points or lines, or the sum of a raster of counts (people); ``"density"``, the count or the km of line per
        km²; ``"distance"`` of the commune's centroid to the nearest feature, km.
    crs
        The workspace's metric CRS.
    classes, band
        For a raster: the values that a share is of; which band, where there are several.
    declared_crs, layer, columns
        See `geo.point_file.read_points`.

    Raises
    ------
    IntakeError, CrsError
        If the file cannot be read, is of another place, or the statistic does not fit it.
    """
    if not path.is_file():
        raise IntakeError("{file}: no such file", file=path.name)
    if path.suffix.lower() in raster_file.SUFFIXES:
        if layer or columns:
            raise IntakeError(
                "{file}: a raster has no layers or columns; leave --layer and --column out", file=path.name
            )
        return _of_raster(communes, path, statistic, crs, classes, band, declared_crs)
    if classes or band:
        raise IntakeError("{file}: --value and --band are for rasters", file=path.name)
    kind = _kind(path, layer)
    _check_statistic(path.name, kind, statistic)
    if kind == "points":
        read = point_file.read_points(path, crs=declared_crs, metric=crs, layer=layer, columns=columns)
        shapes, simulated = read.points, read.simulated
    elif columns:
        raise IntakeError("{file}: a layer holds its places itself; leave --column out", file=path.name)
    else:
        geometry = next(name for name, ours in KINDS.items() if ours == kind)
        frame = vector.read_layer(path, kind=geometry, crs=declared_crs, layer=layer)
        shapes = frame.geometry[~(frame.geometry.isna() | frame.geometry.is_empty)].to_crs(metric_crs(crs))
        simulated = "data_kind" in frame and bool((frame["data_kind"] == "simulated").any())
    values = _of_features(communes, shapes, kind, statistic, crs, path.name)
    table = pd.DataFrame({"value": values, "coverage": 1.0}, index=pd.Index(communes["commune_code"]))
    return Measured(table, kind, UNITS[kind, statistic], simulated)


def _kind(path: Path, layer: str | None) -> str:
    suffix = path.suffix.lower()
    if suffix in (*TABLE_SUFFIXES, point_parquet.SUFFIX):
        return "points"
    if suffix not in vector_file.SUFFIXES:
        kinds = (*raster_file.SUFFIXES, *vector_file.SUFFIXES, point_parquet.SUFFIX, *TABLE_SUFFIXES)
        raise IntakeError("{file}: expected one of {kinds}", file=path.name, kinds=", ".join(kinds))
    found = vector.kind_of(path, layer)
    if found not in KINDS:
        raise IntakeError(
            "{file}: expected {kind} geometries, found {found}", file=path.name, kind=", ".join(KINDS), found=found
        )
    return KINDS[found]


def _check_statistic(name: str, kind: str, statistic: str) -> None:
    if statistic not in STATISTICS[kind]:
        raise IntakeError(
            "{file} holds {kind}, for which --stat is one of {known}; found {found}",
            file=name,
            kind=SAID[kind],
            known=", ".join(STATISTICS[kind]),
            found=statistic,
        )


def _of_raster(
    communes: gpd.GeoDataFrame,
    path: Path,
    statistic: str,
    crs: str,
    classes: Collection[float],
    band: int | None,
    declared_crs: str | None,
) -> Measured:
    shapes = communes.set_index("commune_code").geometry.to_crs(metric_crs(crs))
    with raster_file.open_raster(path, crs=declared_crs, band=band) as raster:
        _check_statistic(path.name, "raster", statistic)
        if (statistic == "share") != bool(classes):
            raise IntakeError("{file}: name the classes of a share with --value, and only for a share", file=path.name)
        if raster.of_classes and statistic != "share":
            raise IntakeError(
                "{file}: the cells hold numbers of classes (they have a colour each), which have no {stat}; "
                "use --stat share --value CLASS",
                file=path.name,
                stat=statistic,
            )
        table = zonal(raster, shapes, statistic if statistic in ("mean", "share") else "sum", classes)
        unit = UNITS.get(("raster", statistic), raster.unit)
        simulated = raster.simulated
    if statistic == "density":
        table["value"] /= shapes.area / 1e6
    return Measured(table, "raster", unit, simulated)


def _of_features(
    communes: gpd.GeoDataFrame, layer: gpd.GeoSeries, kind: str, statistic: str, crs: str, file: str
) -> NDArray[np.float64]:
    polygons = communes.geometry.to_crs(metric_crs(crs)).to_numpy()
    shapes = layer.to_numpy()
    distances = features.distance_km(polygons, shapes)
    if not (distances <= (ELSEWHERE_KM if statistic == "distance" else 0)).any():
        raise IntakeError(
            "{file}: nothing in it lies in a commune of the workspace; is it of another province?", file=file
        )
    if statistic == "distance":
        return features.distance_km(shapely.centroid(polygons), shapes)
    if kind == "areas":
        return features.covered_share(polygons, shapes)
    if kind == "points":
        values = features.point_count(polygons, shapes)
    else:
        values = (features.line_count if statistic == "count" else features.line_length_km)(polygons, shapes)
    return values / (shapely.area(polygons) / 1e6) if statistic == "density" else values
