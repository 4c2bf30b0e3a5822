"""A made-up country of any size: provinces, communes, borders with three neighbours, records. Nothing in it exists.

Communes are the Voronoi cells of jittered sites in a rectangle, a province those that are nearest to one of them. Then
all is bent by shears, x + f(y) and y + g(x), which keep every area and what touches what: borders wind as real ones do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree, Voronoi

Floats = NDArray[np.float64]

CRS = "+proj=lcc +lat_0=19 +lon_0=105 +lat_1=16 +lat_2=22 +x_0=1085000 +y_0=2020000 +ellps=WGS84 +units=m +type=crs"
"""Metres that are right all over the country."""

WIDTH_TO_HEIGHT = 0.5
WEST, SOUTH = 900_000.0, 1_600_000.0

SHEARS = ((40_000.0, 900_000.0), (300.0, 4_000.0))
"""Amplitude and wavelength of the shears along both axes, metres: the country's bend, and the winding of borders."""

NEIGHBOURS = ("north", "west", "southwest")
"""Land borders; the rest is coast."""

SPREAD_M = 1_500.0
"""Standard deviation of the places of records around a village."""


@dataclass(frozen=True)
class Country:
    """A simulated country in `CRS`; every table has ``data_kind`` "simulated".

    Attributes
    ----------
    provinces
        ``province_code``, ``area_km2``, polygons.
    communes
        ``commune_code`` (five digits), ``province_code``, ``vintage``, ``area_km2``, ``population``,
        ``geometry_quality``, polygons.
    borders
        A line for each of `NEIGHBOURS`: ``neighbour``, ``length_km``.
    """

    provinces: gpd.GeoDataFrame
    communes: gpd.GeoDataFrame
    borders: gpd.GeoDataFrame
    _sites: Floats
    _size: tuple[float, float]

    def records(self, n: int, *, random_state: int = 0, at_once: int = 1_000_000) -> Iterator[pd.DataFrame]:
        """Yield n records in tables of at most ``at_once`` rows: ``x``, ``y`` (metres), ``date``, ``data_kind``.

        They cluster around villages, of which each commune has a few; communes with more people have more. The same
        seed and ``at_once`` give the same records.
        """
        rng = np.random.default_rng(random_state)
        each = np.array([1.0, 0.5, 0.3])
        spacing = np.sqrt(self._size[0] * self._size[1] / len(self._sites))
        villages = np.repeat(self._sites, each.size, axis=0) + rng.normal(0, 0.3 * spacing, (3 * len(self._sites), 2))
        weights = np.outer(self.communes["population"], each).ravel() * rng.lognormal(0, 1, len(villages))
        weights /= weights.sum()
        first = np.datetime64("2015-01-01")
        for begin in range(0, n, at_once):
            some = min(at_once, n - begin)
            at = villages[rng.choice(len(villages), some, p=weights)] + rng.normal(0, SPREAD_M, (some, 2))
            at = _bent(_folded(at, self._size))
            dates = first + rng.integers(0, 3_652, some).astype("timedelta64[D]")
            table = pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "date": dates})
            yield table.assign(data_kind=pd.Categorical(["simulated"]).repeat(some))


