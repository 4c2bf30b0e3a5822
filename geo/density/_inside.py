"""Which cells of a lattice have their centre inside a polygon, row by row. Arrays only."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._layout import Floats, Lattice

Flags = NDArray[np.bool_]


def rows_inside(edges: Floats, lattice: Lattice, top: int, bottom: int, slack: float) -> tuple[Flags, Flags]:
    """Return for the rows from ``top`` to before ``bottom`` which centres lie inside, and which are near an edge.

    Parameters
    ----------
    edges
        (x, y, x, y) of beginning and end of each edge, shape (4, edges), in the lattice's unit.
    slack
        Cells along both axes that are near. With half a cell, a cell that is not near is inside or outside as a whole.
    """
    inside, near = np.zeros((2, bottom - top, lattice.cols), bool)
    _mark(edges, lattice, top, slack, inside, near)
    return inside, near


@njit(cache=True, nogil=True, error_model="numpy")
def _mark(edges: Floats, lattice: Lattice, top: int, slack: float, inside: Flags, near: Flags) -> None:
    rows, cols = inside.shape
    for edge in range(edges.shape[1]):
        y0 = (lattice.north - edges[1, edge]) / lattice.cell - 0.5 - top
        y1 = (lattice.north - edges[3, edge]) / lattice.cell - 0.5 - top
        high, low = min(y0, y1), max(y0, y1)
        begin = int(min(max(np.ceil(high - slack), 0.0), float(rows)))
        end = int(min(max(np.floor(low + slack) + 1.0, 0.0), float(rows)))
        x0 = (edges[0, edge] - lattice.west) / lattice.cell - 0.5
        x1 = (edges[2, edge] - lattice.west) / lattice.cell - 0.5
        slope = (x1 - x0) / (y1 - y0) if y0 != y1 else 0.0
        for row in range(begin, end):
            if high <= row < low:
                # Even–odd rule: all centres east of the crossing change sides.
                cross = np.ceil(x0 + slope * (row - y0))
                if cross < cols:
                    inside[row, int(max(cross, 0.0))] ^= True
            # What of the edge is near the row.
            ya, yb = max(high, row - slack), min(low, row + slack)
            xa, xb = (x0 + slope * (ya - y0), x0 + slope * (yb - y0)) if y0 != y1 else (x0, x1)
            left = int(min(max(np.ceil(min(xa, xb) - slack), 0.0), float(cols)))
            right = int(min(max(np.floor(max(xa, xb) + slack) + 1.0, 0.0), float(cols)))
            near[row, left:right] = True
    for row in range(rows):
        held = False
        for col in range(cols):
            held ^= inside[row, col]
            inside[row, col] = held


def columns_in_reach(edges: Floats, lattice: Lattice, top: int, bottom: int, radius: float) -> Flags:
    """Tell in which columns cells of the rows from ``top`` to before ``bottom`` may be within a radius of an edge."""
    x0, y0, x1, y1 = edges
    upper = lattice.north - top * lattice.cell + radius
    lower = lattice.north - bottom * lattice.cell - radius
    mine = (np.minimum(y0, y1) <= upper) & (np.maximum(y0, y1) >= lower)
    x0, y0, x1, y1 = edges[:, mine]
    # The part of each edge that is near the rows.
    rise = np.where(y1 == y0, np.inf, y1 - y0)
    ends = [x0 + (x1 - x0) * np.clip((limit - y0) / rise, 0.0, 1.0) for limit in (lower, upper)]
    level = y1 == y0
    ends[0][level], ends[1][level] = x0[level], x1[level]
    first = np.floor((np.minimum(*ends) - radius - lattice.west) / lattice.cell - 1.0).clip(0, lattice.cols)
    last = np.ceil((np.maximum(*ends) + radius - lattice.west) / lattice.cell + 1.0).clip(0, lattice.cols)
    change = np.bincount(first.astype(np.intp), minlength=lattice.cols + 1)
    change -= np.bincount(last.astype(np.intp), minlength=lattice.cols + 1)
    return np.cumsum(change)[:-1] > 0
