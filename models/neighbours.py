"""Which units are whose neighbours, and by what weight: one sparse matrix, whatever it was given as."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from geo.crs import looks_like_degrees
from geo.errors import CrsError, ModelError


def weights_of(neighbours: Any, units: pd.Index) -> sparse.csr_array:
    """Return the weights as a sparse matrix whose rows and columns are the units, in their order.

    Parameters
    ----------
    neighbours
        A scipy sparse or a dense matrix, shape (units, units), rows and columns in the order of ``units``; or a
        libpysal ``Graph`` or ``W``, whose ids are the units (in any order) or their positions 0, 1, 2, … Entry (i, j)
        is the weight of j as a neighbour of i, not negative.
    units
        The units' labels.

    Raises
    ------
    ModelError
        If the shape or the ids are not those of the units, or a weight is negative, missing or infinite.
    """
    matrix = sparse.csr_array(getattr(neighbours, "sparse", neighbours), dtype=np.float64, copy=True)
    if matrix.shape != (len(units), len(units)):
        raise ModelError(
            "The matrix of neighbours has {rows} rows and {columns} columns; {n} units need as many of both",
            rows=matrix.shape[0],
            columns=matrix.shape[1],
            n=len(units),
        )
    if (matrix.data < 0).any() or not np.isfinite(matrix.data).all():
        raise ModelError("The weights of neighbours must be finite, and not negative")
    ids = getattr(neighbours, "unique_ids", getattr(neighbours, "id_order", None))
    if ids is not None:
        places = pd.Index(ids).get_indexer(units)
        if (places >= 0).all():
            matrix = matrix[places][:, places]
        elif list(ids) != list(range(len(units))):
            raise ModelError(
                "{n} of {total} units are not among the ids of the neighbours: build both from one layer",
                n=int((places < 0).sum()),
                total=len(units),
            )
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def nearest(places: ArrayLike, k: int) -> sparse.csr_array:
    """Return each place's k nearest others, each with weight 1, shape (n, n).

    Parameters
    ----------
    places
        (easting, northing) in metres, shape (n, 2).
    k
        How many neighbours each has, from 1 to n − 1.

    Raises
    ------
    CrsError, ModelError
        If the places are degrees or not pairs of numbers, or ``k`` is out of range.
    """
    xy = _metres(places)
    if not 1 <= k < len(xy):
        raise ModelError("Each place has from 1 to {most} neighbours; got {k}", most=len(xy) - 1, k=k)
    return sparse.csr_array(NearestNeighbors(n_neighbors=k).fit(xy).kneighbors_graph())


def within(places: ArrayLike, distance_m: float) -> sparse.csr_array:
    """Return the others within a distance of each place, each with weight 1, shape (n, n).

    Parameters
    ----------
    places
        (easting, northing) in metres, shape (n, 2).
    distance_m
        The distance, > 0; whoever is exactly so far away counts.

    Raises
    ------
    CrsError, ModelError
        If the places are degrees or not pairs of numbers, or the distance is not above zero.
    """
    xy = _metres(places)
    if not distance_m > 0:
        raise ModelError("The distance to neighbours must be above zero; got {distance} m", distance=distance_m)
    return sparse.csr_array(NearestNeighbors(radius=distance_m).fit(xy).radius_neighbors_graph())


def _metres(places: ArrayLike) -> NDArray[np.float64]:
    xy = np.asarray(places, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) < 2 or not np.isfinite(xy).all():
        raise ModelError("Neighbours need at least two places, each a pair (easting, northing) of finite numbers")
    if looks_like_degrees(xy[:, 0], xy[:, 1]):
        raise CrsError("The coordinates look like degrees; distances to neighbours need metres (to_crs('EPSG:9205'))")
    return xy
