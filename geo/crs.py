"""The coordinate reference systems in use: stored in degrees, computed in metres that are metres on the ground."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError as ProjError

from geo.errors import CrsError

STORED = "EPSG:4326"
"""Layers are stored in WGS 84 degrees, (longitude, latitude)."""

METRIC = "EPSG:9205"
"""VN-2000 / TM-3 103-00, metres: the official grid of Điện Biên and Lai Châu."""

MOST_STRETCH = 0.005
"""Share by which lengths on a map may differ from those on the ground, so that areas are right to 1 %.

In their own zones TM-3 and UTM differ by at most 0.1 %, UTM 48N by 0.27 % somewhere in mainland Viet Nam. In Điện Biên
UTM 49N differs by up to 1.0 %, Web Mercator by 7 to 9 %, and equal-area maps of the world or of Asia by 7 to 13 %.
"""

_HALF_M = 50.0
"""Half the length that is measured to tell the scale."""


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


def check_scale(crs: CRS, x: ArrayLike, y: ArrayLike) -> None:
    """Check that metres of a CRS are metres on the ground where coordinates lie.

    In Web Mercator, for one, a density would be wrong by a sixth in Điện Biên.

    Parameters
    ----------
    crs
        As `metric_crs` returns it.
    x, y
        Eastings and northings, finite, in any number; the scale is told at nine places of their bounding box.

    Raises
    ------
    CrsError
        If lengths in any direction differ by more than `MOST_STRETCH`, or no place on Earth has such coordinates.
    """
    if not np.size(x):
        return
    places = np.meshgrid(*(np.linspace(np.min(axis), np.max(axis), 3) for axis in (x, y)))
    stretch, lon, lat = _scale(crs, *map(np.ravel, places))
    if not np.isfinite(stretch).all():
        raise CrsError("No place on Earth has these coordinates in {crs}; correct them or the CRS", crs=_name(crs))
    worst = float(np.abs(stretch - 1).max())
    if worst > MOST_STRETCH:
        raise CrsError(
            "Here lengths in {crs} are wrong by up to {percent} %; use a CRS that is made for the region, for example "
            "{other}",
            crs=_name(crs),
            percent=f"{100 * worst:.2g}",
            other=metric_crs_near(lon[4], lat[4]),
        )


def metric_crs_near(lon: float, lat: float) -> str:
    """Return a metric CRS that is made for a place: `METRIC` at home, or else the UTM zone.

    >>> metric_crs_near(103.0, 21.4), metric_crs_near(-122.6, 45.5)
    ('EPSG:9205', 'EPSG:32610')
    """
    home = parse_crs(METRIC).area_of_use
    if home and home.west <= lon <= home.east and home.south <= lat <= home.north:
        return METRIC
    return f"EPSG:{(32600 if lat >= 0 else 32700) + int((lon + 180) // 6) % 60 + 1}"


def _scale(
    crs: CRS, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the smallest and the largest scale, shape (n, 2), at places, and their longitudes and latitudes.

    The axes of Tissot's indicatrix: one over the singular values of how steps on the map move the place on the ground.
    NaN where the coordinates do not come back from the degrees: projections that wrap round the Earth, or end.
    """
    degrees, geod = _degrees(crs), crs.get_geod() or Geod(ellps="WGS84")
    lon, lat = degrees.transform(x, y)
    back = degrees.transform(lon, lat, direction="INVERSE")
    steps = np.empty((x.size, 2, 2))
    for axis, (east, north) in enumerate(((_HALF_M, 0.0), (0.0, _HALF_M))):
        begin, end = degrees.transform(x - east, y - north), degrees.transform(x + east, y + north)
        azimuth, _, length = geod.inv(*begin, *end)
        steps[:, 0, axis] = length * np.sin(np.radians(azimuth))
        steps[:, 1, axis] = length * np.cos(np.radians(azimuth))
    known = (np.hypot(back[0] - x, back[1] - y) < 1) & np.isfinite(steps).all(axis=(1, 2))
    scale = np.full((x.size, 2), np.nan)
    scale[known] = 2 * _HALF_M / np.linalg.svd(steps[known], compute_uv=False)
    return scale, lon, lat


@cache
def _degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _name(crs: CRS) -> str:
    return str(crs.to_string()[:60])


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
