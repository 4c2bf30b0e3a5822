"""The study area: where points could be recorded at all, and how much of a kernel lies inside it."""

from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.features import geometry_mask
from scipy.interpolate import RectBivariateSpline

from geo.crs import check_scale, metric_crs
from geo.density._edges import mass_inside
from geo.density._layout import Floats
from geo.density._profile import GAUSSIAN, Profile
from geo.density.points import same_crs
from geo.errors import ModelError
from geo.grid import Grid

GAUSSIAN_CUT = 6.5
"""Standard deviations beyond which the study area's edge is not looked at: 7e-10 of the mass."""

NODES_A_SIGMA = 4.0
"""Nodes in a standard deviation from which a Gaussian's mass at many places is interpolated: error below 1e-6."""


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

    def holds(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Tell which places lie inside or on the boundary."""
        held: NDArray[np.bool_] = shapely.intersects_xy(self.polygon, x, y)
        return held

    def cells(self, grid: Grid) -> NDArray[np.bool_]:
        """Tell which cells have their centre inside, shape (rows, cols)."""
        return self.covers(grid.transform, grid.shape)

    def covers(self, transform: Affine, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Tell the same of the cells of a transform from (column, row) to metres."""
        held: NDArray[np.bool_] = geometry_mask([self.polygon], shape, transform, invert=True)
        return held

    def mass(self, x: Floats, y: Floats, radii: float | Floats, profile: Profile, threads: int) -> Floats:
        """Return the share of the kernels around places that lies inside, shape (n,); ``radii`` as in `surface`."""
        if profile.power == GAUSSIAN:
            radii = radii * (GAUSSIAN_CUT / np.sqrt(2 * profile.steepness))
            profile = Profile(GAUSSIAN, 0.5 * GAUSSIAN_CUT**2)
            if isinstance(radii, float) and x.size > _nodes(x, y, radii):
                region = float(x.min()), float(x.max()), float(y.min()), float(y.max())
                mass: Floats = self._spline(region, radii, threads).ev(y, x)
                return np.clip(mass, 0.0, 1.0)
        return mass_inside(x, y, radii, profile, self.holds(x, y), self._edges, threads)

    def mass_on(self, grid: Grid, radii: float | Floats, profile: Profile, threads: int) -> Floats:
        """Return the same around cell centres, shape (rows, cols), NaN outside.

        ``radii`` is one for all cells or one for each, shape (rows, cols).
        """
        inside = self.cells(grid)
        out = np.full(grid.shape, np.nan)
        if profile.power == GAUSSIAN and isinstance(radii, float):
            radius = radii * float(GAUSSIAN_CUT / np.sqrt(2 * profile.steepness))
            if radius > GAUSSIAN_CUT * NODES_A_SIGMA * grid.cell_m:
                spline = self._spline(grid.region, radius, threads)
                out[inside] = spline(grid.northings()[::-1], grid.eastings())[::-1][inside].clip(0.0, 1.0)
                return out
        row, col = np.nonzero(inside)
        own = radii if isinstance(radii, float) else radii[inside]
        out[inside] = self.mass(grid.eastings()[col], grid.northings()[row], own, profile, threads)
        return out

    def _spline(self, region: tuple[float, float, float, float], radius: float, threads: int) -> RectBivariateSpline:
        """Return a Gaussian's mass, cut at the radius, as a spline through nodes that cover a region."""
        spacing = radius / GAUSSIAN_CUT / NODES_A_SIGMA
        west, east, south, north = region
        x = np.arange(west - 4 * spacing, east + 5 * spacing, spacing)
        y = np.arange(south - 4 * spacing, north + 5 * spacing, spacing)
        at_x, at_y = (axis.ravel() for axis in np.meshgrid(x, y))
        profile = Profile(GAUSSIAN, 0.5 * GAUSSIAN_CUT**2)
        mass = mass_inside(at_x, at_y, radius, profile, self.holds(at_x, at_y), self._edges, threads)
        return RectBivariateSpline(y, x, mass.reshape(y.size, x.size), kx=5, ky=5)


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
