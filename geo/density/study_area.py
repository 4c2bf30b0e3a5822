"""The study area: where points could be recorded at all, and how much of a kernel lies inside it."""

from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from pyproj import CRS
from scipy.interpolate import RectBivariateSpline

from geo.crs import check_scale, metric_crs
from geo.density._edges import mass_inside
from geo.density._inside import Flags, columns_in_reach, rows_inside
from geo.density._layout import Floats, Lattice
from geo.density._profile import GAUSSIAN, Profile
from geo.density.points import same_crs
from geo.errors import ModelError
from geo.grid import Grid

GAUSSIAN_CUT = 6.5
"""Standard deviations beyond which the study area's edge is not looked at: 7e-10 of the mass."""

NODES_A_SIGMA = 4.0
"""Nodes in a standard deviation from which a Gaussian's mass at many places is interpolated: error below 1e-6 of the
largest."""

WIDEST = 1e5
"""Extents of area and places beyond which a kernel is as good as flat, and its mass goes as 1/radius²: to 1e-8."""

AT_ONCE = 1 << 18
"""Cells or points that are worked on at once: what that takes beside the result counts little."""

DOUBTFUL = 1e-6
"""Cells from an edge within which a centre may lie on it: GEOS decides, as it does for single places."""

SIDE = 1024
"""Rows and columns of the raster that tells for most places whether they lie inside."""


def _no_area() -> ModelError:
    return ModelError("The study area must be one valid polygon (of several parts, if need be) with an area")


