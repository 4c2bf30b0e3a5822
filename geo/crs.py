"""The coordinate reference systems in use: stored in degrees, computed in metres."""

import numpy as np
from numpy.typing import ArrayLike
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjError

from geo.errors import CrsError

STORED = "EPSG:4326"
"""Layers are stored in WGS 84 degrees, (longitude, latitude)."""

METRIC = "EPSG:9205"
"""VN-2000 / TM-3 103-00, metres: the official grid of Điện Biên and Lai Châu."""


def parse_crs(text: str) -> CRS:
    """Return the CRS named by ``text`` (``"EPSG:9205"``, WKT, …).

    Raises
    ------
    CrsError
        If PROJ does not know it.
    """
    try:
        return CRS.from_user_input(text)
    except ProjError:
        raise CrsError("{crs} is not a known coordinate reference system; write it as EPSG:9205", crs=text) from None


def metric_crs(text: str) -> CRS:
    """Return the projected CRS named by ``text``, whose unit is the metre.

    Raises
    ------
    CrsError
        If it is unknown, geographic (degrees), or measured in another unit.
    """
    crs = parse_crs(text)
    if not crs.is_projected or any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info):
        raise CrsError("{crs} is not in metres; distances need a projected CRS such as EPSG:9205", crs=text)
    return crs


def file_crs(file: str, declared: CRS | None, given: str | None, bounds: tuple[float, float, float, float]) -> CRS:
    """Return the CRS of a file: the one it declares, or else the one that the user gave.

    Parameters
    ----------
    file
        Its name, for messages.
    declared, given
        A file's own declaration may not be overruled.
    bounds
        ``(west, south, east, north)`` of its coordinates.

    Raises
    ------
    CrsError
        If there is none, if both differ, or if the coordinates cannot be in it.
    """
    other = parse_crs(given) if given else None
    used = declared or other
    if used is None:
        raise CrsError(
            "{file}: no coordinate reference system is declared; name it, for example --crs EPSG:9205",
            file=file,
        )
    if declared is not None and other is not None and declared != other:
        raise CrsError(
            "{file}: the file declares {declared} but --crs says {given}; leave --crs out or correct the file",
            file=file,
            declared=declared.to_string()[:60],
            given=given,
        )
    west, south, east, north = bounds
    if used.is_geographic != looks_like_degrees([west, east], [south, north]):
        raise CrsError(
            "{file}: coordinates from ({west}, {south}) to ({east}, {north}) cannot be in {crs}",
            file=file,
            crs=used.to_string()[:60],
            west=f"{west:.2g}",
            south=f"{south:.2g}",
            east=f"{east:.2g}",
            north=f"{north:.2g}",
        )
    return used


def looks_like_degrees(x: ArrayLike, y: ArrayLike) -> bool:
    """Tell whether all finite coordinates could be longitudes and latitudes.

    No place in the metric CRSs of Viet Nam lies within 200 m of their origin, so for coordinates that should be
    metres a yes means that degrees were passed by mistake.

    >>> looks_like_degrees([102.9, 103.1], [21.4, 22.0]), looks_like_degrees([498_000.0], [2_366_000.0])
    (True, False)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    finite = np.isfinite(x) & np.isfinite(y)
    return bool(finite.any() and (np.abs(x[finite]) <= 180).all() and (np.abs(y[finite]) <= 90).all())
