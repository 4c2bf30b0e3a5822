"""What lines, points and areas say of each polygon: how many, how much, how far. All in one metric CRS."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]


def line_length_km(polygons: Shapes, lines: Shapes) -> NDArray[np.float64]:
    """Return the length of line within each polygon, km; what runs along a common edge counts in both polygons."""
    unit, length = _parts(polygons, lines)
    return np.bincount(unit, length, len(polygons)) / 1000


def line_count(polygons: Shapes, lines: Shapes) -> NDArray[np.float64]:
    """Return how many of the lines have a part within each polygon."""
    unit, length = _parts(polygons, lines)
    return np.bincount(unit[length > 0], minlength=len(polygons)).astype(np.float64)


def point_count(polygons: Shapes, points: Shapes) -> NDArray[np.float64]:
    """Return how many points lie within each polygon; one on a common edge counts in the first polygon only."""
    unit, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    first = pd.Series(unit).groupby(point).min()
    return np.bincount(first, minlength=len(polygons)).astype(np.float64)


def covered_share(polygons: Shapes, areas: Shapes) -> NDArray[np.float64]:
    """Return the share of each polygon that lies within the areas; where areas overlap they count once."""
    areas = shapely.make_valid(areas)
    unit, area = shapely.STRtree(areas).query(polygons, predicate="intersects")
    near = pd.Series(areas[area], dtype=object).groupby(unit).agg(lambda these: shapely.union_all(these.to_numpy()))
    covered = np.zeros(len(polygons))
    at = near.index.to_numpy(dtype=np.intp)
    covered[at] = shapely.area(shapely.intersection(polygons[at], near.to_numpy()))
    share: NDArray[np.float64] = (covered / shapely.area(polygons)).clip(0, 1)
    return share


def distance_km(places: Shapes, shapes: Shapes) -> NDArray[np.float64]:
    """Return the distance of each place to the nearest shape, km; NaN where there is none."""
    distances = np.full(len(places), np.nan)
    (found, _), nearest = shapely.STRtree(shapes).query_nearest(places, return_distance=True, all_matches=False)
    distances[found] = nearest / 1000
    return distances


def _parts(polygons: Shapes, lines: Shapes) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return for each line and polygon that it meets the polygon and the length within, metres."""
    shapely.prepare(polygons)
    unit, line = shapely.STRtree(lines).query(polygons, predicate="intersects")
    whole = shapely.contains_properly(polygons[unit], lines[line])
    length = shapely.length(lines[line])
    length[~whole] = shapely.length(shapely.intersection(lines[line[~whole]], polygons[unit[~whole]]))
    return unit, length
