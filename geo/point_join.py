"""Which polygon holds a point: many points asked at once, the polygons made ready once."""

from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geo.crs import STORED, metric_crs

Floats = NDArray[np.float64]

AT_ONCE = 2**17
"""Points of which objects are held at one time."""


class PointJoin:
    """Communes in EPSG:4326, ready to be asked which of them holds a point.

    The boxes of an R-tree (Leutenegger et al. 1997, STR packing) say which polygons may hold a point, and each of these
    is indexed by its edges. Points that come in the order of space find both in the processor's caches.

    Parameters
    ----------
    communes
        ``commune_code`` and polygons.
    crs
        The metric CRS in which nearness is measured.
    """

    def __init__(self, communes: gpd.GeoDataFrame, crs: str) -> None:
        units = communes.sort_values("commune_code", ignore_index=True).to_crs(STORED)
        self.codes = units["commune_code"].to_numpy(dtype=object)
        west, south, east, north = map(float, units.total_bounds)
        self.bounds = west, south, east, north
        self._crs, self._geometry = metric_crs(crs), units.geometry
        self._shapes = units.geometry.to_numpy()
        self._tree = shapely.STRtree(self._shapes)
        shapely.prepare(self._shapes)

    def holding(self, lon: Floats, lat: Floats) -> NDArray[np.intp]:
        """Return the position in `codes` of the commune that holds each point, −1 where none does; shape (n,).

        What lies on a border is held by both sides; of several communes the one with the smaller code is taken.
        """
        found = np.full(lon.size, len(self._shapes), dtype=np.intp)
        for begin in range(0, lon.size, AT_ONCE):
            some = slice(begin, begin + AT_ONCE)
            point, unit = self._tree.query(shapely.points(lon[some], lat[some]))
            point += begin
            inside = shapely.intersects_xy(self._shapes[unit], lon[point], lat[point])
            np.minimum.at(found, point[inside], unit[inside])
        found[found == len(self._shapes)] = -1
        return found

    def near(self, lon: Floats, lat: Floats, reach_m: float) -> NDArray[np.intp]:
        """Return the position in `codes` of the nearest commune within reach of each point, −1 where there is none."""
        found = np.full(lon.size, -1, dtype=np.intp)
        x, y = self._to_metric.transform(lon, lat)
        usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        points = shapely.points(x[usable], y[usable])
        position, unit = self._metric_tree.query_nearest(points, max_distance=reach_m, all_matches=False)
        found[usable[position]] = unit
        return found

    @cached_property
    def _to_metric(self) -> Transformer:
        return Transformer.from_crs(STORED, self._crs, always_xy=True)

    @cached_property
    def _metric_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._geometry.to_crs(self._crs).to_numpy())
