"""The ground as movement meets it: slopes, roads, trails, rivers, and what is closed for a season."""

from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio import features
from rasterio.enums import Resampling
from rasterio.warp import reproject

from geo._least_cost import Singles, step_hours
from geo.density._threads import in_bands
from geo.errors import CrsError, Message, ModelError
from geo.grid import Grid
from geo.raster_file import RasterFile

OFF_PATH = 0.6
"""Speed off the path as a share of that on it (Tobler 1993)."""
RIDE_KMH = 25.0
"""Speed on roads where the layer does not tell another (column ``speed_kmh``): a motorbike on hill roads; assumed."""
LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""All land lies between."""
FORD_HOURS = 0.25
"""Wading or rafting across a river where neither road nor trail leads over it; assumed. Infinite in times of flood."""


@dataclass(frozen=True)
class Terrain:
    """What each cell lets one do.

    Attributes
    ----------
    grid
        Georeference of the arrays.
    elevation
        Metres; NaN where it is not known, and nobody is taken to get through there.
    walk
        Speed on foot as a share of Tobler's on a path: 1 on trails and roads, `OFF_PATH` elsewhere, 0 where closed.
    ride_kmh
        Speed on roads, 0 where there is none.
    wet
        Rivers without bridge.
    ford_hours
        What stepping into the water costs, beyond the way.
    notes
        What a reader of times over this terrain must know.
    """

    grid: Grid
    elevation: NDArray[np.float64]
    walk: NDArray[np.float64]
    ride_kmh: NDArray[np.float64]
    wet: NDArray[np.bool_]
    ford_hours: float = FORD_HOURS
    notes: tuple[Message, ...] = ()

    @cached_property
    def steps(self) -> Singles:
        """Hours of the steps from each cell to its eight neighbours, shape (rows, cols, 8); infinite where closed."""
        rows, cols = self.grid.shape
        hours = np.empty((rows, cols, 8), dtype=np.float32)

        def some(top: int, bottom: int) -> None:
            arrays = (self.elevation, self.walk, self.ride_kmh, self.wet)
            step_hours(*arrays, self.ford_hours, self.grid.cell_m, top, bottom, hours)

        in_bands(some, np.full(rows, 8.0 * cols), 2)
        return hours

    @cached_property
    def shortest_step(self) -> float:
        """Hours of the quickest of the steps; infinite if there is none."""
        return float(self.steps.min())

    def is_open(self, cell: int) -> bool:
        """Tell whether one can stand in a cell, counted row by row."""
        passable = max(self.walk.flat[cell], self.ride_kmh.flat[cell]) > 0
        return bool(passable and not np.isnan(self.elevation.flat[cell]))

    def closing(self, areas: gpd.GeoDataFrame) -> "Terrain":
        """Return the terrain with areas or lines closed, for a season or for good: no path leads through them.

        Raises
        ------
        CrsError
            If the areas have no CRS.
        """
        shut = _burnt(areas, self.grid) > 0
        return replace(self, walk=np.where(shut, 0.0, self.walk), ride_kmh=np.where(shut, 0.0, self.ride_kmh))


def build_terrain(
    elevation: NDArray[np.float64],
    grid: Grid,
    *,
    roads: gpd.GeoDataFrame | None = None,
    trails: gpd.GeoDataFrame | None = None,
    rivers: gpd.GeoDataFrame | None = None,
    ford_hours: float = FORD_HOURS,
) -> Terrain:
    """Put elevations and the layers that there are together.

    A line owns every cell that it touches. Where a road or trail meets a river there is a bridge or a known ford.

    Parameters
    ----------
    elevation
        Metres, shape of the grid (`read_elevation`); NaN where it is not known.
    grid
        Georeference.
    roads
        Lines, any CRS; ``speed_kmh`` where it is known, else `RIDE_KMH`.
    trails, rivers
        Lines or areas, any CRS.
    ford_hours
        Cost of stepping into a river; infinite if it cannot be crossed.

    Raises
    ------
    ModelError
        If no elevation is known, or shapes or speeds are not as they must be.
    CrsError
        If a layer has no CRS.
    """
    if elevation.shape != grid.shape:
        raise ValueError(f"The elevations have the shape {elevation.shape}, their grid {grid.shape}")
    unknown = np.isnan(elevation)
    if unknown.all():
        raise ModelError("The elevations do not cover the region: no cell has one")
    if not ford_hours >= 0:
        raise ModelError("Crossing a river must take at least 0 hours; got {hours}", hours=ford_hours)
    ride = np.zeros(grid.shape) if roads is None else _ridden(roads, grid)
    path = ride > 0
    if trails is not None:
        path |= _burnt(trails, grid) > 0
    wet = np.zeros(grid.shape, dtype=bool) if rivers is None else (_burnt(rivers, grid) > 0) & ~path
    layers = {"roads": roads, "trails": trails, "rivers": rivers}
    notes = [_NOT_GIVEN[name] for name, layer in layers.items() if layer is None]
    if unknown.any():
        share = {"percent": 100 * float(unknown.mean())}
        notes.append(Message("{percent} % of the terrain has no elevation and is taken as closed", share))
    walk = np.where(path, 1.0, OFF_PATH)
    return Terrain(grid, elevation.astype(np.float64), walk, ride, wet, ford_hours, tuple(notes))


_NOT_GIVEN = {
    "roads": Message("no roads are given: travel times are those on foot"),
    "trails": Message("no trails are given: off the roads every way counts as pathless"),
    "rivers": Message("no rivers are given: they hold nobody up"),
}


def read_elevation(raster: RasterFile, grid: Grid) -> NDArray[np.float64]:
    """Return an elevation model on the cells of a grid, metres, NaN where it has no value.

    Finer cells are averaged, coarser ones interpolated (bilinear).

    Raises
    ------
    ModelError
        If values are no elevations: mostly a “no value” that the file does not declare.
    """
    cell = np.sqrt(raster.cell_area) * (111_000 if raster.crs.is_geographic else 1)
    elevation = np.full(grid.shape, np.nan)
    reproject(
        rasterio.band(raster.dataset, raster.band),
        elevation,
        dst_transform=grid.transform,
        dst_crs=grid.crs,
        src_crs=raster.crs.to_wkt(),
        dst_nodata=np.nan,
        resampling=Resampling.average if cell < grid.cell_m else Resampling.bilinear,
    )
    known = elevation[~np.isnan(elevation)]
    if known.size and not (known.min() > LOWEST_M and known.max() < HIGHEST_M):
        raise ModelError(
            "{file}: values from {low} to {high} are no elevations in metres; declare the nodata value of the file",
            file=raster.name,
            low=f"{known.min():g}",
            high=f"{known.max():g}",
        )
    return elevation


def _ridden(roads: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.float64]:
    """Return the fastest speed of the roads that touch each cell, km/h."""
    speed = np.full(len(roads), RIDE_KMH)
    if "speed_kmh" in roads:
        speed = roads["speed_kmh"].astype(float).fillna(RIDE_KMH).to_numpy()
        if not ((speed > 0) & (speed <= 120)).all():
            raise ModelError("Speeds on roads (speed_kmh) must be above 0 and at most 120 km/h")
    slowest_first = np.argsort(speed, kind="stable")
    return _burnt(roads.iloc[slowest_first], grid, speed[slowest_first])


def _burnt(layer: gpd.GeoDataFrame, grid: Grid, values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return the value of the last shape that touches each cell (1 if there are no values), 0 where none does."""
    if layer.crs is None:
        raise CrsError("A layer of the terrain has no coordinate reference system")
    marks = np.ones(len(layer)) if values is None else values
    shapes = layer.geometry.to_crs(grid.crs).to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    burnt = np.zeros(grid.shape)
    if there.any():
        pairs = zip(shapes[there], marks[there], strict=True)
        features.rasterize(pairs, out=burnt, transform=grid.transform, all_touched=True)
    return burnt