def simulate_country(
    *,
    communes: int = 3_321,
    provinces: int = 34,
    area_km2: float = 331_000.0,
    edge_m: float = 500.0,
    random_state: int = 0,
) -> Country:
    """Simulate a country.

    Parameters
    ----------
    communes, provinces
        How many.
    area_km2
        Of all together.
    edge_m
        Longest edge of a polygon, metres: how finely borders wind.
    random_state
        Seed.

    Raises
    ------
    ValueError
        If there are fewer communes than provinces, or more than five digits can name.
    """
    if not 1 <= provinces <= communes <= 99_999:
        raise ValueError(f"{provinces} provinces need as many communes, at most 99,999; got {communes}")
    rng = np.random.default_rng(random_state)
    height = 1_000 * float(np.sqrt(area_km2 / WIDTH_TO_HEIGHT))
    size = WIDTH_TO_HEIGHT * height, height
    sites = _jittered(communes, size, rng)
    shapes = _cells(sites, size)
    of = KDTree(sites[rng.choice(communes, provinces, replace=False)]).query(sites)[1]
    codes = np.array([f"{k + 1:02}" for k in range(provinces)])
    wound = _wound(shapes, edge_m)
    populations = rng.lognormal(0, 0.8, communes)
    units = gpd.GeoDataFrame(
        {
            "commune_code": [f"{k + 1:05}" for k in range(communes)],
            "province_code": codes[of],
            "vintage": "2025-07-01",
            "area_km2": shapely.area(wound) / 1e6,
            "population": (100e6 * populations / populations.sum()).round().astype(int),
            "geometry_quality": "official",
            "data_kind": "simulated",
        },
        geometry=wound,
        crs=CRS,
    )
    whole = [shapely.coverage_union_all(wound[of == k]) for k in range(provinces)]
    parts = {"province_code": codes, "area_km2": shapely.area(whole) / 1e6, "data_kind": "simulated"}
    return Country(gpd.GeoDataFrame(parts, geometry=whole, crs=CRS), units, _borders(size, edge_m), sites, size)


def _jittered(n: int, size: tuple[float, float], rng: np.random.Generator) -> Floats:
    """Return n places spread over a rectangle: of a jittered lattice, those of a random choice."""
    cols = int(np.ceil(np.sqrt(n * size[0] / size[1])))
    rows = int(np.ceil(n / cols))
    places = np.stack(np.meshgrid(np.arange(cols), np.arange(rows)), axis=-1).reshape(-1, 2)
    places = places[rng.permutation(len(places))[:n]]
    jittered: Floats = (places + rng.uniform(0.1, 0.9, places.shape)) * (size[0] / cols, size[1] / rows)
    return jittered


def _cells(sites: Floats, size: tuple[float, float]) -> NDArray[np.object_]:
    """Return the Voronoi cells within the rectangle: sites mirrored at its sides make those the borders of cells."""
    mirrored = [sites]
    for axis in (0, 1):
        for side in (0.0, size[axis]):
            image = sites.copy()
            image[:, axis] = 2 * side - image[:, axis]
            mirrored.append(image)
    diagram = Voronoi(np.concatenate(mirrored))
    corners = diagram.vertices.clip(0.0, size)
    rings = [diagram.regions[k] for k in diagram.point_region[: len(sites)]]
    ends = np.cumsum([0] + [len(ring) + 1 for ring in rings])
    closed = np.concatenate([[*ring, ring[0]] for ring in rings])
    each = np.arange(len(sites) + 1)
    cells: NDArray[np.object_] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, corners[closed], (ends, each))
    return cells


def _wound(shapes: NDArray[np.object_], edge_m: float) -> NDArray[np.object_]:
    # To the centimetre, so that both sides of a border have the same corners.
    wound: NDArray[np.object_] = shapely.transform(
        shapely.segmentize(shapes, edge_m), lambda at: np.round(_bent(at), 2)
    )
    return wound


def _bent(at: Floats) -> Floats:
    """Return the places of a rectangle with its corner in the origin as they lie in the country, metres of `CRS`."""
    x, y = at.T.copy()
    for amplitude, wavelength in SHEARS:
        x += amplitude * np.sin(2 * np.pi * y / wavelength)
        y += amplitude * np.sin(2 * np.pi * x / wavelength)
    return np.column_stack([WEST + x, SOUTH + y])


def _folded(at: Floats, size: tuple[float, float]) -> Floats:
    """Return places with those beside the rectangle mirrored into it."""
    folded: Floats = size - np.abs(size - np.abs(at))
    return folded.clip(0.0, size)


def _borders(size: tuple[float, float], edge_m: float) -> gpd.GeoDataFrame:
    width, height = size
    ends = [[(0, height), (width, height)], [(0, 0.4 * height), (0, height)], [(0, 0), (0, 0.4 * height)]]
    lines = _wound(shapely.linestrings(ends), edge_m)
    about = {"neighbour": NEIGHBOURS, "length_km": shapely.length(lines) / 1_000, "data_kind": "simulated"}
    return gpd.GeoDataFrame(about, geometry=lines, crs=CRS)