class StudyArea:
    """A polygon, with holes and islands, outside of which nothing can be recorded.

    Parameters
    ----------
    polygon
        Polygon or MultiPolygon in metres of the points' CRS.

    Raises
    ------
    ModelError
        If it is no valid polygon, or has no area.

    References
    ----------
    Diggle, P. J. (1985). A kernel method for smoothing point process data. Applied Statistics 34, 138–147.
    Jones, M. C. (1993). Simple boundary correction for kernel density estimation. Statistics and Computing 3, 135–146.
    """

    def __init__(self, polygon: shapely.Geometry) -> None:
        kinds = (shapely.Polygon, shapely.MultiPolygon)
        if not (isinstance(polygon, kinds) and shapely.is_valid(polygon) and polygon.area > 0):
            raise _no_area()
        self.polygon = shapely.orient_polygons(polygon)
        shapely.prepare(self.polygon)
        rings = [shapely.get_coordinates(ring) for part in shapely.get_parts(self.polygon) for ring in _rings(part)]
        self._edges = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in rings]).T.copy()

    def __reduce__(self) -> tuple[type["StudyArea"], tuple[shapely.Geometry]]:
        return StudyArea, (self.polygon,)  # prepared again where it arrives

    def holds(self, x: Floats, y: Floats) -> Flags:
        """Tell which places lie inside or on the boundary."""
        held = np.empty(x.size, bool)
        for some in _blocks(x.size):
            held[some] = self._holds(x[some], y[some])
        return held

    def cells(self, grid: Grid) -> Flags:
        """Tell of which cells `holds` is true at the centre, shape (rows, cols)."""
        return self.covers(grid.transform, grid.shape)

    def covers(self, transform: Affine, shape: tuple[int, int]) -> Flags:
        """Tell the same of the cells of a transform from (column, row) to metres."""
        lattice = Lattice(transform.c, transform.f, transform.a, *shape)
        held = np.empty(shape, bool)
        for rows in _bands(shape):
            held[rows] = self._rows(lattice, rows)
        return held

    def mass(self, x: Floats, y: Floats, radii: float | Floats, profile: Profile, threads: int) -> Floats:
        """Return the share of the kernels around places that lies inside, shape (n,); ``radii`` as in `surface`."""
        if profile.power == GAUSSIAN:
            radii = radii * float(GAUSSIAN_CUT / np.sqrt(2 * profile.steepness))
        out = np.empty(x.size)
        spline = None
        if profile.power == GAUSSIAN and isinstance(radii, float) and x.size > _nodes(x, y, radii):
            region = float(x.min()), float(x.max()), float(y.min()), float(y.max())
            spline = self._spline(region, radii, threads)
        for some in _blocks(x.size):
            if spline is not None:
                out[some] = spline.ev(y[some], x[some]).clip(0.0, 1.0)
            else:
                own = radii if isinstance(radii, float) else radii[some]
                out[some] = self._mass(x[some], y[some], own, profile.power, threads)
        return out

    def mass_on(self, grid: Grid, radii: float | Floats, profile: Profile, threads: int) -> Floats:
        """Return the same around cell centres, shape (rows, cols), NaN outside.

        ``radii`` is one for all cells or one for each, shape (rows, cols): then the result takes their place.
        """
        west, _, _, north = grid.region
        lattice = Lattice(west, north, grid.cell_m, *grid.shape)
        x, y = grid.eastings(), grid.northings()
        out = np.empty(grid.shape) if isinstance(radii, float) else radii
        cut, spline = 1.0, None
        if profile.power == GAUSSIAN:
            cut = float(GAUSSIAN_CUT / np.sqrt(2 * profile.steepness))
            if isinstance(radii, float) and cut * radii > GAUSSIAN_CUT * NODES_A_SIGMA * grid.cell_m:
                spline = self._spline(grid.region, cut * radii, threads)
        for rows in _bands(grid.shape):
            inside = self._rows(lattice, rows)
            if spline is not None:
                mass = spline(y[rows][::-1], x)[::-1].clip(0.0, 1.0)
            else:
                own = cut * radii if isinstance(radii, float) else cut * radii[rows]
                widest = own if isinstance(own, float) else float(own.max(where=inside, initial=0.0))
                near = inside & columns_in_reach(self._edges, lattice, rows.start, rows.stop, widest)
                row, col = np.nonzero(near)
                mass = np.ones(inside.shape)
                mine = own if isinstance(own, float) else own[near]
                mass[near] = self._mass(x[col], y[rows][row], mine, profile.power, threads)
            out[rows] = np.where(inside, mass, np.nan)
        return out

    def _mass(self, x: Floats, y: Floats, radii: float | Floats, power: int, threads: int) -> Floats:
        """Return the masses around places; a Gaussian is cut at `GAUSSIAN_CUT`, which is the radius."""
        if not x.size:
            return np.empty(0)
        west, south, east, north = self.polygon.bounds
        widest = WIDEST * float(max(east, x.max()) - min(west, x.min()) + max(north, y.max()) - min(south, y.min()))
        shrunk: float | Floats = 1.0
        if np.max(radii) > widest:
            shrunk = np.minimum(1.0, widest / radii)
            radii = radii * shrunk
        mass = mass_inside(x, y, radii, Profile(power, 0.5 * GAUSSIAN_CUT**2), self._edges, threads)
        unknown = np.flatnonzero(np.isnan(mass))
        mass[unknown] = self._holds(x[unknown], y[unknown])
        mass *= shrunk**2
        return mass

    def _spline(self, region: tuple[float, float, float, float], radius: float, threads: int) -> RectBivariateSpline:
        """Return a Gaussian's mass, cut at the radius, as a spline through nodes that cover a region."""
        spacing = radius / GAUSSIAN_CUT / NODES_A_SIGMA
        west, east, south, north = region
        x = np.arange(west - 4 * spacing, east + 5 * spacing, spacing)
        y = np.arange(south - 4 * spacing, north + 5 * spacing, spacing)
        at_x, at_y = (axis.ravel() for axis in np.meshgrid(x, y))
        mass = self._mass(at_x, at_y, radius, GAUSSIAN, threads)
        return RectBivariateSpline(y, x, mass.reshape(y.size, x.size), kx=5, ky=5)

    def _rows(self, lattice: Lattice, rows: slice) -> Flags:
        """Tell of which cells in some rows of a lattice the centre lies inside or on the boundary."""
        inside, doubtful = rows_inside(self._edges, lattice, rows.start, rows.stop, DOUBTFUL)
        row, col = np.nonzero(doubtful)
        x = lattice.west + (col + 0.5) * lattice.cell
        y = lattice.north - (row + rows.start + 0.5) * lattice.cell
        inside[row, col] = shapely.intersects_xy(self.polygon, x, y)
        return inside

    def _holds(self, x: Floats, y: Floats) -> Flags:
        if x.size < SIDE:
            held: Flags = shapely.intersects_xy(self.polygon, x, y)
            return held
        lattice, inside, cut = self._raster
        # What lies beside the raster falls to its rim, which is outside.
        col = ((x - lattice.west) / lattice.cell).clip(0, lattice.cols - 1).astype(np.intp)
        row = ((lattice.north - y) / lattice.cell).clip(0, lattice.rows - 1).astype(np.intp)
        held = inside[row, col]
        unsure = np.flatnonzero(cut[row, col])
        held[unsure] = shapely.intersects_xy(self.polygon, x[unsure], y[unsure])
        return held

    @cached_property
    def _raster(self) -> tuple[Lattice, Flags, Flags]:
        """Cells over the polygon, which of them lie inside, and which are cut by its boundary."""
        west, south, east, north = self.polygon.bounds
        cell = max(east - west, north - south) / (SIDE - 3)
        shape = int((north - south) / cell) + 3, int((east - west) / cell) + 3
        lattice = Lattice(west - cell, north + cell, cell, *shape)
        return lattice, *rows_inside(self._edges, lattice, 0, lattice.rows, 0.5 + DOUBTFUL)


