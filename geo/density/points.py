"""What a density is fitted to: places in metres, and what stands beside them."""

from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from geopandas.array import GeometryArray
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geo.crs import check_scale, looks_like_degrees, metric_crs, parse_crs
from geo.errors import CrsError, ModelError

Floats = NDArray[np.float64]

Places: TypeAlias = ArrayLike | gpd.GeoSeries | gpd.GeoDataFrame
"""Eastings, or points that bring both coordinates and their CRS."""


def read_places(x: Places, y: ArrayLike | None) -> tuple[Floats, Floats, CRS | None]:
    """Return eastings and northings in metres, copied, shape (n,), and the CRS if ``x`` brings one.

    Raises
    ------
    CrsError
        If the coordinates are degrees, in another unit than metres, or in a CRS that is not made for where they lie.
    ModelError
        If they are not finite numbers of one length, or the geometries not points.
    """
    crs = None
    if isinstance(x, (gpd.GeoSeries, gpd.GeoDataFrame, GeometryArray)):
        if y is not None:
            raise ModelError("Give points, or eastings and northings, not both")
        crs, geometry = x.crs, np.asarray(getattr(x, "geometry", x))
        if not (shapely.get_type_id(geometry) == shapely.GeometryType.POINT).all() or shapely.is_empty(geometry).any():
            raise ModelError("A density needs single points; other, missing or empty geometries were given")
        x, y = shapely.get_x(geometry), shapely.get_y(geometry)
    if y is None:
        raise ModelError("Northings are missing: give x and y, or a GeoSeries of points")
    x, y = read_numbers(x, "x"), read_numbers(y, "y")
    if x.size != y.size:
        raise ModelError("There are {n} eastings but {m} northings", n=x.size, m=y.size)
    if looks_like_degrees(x, y):
        raise CrsError("The coordinates look like degrees; a density needs metres (to_crs('EPSG:9205'))")
    if crs is not None:
        check_scale(metric_crs(crs.to_string()), x, y)
    return x, y, crs


def read_numbers(values: Any, name: str) -> Floats:
    """Return finite numbers, copied (the caller may change his), shape (n,).

    Whole numbers, floats and truth values of any width and byte order are taken, also as objects; texts that look like
    numbers are not, nor is what a mask hides.

    Raises
    ------
    ModelError
        If they are something else, or one is missing.
    """
    vector = _as_floats(values)
    if vector is None or vector.ndim != 1 or not np.isfinite(vector).all():
        # numpy's own words would quote the value, which may be a person's.
        raise ModelError("{name} must be a list of finite numbers", name=name)
    return vector


def _as_floats(values: Any) -> Floats | None:
    """Return a copy as float64, NaN where something is missing; None if that is not what the values are."""
    if np.ma.is_masked(values):
        return None
    try:
        with np.errstate(over="ignore"):
            array = np.asarray(values)
            texts = array.dtype == object and any(isinstance(value, (str, bytes, complex)) for value in array.flat)
            if texts or array.dtype.kind not in "biufO":
                return None
            return array.astype(np.float64, order="C")
    except (TypeError, ValueError, OverflowError):
        return None


def same_crs(crs: CRS | None, other: CRS | str | None) -> None:
    """Check that two CRSs, where both are known, are one.

    Raises
    ------
    CrsError
        If they differ.
    """
    if isinstance(other, str):
        other = parse_crs(other)
    if crs is not None and other is not None and crs != other:
        raise CrsError(
            "The points are in {crs}, but {other} was given for the rest; bring both to one (to_crs)",
            crs=crs.to_string()[:60],
            other=other.to_string()[:60],
        )
