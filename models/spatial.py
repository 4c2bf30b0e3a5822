"""What neighbours have in common: the precision of a spatial effect on any graph of units."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import splu

from models.neighbours import weights_of

Floats: TypeAlias = NDArray[np.float64]

DENSE_UP_TO = 1_000
"""Units of a connected part up to which all their variances are computed; of more a sample of `SAMPLE` is."""

SAMPLE = 200


@dataclass(frozen=True)
class Graph:
    """Units, and the edges along which a spatial effect is smooth.

    The effect s has the precision Σ_edges g (s_i − s_j)² + Σ_i s_i² / n_i: the scaled intrinsic autoregression of BYM2
    (Riebler et al. 2016; for islands and parts Freni-Sterrantino, Ventrucci & Rue 2018), with g such that within each
    connected part the geometric mean of the variances is 1, and a level of each part with variance 1 besides (n_i
    units are in unit i's part). A unit with no neighbour has that level alone: a variance of 1, and no special case.

    Attributes
    ----------
    n
        Number of units.
    one, other
        Ends of the edges, shape (edges,).
    strength
        g of each edge, shape (edges,).
    anchor
        1 / n_i of each unit, shape (n,).
    part
        The connected part of each unit, shape (n,).
    """

    n: int
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    strength: Floats
    anchor: Floats
    part: NDArray[np.int32]

    def precision(self, more: Floats | None = None) -> "sparse.csc_array[Any]":
        """Return the precision matrix, plus ``more`` on the diagonal."""
        diagonal = self.anchor + np.bincount(self.one, self.strength, self.n)
        diagonal = diagonal + np.bincount(self.other, self.strength, self.n)
        if more is not None:
            diagonal = diagonal + more
        own = np.arange(self.n)
        rows = np.concatenate([own, self.one, self.other])
        cols = np.concatenate([own, self.other, self.one])
        values = np.concatenate([diagonal, -self.strength, -self.strength])
        return sparse.csc_array((values, (rows, cols)), shape=(self.n, self.n))

    def draw_rhs(self, more: Floats, rng: np.random.Generator, draws: int) -> Floats:
        """Return random vectors whose covariance is the precision plus ``more`` on the diagonal, shape (n, draws).

        Solving with that matrix makes draws of the effect of them (Papandreou & Yuille 2010): no factor is needed.
        """
        along = np.sqrt(self.strength)[:, None] * rng.standard_normal((self.one.size, draws))
        rhs = np.sqrt(self.anchor + more)[:, None] * rng.standard_normal((self.n, draws))
        np.add.at(rhs, self.one, along)
        np.subtract.at(rhs, self.other, along)
        return rhs


def factor(precision: "sparse.csc_array[Any]") -> Any:
    """Return the triangular factors of a positive definite matrix: no pivots, and rows move as columns do."""
    return splu(precision, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def graph_of(neighbours: Any, units: pd.Index) -> Graph:
    """Return the scaled graph of units.

    Parameters
    ----------
    neighbours
        As `models.neighbours.weights_of` takes them; what is not zero is an edge, in whichever direction. None means
        that no unit has a neighbour.
    units
        The units' labels.

    Raises
    ------
    ModelError
        If the shape or the ids are not those of the units.
    """
    n = len(units)
    none = np.empty(0, dtype=np.int64)
    if neighbours is None:
        return Graph(n, none, none, np.empty(0), np.ones(n), np.arange(n, dtype=np.int32))
    matrix = weights_of(neighbours, units)
    upper = sparse.triu(matrix + matrix.T, k=1).tocoo()
    one, other = upper.row.astype(np.int64), upper.col.astype(np.int64)
    edges = sparse.coo_array((np.ones(one.size), (one, other)), shape=(n, n))
    parts, part = csgraph.connected_components(edges, directed=False)
    sizes = np.bincount(part, minlength=parts)
    scale = np.ones(parts)
    order = np.argsort(part, kind="stable")
    for k, members in enumerate(np.split(order, np.cumsum(sizes)[:-1])):
        if members.size > 1:
            inside = np.flatnonzero(part[one] == k)
            place = np.empty(n, dtype=np.int64)
            place[members] = np.arange(members.size)
            scale[k] = _typical_variance(place[one[inside]], place[other[inside]], members.size)
    return Graph(n, one, other, scale[part[one]], 1 / sizes[part], part)


def _typical_variance(one: NDArray[np.int64], other: NDArray[np.int64], n: int) -> float:
    """Return the geometric mean of the variances of a connected part's units, its edges having the precision 1.

    With G the inverse where the last unit is held at zero, they are the diagonal of G with rows and columns centred.
    """
    free = Graph(n, one, other, np.ones(one.size), np.zeros(n), np.zeros(n, dtype=np.int32)).precision()
    solver = factor(sparse.csc_array(free[:-1, :-1]))
    sums = solver.solve(np.ones(n - 1))
    some = np.arange(n - 1) if n <= DENSE_UP_TO else np.linspace(0, n - 2, SAMPLE).astype(np.int64)
    own = np.empty(some.size)
    for i, k in enumerate(some):
        spike = np.zeros(n - 1)
        spike[k] = 1.0
        own[i] = solver.solve(spike)[k]
    mean = sums.sum() / n**2
    variances = own - 2 * sums[some] / n + mean
    if n <= DENSE_UP_TO:
        variances = np.append(variances, mean)
    return float(np.exp(np.log(variances).mean()))
