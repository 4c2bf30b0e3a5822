"""What a lattice says at the cells of a grid: gathered by a narrow Gaussian, axis by axis. Arrays only."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._layout import Floats, Lattice
from geo.density._threads import in_bands

AT_ONCE = 4
"""Nodes down that are added together."""

COLUMNS = 1024
"""Columns that are gathered at once, so that the lines a row needs stay in the second-level cache."""

CELL_WORK = 0.3
"""Work of a cell, in points of a sweep."""


def add_gathered(
    values: Floats, nodes: Lattice, tau: float, cut: float, lattice: Lattice, threads: int, out: Floats
) -> None:
    """Add Σ value · exp(−d²/2τ²) over the nodes to the cells, shape (rows, cols); it is cut at ``cut`` · τ."""
    rows, cols = out.shape
    reach = cut * tau / nodes.cell
    half = 0.5 * lattice.cell
    west = (lattice.west + half - nodes.west) / nodes.cell - 0.5
    north = (nodes.north - lattice.north + half) / nodes.cell - 0.5
    step = lattice.cell / nodes.cell
    along = _shares(west, step, cols, reach, tau / nodes.cell)
    down = _shares(north, step, rows, reach, tau / nodes.cell)

    def some(top: int, bottom: int) -> None:
        _gather(values, *along, *down, top, bottom, out)

    in_bands(some, np.full(rows, CELL_WORK * cols), threads)


def _shares(begin: float, step: float, cells: int, reach: float, tau: float) -> tuple[NDArray[np.int64], Floats]:
    """Return the first node in reach of each cell along an axis, and what share it takes of that and the following."""
    at = begin + step * np.arange(cells, dtype=np.float64)
    first = np.ceil(at - reach)
    # A whole number of `AT_ONCE`; the lattice has nodes to spare.
    count = -(-(int(2 * reach) + 1) // AT_ONCE) * AT_ONCE
    return first.astype(np.int64), np.exp(-0.5 * ((first[:, None] + np.arange(count) - at[:, None]) / tau) ** 2)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _gather(
    values: Floats,
    first_col: NDArray[np.int64],
    along: Floats,
    first_row: NDArray[np.int64],
    down: Floats,
    top: int,
    bottom: int,
    out: Floats,
) -> None:
    """Add to the rows from ``top`` to before ``bottom``."""
    low = first_row[top]
    width = min(COLUMNS, out.shape[1])
    lines = np.empty((first_row[bottom - 1] + down.shape[1] - low, width))
    for left in range(0, out.shape[1], width):
        cols = min(width, out.shape[1] - left)
        for row in range(lines.shape[0]):
            for col in range(cols):
                begin, share = first_col[left + col], along[left + col]
                part = values[low + row, begin : begin + along.shape[1]]
                total = 0.0
                for k in range(share.size):
                    total += share[k] * part[k]
                lines[row, col] = total
        for row in range(top, bottom):
            line = out[row, left : left + cols]
            for k in range(0, down.shape[1], AT_ONCE):
                at = first_row[row] - low + k
                a, b, c, d = lines[at], lines[at + 1], lines[at + 2], lines[at + 3]
                p, q, r, s = down[row, k], down[row, k + 1], down[row, k + 2], down[row, k + 3]
                for col in range(cols):
                    line[col] += (p * a[col] + q * b[col]) + (r * c[col] + s * d[col])
