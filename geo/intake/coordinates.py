"""Coordinates in the forms that offices write them, as WGS 84 degrees; the province decides between two readings.

Degrees are taken as they stand, unless only their exchange lies in the province. Metres are tried in every system in
use, with the northing first or last, and taken where exactly one reading lies in the province. VN-2000 and WGS 84 of
zone 48 differ by a few hundred metres: only the caller can tell them apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geo.crs import METRIC, STORED
from geo.crs import metric_crs as checked_crs
from geo.errors import Message
from geo.intake.coordinate_cells import Bools, Cells, Floats
from geo.intake.numbers import LOST_DIGITS
from geo.intake.parsed import READ_AS_EMPTY, joined

METRIC_CRSS = {
    METRIC: "VN-2000 / TM-3 103-00",
    "EPSG:3405": "VN-2000 / UTM 48N",
    "EPSG:32648": "WGS 84 / UTM 48N",
    "EPSG:32647": "WGS 84 / UTM 47N",
}
"""What metres in the province can be."""

MARGIN = 0.1
"""Degrees by which a point may lie outside the province and still speak for a reading."""

_OUT_OF_RANGE = Message("is out of range: expected longitude and latitude in degrees, or metres")

Said = list[tuple[Bools, Message]]
"""Rows, and what is to be said of them."""


@dataclass(frozen=True)
class Coordinates:
    """Places of rows in EPSG:4326.

    Attributes
    ----------
    lon, lat
        Degrees; missing where both cells are empty, or could not be read.
    bad
        Message for each row whose place could not be read; the index is that of those rows.
    repaired
        Message for each row whose place was read from something else than plain degrees, each in its column.
    """

    lon: pd.Series
    lat: pd.Series
    bad: pd.Series
    repaired: pd.Series


def read_coordinates(
    x: pd.Series, y: pd.Series, province: shapely.Geometry, *, metric_crs: str | None = None
) -> Coordinates:
    r"""Read two columns of coordinates.

    Parameters
    ----------
    x, y
        Cells of longitudes (eastings) and latitudes (northings) as text, None where empty, with one index.
    province
        Polygon in EPSG:4326: a reading is preferred if its place lies in it, give or take `MARGIN`.
    metric_crs
        The CRS of metres; without it all of `METRIC_CRSS` are tried.

    Returns
    -------
    Coordinates
        Degrees outside the province stay as they are written: whoever places them says so.

    Raises
    ------
    CrsError
        If ``metric_crs`` is not known or not in metres.

    Examples
    --------
    >>> x = pd.Series(["103,017", "21.386", "21°23'15\"N 103°01'12\"E", "2365683.5"])
    >>> y = pd.Series(["21,386", "103.017", None, "501566.6"])
    >>> read = read_coordinates(x, y, shapely.box(102, 21, 104, 23))
    >>> read.lon.round(3).tolist(), read.lat.round(3).tolist()
    ([103.017, 103.017, 103.02, 103.017], [21.386, 21.386, 21.388, 21.386])
    >>> str(read.repaired[1])
    'latitude and longitude were exchanged'
    >>> str(read.repaired[3])
    'metres of VN-2000 / TM-3 103-00 (EPSG:9205) were turned into degrees; the northing stood first'
    """
    crss = (checked_crs(metric_crs).to_string(),) if metric_crs else tuple(METRIC_CRSS)
    near = shapely.buffer(province, MARGIN)
    shapely.prepare(near)
    rows = _Rows.of(Cells.of(x), Cells.of(y), same=np.asarray(x, dtype=object) == np.asarray(y, dtype=object))
    degrees, metres = _from_degrees(rows, near), _from_metres(rows, near, crss)
    bad = _messages([*rows.bad, *degrees.bad, *metres.bad], x.index, lambda said: said[0])
    repaired = _messages([*rows.repaired, *degrees.repaired, *metres.repaired], x.index, joined)
    places = np.where(np.isnan(degrees.places), metres.places, degrees.places)
    places[bad.notna()] = np.nan
    lon, lat = (pd.Series(places[:, axis], index=x.index) for axis in (0, 1))
    return Coordinates(lon, lat, bad[bad.notna()], repaired[repaired.notna() & bad.isna()])


@dataclass(frozen=True)
class _Rows:
    """Two numbers for each row, and what the cells say of them.

    Attributes
    ----------
    pairs
        Shape (n, 2): as they stand, x before y; NaN where there are none, or they mean nothing.
    order
        1 where the cells say that the longitude stands first, -1 where second, 0 where they do not say.
    one_cell
        Whether one cell holds both.
    bad, repaired
        What is known before any place is looked at.
    """

    pairs: Floats
    order: Floats
    one_cell: Bools
    bad: Said
    repaired: Said

    @classmethod
    def of(cls, x: Cells, y: Cells, *, same: Bools) -> "_Rows":
        one_cell = (x.double & (y.empty | (y.double & same))) | (y.double & x.empty)
        pairs = _of_one_or_two(x.numbers, y.numbers, one_cell, x.double)
        axes = _of_one_or_two(x.axes, y.axes, one_cell, x.double)
        bad = [
            (x.lost | y.lost, LOST_DIGITS),
            (x.bad | y.bad, Message("is not a coordinate (expected degrees such as 103.0170, or metres)")),
            ((x.double | y.double) & ~one_cell, Message("holds two coordinates, and the cell beside it another")),
            ((x.empty != y.empty) & ~one_cell, Message("is given without the other coordinate")),
            ((pairs == 0).all(axis=1), Message("is 0, 0: leave both cells empty if the place is not known")),
            ((axes[:, 0] != 0) & (axes[:, 0] == axes[:, 1]), Message("has the same direction as the other coordinate")),
        ]
        repaired = [
            ((x.unknown | y.unknown) & x.empty & y.empty, READ_AS_EMPTY),
            (one_cell, Message("both coordinates stood in one cell")),
            ((x.angles | y.angles) & ~one_cell, Message("degrees were written with minutes or a direction")),
        ]
        pairs[np.any([mask for mask, _ in bad], axis=0)] = np.nan
        return cls(pairs, np.sign(axes[:, 0] - axes[:, 1]), one_cell, bad, repaired)


def _of_one_or_two(x: Floats, y: Floats, one_cell: Bools, in_x: Bools) -> Floats:
    both, each = np.where(in_x[:, None], x, y), np.column_stack([x[:, 0], y[:, 0]])
    return np.where(one_cell[:, None], both, each)


@dataclass(frozen=True)
class _Read:
    """Places of rows that could be read in one way, shape (n, 2), and what is to be said."""

    places: Floats
    bad: Said = field(default_factory=list)
    repaired: Said = field(default_factory=list)


def _from_degrees(rows: _Rows, near: shapely.Geometry) -> _Read:
    """Read what can be longitude and latitude, or latitude and longitude where only that lies in the province."""
    as_they_stand, exchanged = rows.pairs, rows.pairs[:, ::-1]
    in_range = (np.abs(rows.pairs) <= 180).all(axis=1)
    here, there = _inside(near, as_they_stand), _inside(near, exchanged)
    silent = rows.order == 0
    exchange = (rows.order < 0) | (silent & there & ~here)
    places = np.where(exchange[:, None], exchanged, as_they_stand)
    unclear = in_range & silent & rows.one_cell & (here == there)
    beyond = np.abs(places[:, 1]) > 90
    read = in_range & ~unclear & ~beyond
    return _Read(
        np.where(read[:, None], places, np.nan),
        bad=[
            (unclear, Message("holds two coordinates in an unclear order: write longitude and latitude apart")),
            (in_range & beyond, _OUT_OF_RANGE),
        ],
        repaired=[(read & exchange & ~rows.one_cell, Message("latitude and longitude were exchanged"))],
    )


def _from_metres(rows: _Rows, near: shapely.Geometry, crss: tuple[str, ...]) -> _Read:
    """Read metres in the one system that brings them into the province, with the northing first or last."""
    n, large = len(rows.pairs), np.abs(rows.pairs) > 180
    chosen = np.flatnonzero(large.all(axis=1))
    pairs = rows.pairs[chosen]
    # An easting has six digits and a northing in Viet Nam seven: their order needs no second guess.
    east, north = np.sort(pairs, axis=1).T
    readings = [_degrees(crs, east, north) for crs in crss]
    hits = np.array([_inside(near, places) for places in readings])
    count = hits.sum(axis=0)
    places = np.full((n, 2), np.nan)
    bad: Said = [(large[:, 0] ^ large[:, 1], _OUT_OF_RANGE)]
    values = {"crs": _names(crss)}
    bad.append((_at(chosen[count == 0], n), Message("lies outside the province as metres of {crs}", values)))
    for hit in np.unique(hits[:, count > 1], axis=1).T:
        same = chosen[(hits == hit[:, None]).all(axis=0)]
        values = {"crs": _names(tuple(np.array(crss)[hit]))}
        bad.append((_at(same, n), Message("can be metres of any of {crs}: say which", values)))
    repaired: Said = []
    for crs, reading, hit in zip(crss, readings, hits, strict=True):
        mine = hit & (count == 1)
        places[chosen[mine]] = reading[mine]
        said = Message("metres of {crs} were turned into degrees", {"crs": _names((crs,))})
        repaired.append((_at(chosen[mine], n), said))
    northing_first = pairs[:, 0] > pairs[:, 1]
    repaired.append((_at(chosen[northing_first], n), Message("the northing stood first")))
    return _Read(places, bad, repaired)


def _degrees(crs: str, east: Floats, north: Floats) -> Floats:
    return np.column_stack(_to_degrees(crs).transform(east, north))


@cache
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, STORED, always_xy=True)


def _inside(near: shapely.Geometry, places: Floats) -> Bools:
    inside = np.isfinite(places[:, 0]) & np.isfinite(places[:, 1])
    inside[inside] = shapely.contains_xy(near, places[inside])
    return inside


def _names(crss: tuple[str, ...]) -> str:
    return ", ".join(f"{METRIC_CRSS[crs]} ({crs})" if crs in METRIC_CRSS else crs[:60] for crs in crss)


def _at(rows: NDArray[np.intp], n: int) -> Bools:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask


def _messages(said: Said, index: pd.Index, choose: Callable[[list[Message]], Message]) -> pd.Series:
    """Return a Message for each row, or None: rows of which the same is said are few kinds, made once each."""
    bits = sum(
        (mask.astype(np.int64) << bit for bit, (mask, _) in enumerate(said)), start=np.zeros(len(index), np.int64)
    )
    kinds, kind_of = np.unique(bits, return_inverse=True)
    messages = np.full(len(kinds), None, dtype=object)
    for place, kind in enumerate(kinds):
        if kind:
            messages[place] = choose([message for bit, (_, message) in enumerate(said) if kind >> bit & 1])
    return pd.Series(messages[kind_of], index=index, dtype=object)
