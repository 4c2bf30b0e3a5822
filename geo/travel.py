"""How long it takes from here to there: least-cost paths over the terrain, or straight lines where none is given."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import features

from geo._least_cost import ACROSS, DOWN, NOWHERE, least_cost
from geo.crs import metric_crs
from geo.errors import Message, ModelError
from geo.grid import Grid
from geo.terrain import Terrain

DETOUR = 1.5
"""Length of a way through the mountains over the straight distance; assumed."""
STRAIGHT_KMH = 10.0
"""Speed along it, partly ridden and partly walked; assumed."""


@dataclass(frozen=True)
class TravelTimes:
    """Hours from origins to targets.

    Attributes
    ----------
    hours
        Index: the origins, columns: the targets; infinite where no way leads.
    notes
        What a reader must know of them.
    """

    hours: pd.DataFrame
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Reach:
    """How far one gets from a place.

    Attributes
    ----------
    grid
        Georeference of ``hours``.
    hours
        To each cell, shape (rows, cols); infinite where no path leads.
    came
        The last step to each cell, as `geo._least_cost` numbers them, shape (rows, cols).
    """

    grid: Grid
    hours: NDArray[np.float64]
    came: NDArray[np.int8]

    def path_to(self, target: shapely.Geometry) -> shapely.LineString | None:
        """Return the fastest path to the cell of a target (in the grid's CRS) that is reached first; None if none is.

        The path leads through centres of cells; one that begins where it ends has that place twice.
        """
        cells = _cells_of(target, self.grid)
        if not cells.size or not np.isfinite(self.hours.flat[cells]).any():
            return None
        cell = int(cells[np.argmin(self.hours.flat[cells])])
        steps = DOWN * self.grid.shape[1] + ACROSS
        path = [cell]
        while self.came.flat[cell] != NOWHERE:
            cell -= int(steps[self.came.flat[cell]])
            path.append(cell)
        rows, cols = np.divmod(path[::-1] if len(path) > 1 else path * 2, self.grid.shape[1])
        return shapely.LineString(np.column_stack([self.grid.eastings()[cols], self.grid.northings()[rows]]))


def reach(terrain: Terrain, origin: shapely.Point) -> Reach:
    """Return how long it takes from a place (in the grid's CRS) to every cell.

    Raises
    ------
    ModelError
        If the place lies outside the terrain.
    """
    cell = _origin_cells(gpd.GeoSeries([origin], crs=terrain.grid.crs), terrain.grid)[0]
    hours, came = _search(terrain, int(cell))
    return Reach(terrain.grid, hours.reshape(terrain.grid.shape), came.reshape(terrain.grid.shape))


def travel_times(terrain: Terrain, origins: gpd.GeoSeries, targets: gpd.GeoSeries, *, threads: int = 2) -> TravelTimes:
    """Return the hours of the fastest way from each origin to each target over the terrain.

    Least-cost paths over a raster with eight neighbours (`geo._least_cost`), uphill and downhill each at its own speed.
    Between the eight directions ways come out longer than they are, on flat ground by 8 % at most.

    Parameters
    ----------
    terrain
        The ground.
    origins
        Points, any CRS; the index names them.
    targets
        Points, lines or areas, any CRS; the index names them. The cell of a target that is reached first counts; what
        lies beside the terrain cannot be reached.
    threads
        How many origins at a time; each takes 21 bytes a cell.

    Raises
    ------
    ModelError
        If an origin lies outside the terrain, or there is none, or no target.
    CrsError
        If a layer has no CRS.
    """
    _check_layers(origins, targets)
    starts = _origin_cells(origins.to_crs(terrain.grid.crs), terrain.grid)
    cells = [_cells_of(shape, terrain.grid) for shape in targets.to_crs(terrain.grid.crs)]
    _ = terrain.shortest_step  # computes the steps once, before threads ask for them

    def hours_from(start: int) -> list[float]:
        hours, _ = _search(terrain, start)
        return [float(hours[own].min(initial=np.inf)) for own in cells]

    unique, which = np.unique(starts, return_inverse=True)
    with ThreadPoolExecutor(threads) as pool:
        hours = np.array(list(pool.map(hours_from, unique.tolist())))[which]
    table = pd.DataFrame(hours, origins.index, targets.index)
    return TravelTimes(table, (*terrain.notes, *_unreached(table)))


def straight_times(
    origins: gpd.GeoSeries,
    targets: gpd.GeoSeries,
    crs: str,
    *,
    detour: float = DETOUR,
    speed_kmh: float = STRAIGHT_KMH,
) -> TravelTimes:
    """Return hours where no elevation model is given: straight distance × detour / speed. The notes say so.

    Parameters
    ----------
    origins, targets
        As in `travel_times`.
    crs
        Metric CRS for the distances.
    detour
        Length of the way over the straight distance.
    speed_kmh
        Speed along it.

    Raises
    ------
    ModelError
        If there is no origin or no target, or the detour is shorter than the straight line, or nobody moves.
    CrsError
        If a layer has no CRS, or ``crs`` is not in metres.
    """
    _check_layers(origins, targets)
    if not (np.isfinite([detour, speed_kmh]).all() and detour >= 1 and speed_kmh > 0):
        raise ModelError(
            "Straight ways need a detour of at least 1 and a speed above 0; got {detour} and {speed} km/h",
            detour=detour,
            speed=speed_kmh,
        )
    metric = metric_crs(crs)
    begins, ends = (layer.to_crs(metric).to_numpy() for layer in (origins, targets))
    hours = shapely.distance(begins[:, None], ends[None, :]) / 1000 * detour / speed_kmh
    said = Message(
        "no elevation model is given: travel times are the straight distance × {detour} at {speed} km/h, "
        "whatever the slopes, roads and rivers",
        {"detour": detour, "speed": speed_kmh},
    )
    return TravelTimes(pd.DataFrame(hours, origins.index, targets.index), (said,))


def places_on(terrain: Terrain, lines: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return a point of each line where one can stand: the centre of its open cell that is nearest to its middle.

    A line without an open cell keeps its middle, which nobody reaches. The index stays; the CRS is the terrain's.
    """
    grid = terrain.grid
    metric = lines.to_crs(grid.crs)
    middles = metric.interpolate(0.5, normalized=True)
    places = []
    for line, middle in zip(metric, middles, strict=True):
        open_cells = np.array([cell for cell in _cells_of(line, grid) if terrain.is_open(int(cell))], dtype=np.int64)
        if not open_cells.size:
            places.append(middle)
            continue
        row, col = np.divmod(open_cells, grid.shape[1])
        x, y = grid.eastings()[col], grid.northings()[row]
        nearest = int(np.argmin(np.hypot(x - middle.x, y - middle.y)))
        places.append(shapely.Point(x[nearest], y[nearest]))
    return gpd.GeoSeries(places, lines.index, crs=metric.crs)


def _search(terrain: Terrain, start: int) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return hours and last steps to each cell, read row by row; from a closed cell no path leads."""
    size = terrain.grid.shape[0] * terrain.grid.shape[1]
    hours, came = np.empty(size), np.empty(size, dtype=np.int8)
    least_cost(terrain.steps, terrain.shortest_step, start, hours, came)
    if not terrain.is_open(start):
        hours[start] = np.inf
    return hours, came


def _check_layers(origins: gpd.GeoSeries, targets: gpd.GeoSeries) -> None:
    if not len(origins) or not len(targets):
        raise ModelError("Travel times need at least one origin and one target")
    empty = int((origins.isna() | origins.is_empty).sum() + (targets.isna() | targets.is_empty).sum())
    if empty:
        raise ModelError("{n} origins or targets have no geometry; give each a place", n=empty)


def _origin_cells(points: gpd.GeoSeries, grid: Grid) -> NDArray[np.int64]:
    """Return the cells of points, counted row by row."""
    west, east, south, north = grid.region
    x, y = points.x.to_numpy(), points.y.to_numpy()
    outside = int((~((x >= west) & (x <= east) & (y >= south) & (y <= north))).sum())
    if outside:
        raise ModelError(
            "{n} of {all} origins lie outside the elevation model; take a larger one", n=outside, all=len(points)
        )
    rows, cols = grid.shape
    row = ((north - y) / grid.cell_m).astype(np.int64).clip(0, rows - 1)
    col = ((x - west) / grid.cell_m).astype(np.int64).clip(0, cols - 1)
    cells: NDArray[np.int64] = row * cols + col
    return cells


def _cells_of(shape: shapely.Geometry, grid: Grid) -> NDArray[np.int64]:
    """Return the cells that a shape touches, counted row by row; only its bounding box is looked at."""
    west, _, _, north = grid.region
    rows, cols = grid.shape
    left, bottom, right, top = np.array(shape.bounds)
    row, last_row = np.clip([(north - top) // grid.cell_m - 1, (north - bottom) // grid.cell_m + 2], 0, rows)
    col, last_col = np.clip([(left - west) // grid.cell_m - 1, (right - west) // grid.cell_m + 2], 0, cols)
    box = int(last_row - row), int(last_col - col)
    if min(box) <= 0:
        return np.empty(0, dtype=np.int64)
    corner = Affine(grid.cell_m, 0, west + col * grid.cell_m, 0, -grid.cell_m, north - row * grid.cell_m)
    touched = features.rasterize([shape], box, transform=corner, all_touched=True, dtype="uint8")
    down, across = touched.nonzero()
    cells: NDArray[np.int64] = (down + int(row)) * cols + across + int(col)
    return cells


def _unreached(hours: pd.DataFrame) -> Iterator[Message]:
    finite = np.isfinite(hours.to_numpy())
    if lonely := int((~finite.any(axis=1)).sum()):
        yield Message("{n} of {all} origins reach no target over open terrain", {"n": lonely, "all": len(hours)})
    if cut := int((~finite.any(axis=0)).sum()):
        yield Message("{n} of {all} targets cannot be reached from any origin", {"n": cut, "all": hours.shape[1]})