def _blocks(size: int, at_once: int | None = None) -> Iterator[slice]:
    at_once = at_once or AT_ONCE
    for begin in range(0, size, at_once):
        yield slice(begin, min(begin + at_once, size))


def _bands(shape: tuple[int, int]) -> Iterator[slice]:
    """Yield rows of about `AT_ONCE` cells."""
    return _blocks(shape[0], max(1, AT_ONCE // shape[1]))


def _nodes(x: Floats, y: Floats, radius: float) -> float:
    """Return how many nodes the spline of a Gaussian's mass around places would have."""
    spacing = radius / GAUSSIAN_CUT / NODES_A_SIGMA
    return float((np.ptp(x) / spacing + 9) * (np.ptp(y) / spacing + 9)) if x.size else 0.0


Area: TypeAlias = shapely.Geometry | gpd.GeoSeries | gpd.GeoDataFrame | StudyArea
"""A polygon, or several that together are the study area."""


def read_area(area: Area, x: Floats, y: Floats, crs: CRS | None) -> StudyArea:
    """Return the study area of points, in their CRS if it is known.

    Raises
    ------
    CrsError
        If the area is in another CRS, or in one that is not made for it.
    ModelError
        If it is no valid polygon, or points lie outside.
    """
    if isinstance(area, (gpd.GeoSeries, gpd.GeoDataFrame)):
        same_crs(crs, area.crs)
        if area.crs is not None:
            check_scale(metric_crs(area.crs.to_string()), area.total_bounds[::2], area.total_bounds[1::2])
        if not area.geometry.is_valid.all():
            raise _no_area()
        area = area.geometry.union_all()
    study_area = area if isinstance(area, StudyArea) else StudyArea(area)
    outside = int(np.count_nonzero(~study_area.holds(x, y)))
    if outside:
        raise ModelError(
            "{n} of {all} points lie outside the study area; correct the area or leave the points out",
            n=outside,
            all=x.size,
        )
    return study_area


def _rings(part: shapely.Polygon) -> list[shapely.LinearRing]:
    return [part.exterior, *part.interiors]
