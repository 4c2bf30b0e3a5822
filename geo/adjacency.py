"""Which communes touch: the graph along which a model borrows strength."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse

from geo.crs import metric_crs

SNAP_M = 50.0
"""Communes whose boundaries come so near to each other are neighbours: drawn borders never meet exactly."""


def touching(communes: gpd.GeoDataFrame, crs: str, snap_m: float = SNAP_M) -> "sparse.csr_array[Any]":
    """Return the adjacency matrix of polygons, shape (n, n), in the order of the rows: 1 where two are neighbours.

    Parameters
    ----------
    communes
        Polygons, any CRS.
    crs
        Metric CRS in which distances are measured.
    snap_m
        Greatest distance between neighbours, metres.

    Raises
    ------
    CrsError
        If ``crs`` is not in metres.
    """
    shapes = communes.to_crs(metric_crs(crs)).geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=snap_m)
    apart = one != other
    n = len(shapes)
    return sparse.csr_array((np.ones(int(apart.sum())), (one[apart], other[apart])), shape=(n, n))
